"""Imports: which file gave which rows, and which rows were not taken."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from .connection import Reader
from .database import Transaction

MOST_LABELS = 50
"""How many gold labels a summary names."""


@dataclass(frozen=True, slots=True)
class Import:
    id: int
    run_id: str
    source: str
    sha256: str | None
    split: str
    mapping: dict[str, str]
    created: float
    imported: int
    rejected: int
    duplicates: int
    blank_labels: int


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """``line`` is the physical line of the file (for Parquet and folders the row number), from 1."""

    line: int
    reason: str
    excerpt: str


def start(tx: Transaction, run_id: str, source: str, split: str, mapping: Mapping[str, str], sha256: str | None) -> int:
    """Record that an import begins (once a run); returns its id."""
    row = tx.execute("SELECT id FROM imports WHERE run_id = ?", (run_id,)).fetchone()
    if row is not None:
        return int(row[0])
    return tx.insert(
        "imports",
        run_id=run_id,
        source=source,
        sha256=sha256,
        split=split,
        mapping=json.dumps(dict(mapping)),
        created=time.time(),
    )


def count_up(tx: Transaction, import_id: int, **by: int) -> None:
    """Add to ``imported``, ``duplicates``, ``blank_labels`` or ``rejected``."""
    for name, amount in by.items():
        tx.execute(f"UPDATE imports SET {name} = {name} + ? WHERE id = ?", (amount, import_id))


def reject(tx: Transaction, import_id: int, rows: Iterable[RejectedRow]) -> None:
    values = [(import_id, row.line, row.reason, row.excerpt) for row in rows]
    tx.executemany("INSERT INTO rejected_rows (import_id, line, reason, excerpt) VALUES (?, ?, ?, ?)", values)
    count_up(tx, import_id, rejected=len(values))
    tx.touch("examples")


def all_imports(db: Reader) -> list[Import]:
    rows = db.execute(
        "SELECT id, run_id, source, sha256, split, mapping, created, imported, rejected, duplicates, blank_labels"
        " FROM imports ORDER BY id"
    )
    return [Import(**(dict(row) | {"mapping": json.loads(row["mapping"])})) for row in rows]


def same_source(db: Reader, sha256: str, split: str) -> Import | None:
    """An earlier import of the same bytes into the same split that took all its rows in, or is still at it."""
    cut_short = _cut_short(db)
    return next((i for i in _of_source(db, sha256, split) if i.imported and i.run_id not in cut_short), None)


def last_line(db: Reader, sha256: str, split: str) -> tuple[int, int]:
    """The last line that imports of these bytes into this split, cut short, took in, and how many rows of it.

    A JSON file may have all its rows on one line. (0, 0) if there was no such import.
    """
    ids = [i.id for i in _of_source(db, sha256, split)]
    here = f"FROM examples WHERE import_id IN ({', '.join('?' * len(ids))})"
    last = int(db.execute(f"SELECT max(line) {here}", ids).fetchone()[0] or 0)
    return last, int(db.execute(f"SELECT count(*) {here} AND line = ?", [*ids, last]).fetchone()[0])


def _of_source(db: Reader, sha256: str, split: str) -> list[Import]:
    return [i for i in all_imports(db) if i.sha256 == sha256 and i.split == split]


def _cut_short(db: Reader) -> set[str]:
    """Runs that were stopped or died: the rest of their file can still be taken in."""
    return {row[0] for row in db.execute("SELECT id FROM runs WHERE state IN ('stopped', 'failed', 'interrupted')")}


def rejected(db: Reader, import_id: int | None = None, limit: int = 10_000) -> list[RejectedRow]:
    sql = "SELECT line, reason, excerpt FROM rejected_rows WHERE ? IS NULL OR import_id = ? ORDER BY id LIMIT ?"
    return [RejectedRow(**dict(row)) for row in db.execute(sql, (import_id, import_id, limit))]


def summary(db: Reader, run_id: str, labels: Mapping[str, int] | None = None) -> dict[str, Any]:
    """What the command line prints of one import.

    Args:
        labels: the most frequent gold labels where they were counted already; None: all examples are read.
    """
    row = db.execute("SELECT * FROM imports WHERE run_id = ?", (run_id,)).fetchone()
    if row is None:
        return {"imported": 0, "rejected": [], "duplicates": 0, "labels": {}}
    return {
        "imported": row["imported"],
        "rejected": [{"line": r.line, "reason": r.reason} for r in rejected(db, row["id"])],
        "duplicates": row["duplicates"],
        "labels": _labels(db, row["id"]) if labels is None else dict(labels),
    }


def _labels(db: Reader, import_id: int) -> dict[str, int]:
    rows = db.execute(
        "SELECT label, count(*) FROM examples WHERE import_id = ? AND label IS NOT NULL GROUP BY 1"
        " ORDER BY 2 DESC LIMIT ?",
        (import_id, MOST_LABELS),
    )
    return {label: n for label, n in rows}
