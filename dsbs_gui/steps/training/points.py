"""What the curves and the table of sample predictions show of a run, read a part at a time.

Plain Python over the store; called in a background thread.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from dsbs_gui.core.store import training
from dsbs_gui.core.store.connection import Reader

METRICS = ("label_loss", "rationale_loss", "loss", "valid_label_loss", "lr", "grad_norm")
"""Metrics that are drawn; ``accuracy`` comes from the validations."""
RATES = ("examples_per_s", "tokens_per_s", "gpu_memory_mb", "gpu_use_percent")
"""Metrics of which the newest value is shown."""
OUTLINED = ("label_loss", "rationale_loss", "valid_label_loss")
"""Of a long run these come first, as an outline."""
LONG = 20_000
"""Values of a metric from which on a run is."""
OUTLINE = 2_000

Points = tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]


@dataclass(frozen=True)
class News:
    """Points of a run by name, behind those drawn. ``coarse``: an outline, all of them are still to be read.

    ``rates`` are the newest values of :data:`RATES`.
    """

    points: dict[str, Points] = field(default_factory=dict)
    coarse: bool = False
    rates: dict[str, float] = field(default_factory=dict)


def news(db: Reader, run_id: str, after: Mapping[str, float], *, whole: bool = False) -> News:
    """Points behind the last ones drawn. A run that is long and new to the page comes as an outline first.

    Args:
        after: last step drawn of each curve.
        whole: read everything, however long it is.
    """
    rates = training.latest(db, run_id, RATES)
    if not after and not whole and (outline := _outline(db, run_id)):
        return News(outline | _accuracy(db, run_id, -1), True, rates)
    found = {}
    for name in METRICS:
        steps, values = training.series(db, run_id, name, int(after.get(name, -1)))
        if steps:
            found[name] = _arrays(steps, values)
    return News(found | _accuracy(db, run_id, int(after.get("accuracy", -1))), False, rates)


def samples(db: Reader, run_id: str, step: int) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """What the student answered at a validation, and at the one before it ([] at the first)."""
    earlier = [score.step for score in training.scores(db, run_id) if score.step < step]
    before = training.samples_at(db, run_id, earlier[-1]) if earlier else []
    return training.samples_at(db, run_id, step), before


def _outline(db: Reader, run_id: str) -> dict[str, Points]:
    """Of the losses if one is long, else nothing."""
    if (first := training.outline(db, run_id, OUTLINED[0], OUTLINE, LONG)) is None:
        return {}
    others = ((name, training.outline(db, run_id, name, OUTLINE)) for name in OUTLINED[1:])
    return {OUTLINED[0]: _arrays(*first)} | {name: _arrays(*points) for name, points in others if points is not None}


def _accuracy(db: Reader, run_id: str, after: int) -> dict[str, Points]:
    scores = training.scores(db, run_id, after_step=after)
    return {"accuracy": _arrays([s.step for s in scores], [s.accuracy for s in scores])} if scores else {}


def _arrays(steps: list[int], values: list[float]) -> Points:
    return np.array(steps, dtype=np.float64), np.array(values, dtype=np.float64)
