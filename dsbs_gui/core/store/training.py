"""What training runs leave: metrics a step, validations, checkpoints."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from .connection import Reader
from .database import Transaction


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Validation at ``step``; ``samples`` as in ``protocol.Evaluated``."""

    step: int
    split: str
    n: int
    correct: int
    samples: list[dict[str, Any]]

    @property
    def accuracy(self) -> float:
        return self.correct / self.n if self.n else 0.0


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """``path`` is relative to the run's folder."""

    step: int
    path: str
    best: bool


def add_metrics(tx: Transaction, run_id: str, step: int, values: Mapping[str, float]) -> None:
    """NaN and infinity are stored as NULL and shown as a gap with a mark."""
    rows = [(run_id, name, step, value if math.isfinite(value) else None) for name, value in values.items()]
    tx.executemany("INSERT OR REPLACE INTO metrics (run_id, name, step, value) VALUES (?, ?, ?, ?)", rows)
    tx.touch("metrics", [run_id])


def series(db: Reader, run_id: str, name: str, after_step: int = -1) -> tuple[list[int], list[float]]:
    """Steps and values of one metric after ``after_step``; NaN where the value was not finite."""
    rows = db.execute(
        "SELECT step, value FROM metrics WHERE run_id = ? AND name = ? AND step > ? ORDER BY step",
        (run_id, name, after_step),
    ).fetchall()
    return [row[0] for row in rows], [math.nan if row[1] is None else row[1] for row in rows]


def metric_names(db: Reader, run_id: str) -> list[str]:
    return [row[0] for row in db.execute("SELECT DISTINCT name FROM metrics WHERE run_id = ? ORDER BY 1", (run_id,))]


def add_evaluation(
    tx: Transaction,
    run_id: str,
    step: int,
    split: str,
    n: int,
    correct: int,
    samples: Iterable[Mapping[str, Any]],
) -> None:
    tx.execute(
        "INSERT OR REPLACE INTO evaluations (run_id, split, step, n, correct, samples) VALUES (?, ?, ?, ?, ?, ?)",
        (run_id, split, step, n, correct, json.dumps([dict(s) for s in samples], ensure_ascii=False)),
    )
    tx.touch("metrics", [run_id])


def evaluations(db: Reader, run_id: str, split: str = "valid") -> list[Evaluation]:
    rows = db.execute(
        "SELECT step, split, n, correct, samples FROM evaluations WHERE run_id = ? AND split = ? ORDER BY step",
        (run_id, split),
    )
    return [Evaluation(r["step"], r["split"], r["n"], r["correct"], json.loads(r["samples"])) for r in rows]


def add_checkpoint(tx: Transaction, run_id: str, step: int, path: str, best: bool) -> None:
    """Record a checkpoint; a new best one takes the mark from the old."""
    if best:
        tx.execute("UPDATE checkpoints SET best = 0 WHERE run_id = ?", (run_id,))
    tx.execute(
        "INSERT OR REPLACE INTO checkpoints (run_id, step, path, best) VALUES (?, ?, ?, ?)",
        (run_id, step, path, int(best)),
    )
    tx.touch("runs", [run_id])


def checkpoints(db: Reader, run_id: str) -> list[Checkpoint]:
    rows = db.execute("SELECT step, path, best FROM checkpoints WHERE run_id = ? ORDER BY step", (run_id,))
    return [Checkpoint(r["step"], r["path"], bool(r["best"])) for r in rows]


def best_checkpoint(db: Reader, run_id: str) -> Checkpoint | None:
    """The student that a run has kept; None before the first."""
    return next((c for c in checkpoints(db, run_id) if c.best), None)


def copy_until(tx: Transaction, source: str, target: str, step: int) -> None:
    """Give a run that goes on from another one the curves of that one, up to ``step``."""
    tx.execute(
        "INSERT OR IGNORE INTO metrics (run_id, name, step, value)"
        " SELECT ?, name, step, value FROM metrics WHERE run_id = ? AND step <= ?",
        (target, source, step),
    )
    tx.execute(
        "INSERT OR IGNORE INTO evaluations (run_id, split, step, n, correct, samples)"
        " SELECT ?, split, step, n, correct, samples FROM evaluations WHERE run_id = ? AND step <= ?",
        (target, source, step),
    )
    tx.touch("metrics", [target])
