"""Answers that the robust parser has read, and by which version of it: what can be read again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from . import answers

if TYPE_CHECKING:
    from .answers import Answer
    from .connection import Reader
    from .database import Transaction

# Answers that failed before they were read, rationales that were imported as such and the paper's reading stay out.
_READ = "parser LIKE 'robust%'"
_PER_QUERY = 500


def each(db: Reader, after: int = 0, every: int = 1) -> Iterator[Answer]:
    """In id order, by keyset pages. ``after``: only ids above this one; ``every``: only ids that it divides."""
    sql = f"SELECT id FROM answers WHERE id > ? AND id % ? = 0 AND {_READ} ORDER BY id LIMIT ?"
    while ids := [row[0] for row in db.execute(sql, (after, every, _PER_QUERY))]:
        found = answers.page(db, ids)
        yield from (found[answer_id] for answer_id in ids)
        after = ids[-1]


def count(db: Reader, other_than: str | None = None) -> int:
    """How many; with ``other_than`` only those that another version has read."""
    sql = f"SELECT count(*) FROM answers WHERE {_READ} AND (?1 IS NULL OR parser <> ?1)"
    return int(db.execute(sql, (other_than,)).fetchone()[0])


def mark(tx: Transaction, version: str) -> None:
    """All of them have been read by this version."""
    tx.execute(f"UPDATE answers SET parser = ?1 WHERE {_READ} AND parser <> ?1", (version,))
    tx.touch("answers")
