"""``dsbs review-share``, ``review-merge`` and ``agreement``."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence
from typing import Any

from dsbs_gui.core.errors import UserError
from dsbs_gui.core.store import examples, reviews
from dsbs_gui.core.store.filters import SPLITS, STATES, Filter
from dsbs_gui.steps.review import agreement as agreeing
from dsbs_gui.steps.review import second_review, sharing

from .common import follow, opened, reading

_LINES_TOLD = 20


def share(arguments: Namespace) -> dict[str, Any]:
    chosen = Filter(states=_known("state", arguments.status, STATES), splits=_known("split", arguments.split, SPLITS))
    with reading(arguments.project) as project:
        done = sharing.write_share(
            project.store.reader,
            arguments.out,
            chosen,
            n=arguments.rows,
            seed=arguments.seed,
            gold=arguments.show_gold,
        )
    return {"file": str(done.path), "rows": done.rows, "left_out": done.left_out, "gold": arguments.show_gold}


def _known(what: str, given: Sequence[str], options: Sequence[str]) -> tuple[str, ...]:
    for name in given:
        if name not in options:
            raise UserError(f"There is no {what} “{name}”.", f"Choose among {', '.join(options)}.")
    return tuple(given)


def merge(arguments: Namespace) -> dict[str, Any]:
    with opened(arguments.project) as project:
        found = second_review.read(project.store.reader, project.task, arguments.file, arguments.reviewer)
        if found.reviews:
            project.store.write_now(lambda tx: reviews.put(tx, found.reviews))
        differing = examples.count(project.store.reader, Filter(queue="reviewers"))
    bad = [{"line": bad.line, "reason": bad.reason} for bad in found.bad]
    return {
        "reviewer": found.reviewer,
        "merged": len(found.reviews),
        "undecided": found.undecided,
        "differing": differing,
        "bad_lines": bad,
        "_text": _merged(found, differing),
        "_failed": bool(bad) and not found.reviews,
    }


def _merged(found: second_review.Returned, differing: int) -> str:
    lines = [f"{found.reviewer}: {len(found.reviews)} decisions taken in, {found.undecided} rows without a decision."]
    lines += [f"line {bad.line}: {bad.reason}" for bad in found.bad[:_LINES_TOLD]]
    if len(found.bad) > _LINES_TOLD:
        lines.append(f"… and {len(found.bad) - _LINES_TOLD} more lines that were not taken; --json lists them all.")
    waits = "1 row waits" if differing == 1 else f"{differing} rows wait"
    lines.append(f"{waits} in Review for a choice between the reviewers (queue “Reviewers differ”).")
    return "\n".join(lines)


def agreement(arguments: Namespace) -> dict[str, Any]:
    with opened(arguments.project) as project:
        run = follow(project, agreeing.request(project))
    found = {name: run.summary[name] for name in ("reviewers", "rows", "measures")}
    return {"run": run.id, **found, "_text": "\n".join(agreeing.sentences(found))}
