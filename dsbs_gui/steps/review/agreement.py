"""How far reviewers agree: the job that measures it, and its result in sentences. No Qt, and no statistics here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dsbs_gui.core.errors import UserError
from dsbs_gui.core.jobs.request import JobRequest
from dsbs_gui.core.specs import Spec
from dsbs_gui.core.store import reviews
from dsbs_gui.kit.words import DASH, percent, plural

if TYPE_CHECKING:
    from dsbs_gui.core.project import Project
    from dsbs_gui.core.store.connection import Reader
    from dsbs_gui.core.store.reviews import Review

HERE = "here"
"""What the project's own reviewer is called."""

MEASURES: Mapping[str, str] = {
    "kept": "keeping or rejecting",
    "decision": "accepting, editing or rejecting",
    "label": "the label of rows that both keep",
}
"""What is compared."""


HOW = (
    "κ and α are the agreement beyond what chance alone would bring: 1 is complete, 0 no more than chance. Their"
    " intervals are 95 % ones, by the jackknife over rows; that of the share is Wilson’s."
)
FILL_IN = (
    "The second reviewer writes accepted, rejected or skipped as the decision of each line, and may change rationale or"
    " label; or imports the file into a project and exports JSONL after reviewing."
)


@dataclass(frozen=True)
class AgreementSpec(Spec):
    """Measure the agreement of the reviewers in ``input.jsonl``.

    A line is ``{"id", "sides": {reviewer: {measure: category}}}``; a side that has not decided is not there.

    Attributes:
        reviewers: all of them, the project's own first.
    """

    reviewers: tuple[str, ...] = (HERE,)


def request(project: Project) -> JobRequest:
    """The job. Raises UserError if nobody else has reviewed anything."""
    others = reviews.reviewers(project.store.reader)
    if not others:
        raise UserError(
            "Nobody else has reviewed anything yet.", "Export a share for a second reviewer and import what comes back."
        )
    spec = AgreementSpec(reviewers=(HERE, *others))
    rows = list(_rows(project.store.reader))
    return JobRequest("agreement", "Measure the reviewers’ agreement", "disk", spec, {"input.jsonl": rows})


def _rows(db: Reader) -> Iterator[dict[str, Any]]:
    for page in reviews.sides(db):
        for example_id, sides in page.items():
            yield {
                "id": example_id,
                "sides": {side.reviewer or HERE: _categories(side) for side in sides if _has(side)},
            }


def _has(side: Review) -> bool:
    return side.state in reviews.DECIDED


def _categories(side: Review) -> dict[str, str]:
    """What a side says, by measure. Labels that mean the gold one are one category, however they are written."""
    if side.state == "rejected":
        return {"kept": "rejected", "decision": "rejected"}
    label = "the gold label" if side.agree == 1 else f"“{(side.label or '').strip().casefold()}”"
    return {"kept": "kept", "decision": side.state, "label": label}


def sentences(found: Mapping[str, Any]) -> list[str]:
    """The result of the job as one reads it."""
    lines = []
    for measure in found["measures"]:
        what = MEASURES.get(measure["name"], measure["name"])
        for pair in measure["pairs"]:
            if pair["n"]:
                lines.append(f"{_names(pair['reviewers'])} agree on {what} in {_pair(pair)}.")
        alpha = measure["alpha"]
        if alpha is not None and measure["pairs"] and any(pair["n"] for pair in measure["pairs"]):
            lines.append(f"Krippendorff’s α for {what}: {_with_interval(alpha, measure['alpha_ci'])}.")
    return lines or ["No row was decided by two reviewers yet."]


def _names(names: list[str]) -> str:
    a, b = (
        f"{name[:1].upper()}{name[1:]}" if name == HERE and place == 0 else name for place, name in enumerate(names)
    )
    return f"{a} and {b}"


def _pair(pair: Mapping[str, Any]) -> str:
    low, high = pair["agreement_ci"]
    text = f"{percent(pair['agreement'], 0)} of {plural(pair['n'], 'row')} ({low * 100:.0f}{DASH}{high * 100:.0f} %)"
    if pair["kappa"] is None:
        return f"{text}; κ is not defined, since {pair['why']}"
    return f"{text}; Cohen’s κ {_with_interval(pair['kappa'], pair['kappa_ci'])}"


def _with_interval(value: float, interval: list[float] | None) -> str:
    return f"{value:.2f}" + (f" ({interval[0]:.2f} to {interval[1]:.2f})" if interval else "")
