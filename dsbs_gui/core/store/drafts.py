"""Texts that somebody is typing and has not saved: one draft an example, gone as soon as they are saved.

A draft changes nothing but itself: it is no edit, and nobody is told.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from .connection import Reader
from .database import Transaction


@dataclass(frozen=True, slots=True)
class Draft:
    """Texts as they were at the time ``t`` (Unix seconds); None = not changed."""

    example_id: int
    t: float
    rationale: str | None
    label: str | None
    note: str | None = None


def keep(tx: Transaction, example_id: int, rationale: str | None, label: str | None, note: str | None = None) -> None:
    """The texts as they are now, in the place of an earlier draft."""
    tx.execute(
        "INSERT INTO drafts (example_id, t, rationale, label, note) VALUES (?, ?, ?, ?, ?) ON CONFLICT (example_id) DO"
        " UPDATE SET t = excluded.t, rationale = excluded.rationale, label = excluded.label, note = excluded.note",
        (example_id, time.time(), rationale, label, note),
    )


def discard(tx: Transaction, example_id: int) -> None:
    """There is no draft of this example any more."""
    tx.execute("DELETE FROM drafts WHERE example_id = ?", (example_id,))


def of_example(db: Reader, example_id: int) -> Draft | None:
    row = db.execute("SELECT * FROM drafts WHERE example_id = ?", (example_id,)).fetchone()
    return None if row is None else Draft(**dict(row))


def left(db: Reader, most: int = 20) -> list[Draft]:
    """The newest drafts."""
    return [Draft(**dict(row)) for row in db.execute("SELECT * FROM drafts ORDER BY t DESC LIMIT ?", (most,))]
