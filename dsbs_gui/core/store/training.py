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


def outline(
    db: Reader, run_id: str, name: str, buckets: int, longer_than: int = 0
) -> tuple[list[int], list[float]] | None:
    """The course of a long metric in about ``buckets`` ranges of steps, the least and the greatest value of each.

    Two points a range at its first step; NaN where it has no finite value. None for one that has not more than
    ``longer_than`` values. Reading all of a quarter of a million values takes five times as long.
    """
    key = (run_id, name)
    found = db.execute(
        "SELECT count(*), min(step), max(step) FROM metrics WHERE run_id = ? AND name = ?", key
    ).fetchone()
    if not found[0] or found[0] <= longer_than:
        return None
    width = max(1, (found[2] - found[1]) // buckets)
    rows = db.execute(
        "SELECT min(step), max(value), min(value) FROM metrics WHERE run_id = ? AND name = ? GROUP BY step / ?",
        (*key, width),
    ).fetchall()
    steps = [step for step, _, _ in rows for _ in range(2)]
    return steps, [math.nan if value is None else value for row in rows for value in row[1:]]


def sums_by_range(db: Reader, run_id: str, name: str, width: int, after_step: int = -1) -> list[tuple[int, float, int]]:
    """By ``step // width``: the sum of the finite values after ``after_step`` and their number."""
    rows = db.execute(
        "SELECT step / ?, total(value), count(value) FROM metrics"
        " WHERE run_id = ? AND name = ? AND step > ? GROUP BY 1",
        (width, run_id, name, after_step),
    )
    return [(row[0], row[1], row[2]) for row in rows]


def last_step(db: Reader, run_id: str, name: str) -> int | None:
    """Of a metric; None before its first value."""
    row = db.execute("SELECT max(step) FROM metrics WHERE run_id = ? AND name = ?", (run_id, name)).fetchone()
    return None if row[0] is None else int(row[0])


def latest(db: Reader, run_id: str, names: Iterable[str]) -> dict[str, float]:
    """The newest finite value of each metric that has one."""
    found = {}
    for name in names:
        row = db.execute(
            "SELECT value FROM metrics WHERE run_id = ? AND name = ? AND value IS NOT NULL ORDER BY step DESC LIMIT 1",
            (run_id, name),
        ).fetchone()
        if row is not None:
            found[name] = float(row[0])
    return found


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


def scores(db: Reader, run_id: str, split: str = "valid", after_step: int = -1) -> list[Evaluation]:
    """As :func:`evaluations`, without reading the samples, which are long."""
    rows = db.execute(
        "SELECT step, split, n, correct FROM evaluations WHERE run_id = ? AND split = ? AND step > ? ORDER BY step",
        (run_id, split, after_step),
    )
    return [Evaluation(r["step"], r["split"], r["n"], r["correct"], []) for r in rows]


def samples_at(db: Reader, run_id: str, step: int, split: str = "valid") -> list[dict[str, Any]]:
    """What the student answered at a validation; [] if there was none at ``step``."""
    row = db.execute(
        "SELECT samples FROM evaluations WHERE run_id = ? AND split = ? AND step = ?", (run_id, split, step)
    ).fetchone()
    return [] if row is None else json.loads(row[0])


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
