"""Students' predictions on a split, and how often the test split was opened."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass

from .connection import Reader, Row
from .database import Transaction


@dataclass(frozen=True, slots=True)
class Prediction:
    """``run_id`` is the training run of the student; ``correct`` None where there is no gold label."""

    run_id: str
    split: str
    example_id: int
    prediction: str
    rationale: str | None
    correct: bool | None


@dataclass(frozen=True, slots=True)
class Opening:
    """One deliberate look at the test split."""

    t: float
    who: str
    run_id: str


def put(tx: Transaction, rows: Iterable[Prediction]) -> None:
    values = [
        (
            p.run_id,
            p.split,
            p.example_id,
            p.prediction,
            p.rationale,
            None if p.correct is None else int(p.correct),
        )
        for p in rows
    ]
    tx.executemany(
        "INSERT OR REPLACE INTO predictions (run_id, split, example_id, prediction, rationale, correct)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        values,
    )
    tx.touch("predictions", {value[0] for value in values})


def of_run(db: Reader, run_id: str, split: str) -> list[Prediction]:
    """In example order."""
    rows = db.execute(
        "SELECT run_id, split, example_id, prediction, rationale, correct FROM predictions"
        " WHERE run_id = ? AND split = ? ORDER BY example_id",
        (run_id, split),
    )
    return [_prediction(row) for row in rows]


def _prediction(row: Row) -> Prediction:
    values = dict(row)
    values["correct"] = None if values["correct"] is None else bool(values["correct"])
    return Prediction(**values)


def clear(tx: Transaction, run_id: str, split: str) -> None:
    tx.execute("DELETE FROM predictions WHERE run_id = ? AND split = ?", (run_id, split))
    tx.touch("predictions", [run_id])


def evaluated(db: Reader, split: str) -> list[str]:
    """Training runs that have predictions on ``split``."""
    return [row[0] for row in db.execute("SELECT DISTINCT run_id FROM predictions WHERE split = ?", (split,))]


def record_opening(tx: Transaction, run_id: str, who: str) -> None:
    tx.insert("openings", t=time.time(), who=who, run_id=run_id)
    tx.touch("predictions")


def openings(db: Reader) -> list[Opening]:
    return [Opening(*row) for row in db.execute("SELECT t, who, run_id FROM openings ORDER BY id")]
