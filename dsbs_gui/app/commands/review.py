"""``dsbs signals``."""

from __future__ import annotations

from argparse import Namespace
from typing import Any

from dsbs_gui.core.store import signals as store
from dsbs_gui.steps.review.signals import plan
from dsbs_gui.steps.review.signals.explaining import SIGNALS

from .common import follow, opened


def signals(arguments: Namespace) -> dict[str, Any]:
    with opened(arguments.project) as project:
        run = follow(project, plan.request(project))
        counted = store.counts(project.store.reader)
    found = {name: counted.get(name, 0) for name in SIGNALS}
    rationales, checked = int(run.summary["rationales"]), int(run.summary["checked"])
    return {
        "run": run.id,
        "rationales": rationales,
        "checked": checked,
        "signals": found,
        "_text": _sentences(rationales, checked, found),
        "_failed": run.state == "stopped",
    }


def _sentences(rationales: int, checked: int, found: dict[str, int]) -> str:
    lines = [f"Read {checked} of {rationales} rationales; the others have not changed."]
    if checked == rationales:
        lines = [f"Read {rationales} rationale{'' if rationales == 1 else 's'}."]
    width = len(str(max(found.values(), default=0)))
    lines += [f"{n:>{width}}  {name}: {SIGNALS[name].meaning}" for name, n in found.items() if n]
    return "\n".join(lines) if len(lines) > 1 else f"{lines[0]} No signal holds of any."
