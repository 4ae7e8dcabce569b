"""What is known of other reviewers, in two sentences. No Qt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dsbs_gui.core.store import examples, reviews, runs
from dsbs_gui.core.store.filters import Filter
from dsbs_gui.kit.words import plural

if TYPE_CHECKING:
    from dsbs_gui.core.store.connection import Reader


@dataclass(frozen=True, slots=True)
class Standing:
    """The other reviewers with how many rows each has decided, how many rows wait for a choice, the last measurement.

    ``measured`` is the summary of the job *agreement*; None if there was none.
    """

    reviewers: Mapping[str, int]
    differing: int
    measured: Mapping[str, Any] | None


def standing(db: Reader) -> Standing:
    """Look it up. Never on the window's thread."""
    done = runs.all_runs(db, kind="agreement", states=("done",))
    newest = max(done, key=lambda run: run.number, default=None)
    differing = examples.count(db, Filter(queue="reviewers"))
    return Standing(reviews.reviewers(db), differing, newest.summary if newest else None)


def headline(found: Standing) -> str:
    """What to do."""
    if not found.reviewers:
        return "Nobody else has reviewed yet. Export a share for a second reviewer, and import what comes back."
    if not found.differing:
        return "No row waits for a choice between the reviewers."
    waits = "waits" if found.differing == 1 else "wait"
    return f"{plural(found.differing, 'row')} {waits} for a choice between the reviewers."


def details(found: Standing) -> str:
    """Who has decided how much, and how far they agreed when it was measured last."""
    parts = [f"{name}: {plural(n, 'row')} decided" for name, n in found.reviewers.items()]
    if found.measured is not None:
        for pair in found.measured["measures"][0]["pairs"]:
            if pair["kappa"] is not None and "here" in pair["reviewers"]:
                other = next(name for name in pair["reviewers"] if name != "here")
                interval = pair["kappa_ci"]
                within = f" ({interval[0]:.2f} to {interval[1]:.2f})" if interval else ""
                parts.append(f"κ with {other} for keeping or rejecting {pair['kappa']:.2f}{within} on {pair['n']}")
    return " · ".join(parts) or "The file holds no decision of yours, and gold labels only if you wish."
