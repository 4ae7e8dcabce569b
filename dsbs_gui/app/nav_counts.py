"""What the navigation says about each step: the one number that matters most. Plain Python."""

from __future__ import annotations

from dsbs_gui.core.store import examples, exports, predictions, runs
from dsbs_gui.core.store.connection import Reader
from dsbs_gui.core.store.filters import Filter


def counts(db: Reader) -> dict[str, int | float]:
    """Step → examples · share of the training rows with a teacher's rationale · rows to review · students ·
    students evaluated · exports. A step without anything is left out."""
    by_state = examples.counts(db, "state")
    total = sum(by_state.values())
    found: dict[str, int | float] = {
        "data": total,
        "teacher": _answered(db),
        "review": by_state.get("unreviewed", 0),
        "training": len(runs.all_runs(db, kind="train", states=("done", "stopped"))),
        "evaluation": len(predictions.evaluated(db, "test")),
        "export": len(exports.all_exports(db)),
    }
    return {step: value for step, value in found.items() if value}


def _answered(db: Reader) -> float:
    """0 to 1."""
    by_origin = examples.counts(db, "origin", Filter(splits=("train",)))
    rows = sum(by_origin.values())
    return by_origin.get("teacher", 0) / rows if rows else 0.0
