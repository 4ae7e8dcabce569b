"""Sketches of texts, by which similar ones are found: a few bytes a text, made by the job *sketch*.

The sketch of a text that has changed is gone: a trigger takes it away in the transaction that changes the text.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from dsbs_gui.core.hashing import text_mark

from .filters import as_json

if TYPE_CHECKING:
    from .connection import Reader
    from .database import Transaction

FIELDS = ("input", "rationale")
_PER_QUERY = 500
_PER_PAGE = 50_000


def missing(db: Reader, field: str, most: int = -1) -> array[int]:
    """Examples that have a text and no sketch of it, by id; of at most so many, -1: all.

    Raises ValueError for an unknown ``field``.
    """
    _checked(field)
    # Rows without a sketch come from an index; only these few are looked at themselves.
    unknown = (
        "SELECT id FROM examples INDEXED BY examples_review WHERE NOT EXISTS"
        f" (SELECT 1 FROM sketches s WHERE s.field = '{field}' AND s.example_id = examples.id)"
    )
    if field == "rationale":
        has_text = "SELECT 1 FROM examples e WHERE e.id = unknown.id AND e.rationale IS NOT NULL"
        unknown = f"SELECT id FROM ({unknown} AND state <> 'empty') unknown WHERE EXISTS ({has_text})"
    found = array("q", (row[0] for row in db.execute(f"{unknown} LIMIT ?", (most,))))
    return array("q", sorted(found))


def texts(db: Reader, field: str, wanted: Sequence[int]) -> Iterator[tuple[int, str]]:
    """Ids and texts of those examples that have one."""
    _checked(field)
    for start in range(0, len(wanted), _PER_QUERY):
        sql = (
            f"SELECT e.id, e.{field} FROM json_each(?) w JOIN examples e ON e.id = w.value WHERE e.{field} IS NOT NULL"
        )
        yield from db.execute(sql, (as_json(wanted[start : start + _PER_QUERY]),)).fetchall()


def any_there(db: Reader, field: str) -> bool:
    return db.execute("SELECT 1 FROM sketches WHERE field = ? LIMIT 1", (field,)).fetchone() is not None


def of_example(db: Reader, field: str, example_id: int) -> bytes | None:
    sql = "SELECT sketch FROM sketches WHERE field = ? AND example_id = ?"
    row = db.execute(sql, (field, example_id)).fetchone()
    return None if row is None else bytes(row[0])


def pages(db: Reader, field: str, length: int) -> Iterator[tuple[array[int], bytes]]:
    """All ids with a sketch of so many bytes, and the sketches one after the other, some ten thousand at a time.

    Joined by SQLite itself: a million rows one by one would keep the window's thread from Python for a second.
    """
    last = -1
    sql = (
        "SELECT group_concat(example_id), group_concat(hex(sketch), '') FROM"
        " (SELECT example_id, sketch FROM sketches WHERE field = ? AND example_id > ?"
        " AND length(sketch) = ? ORDER BY example_id LIMIT ?)"
    )
    while True:
        joined, sketched = db.execute(sql, (field, last, length, _PER_PAGE)).fetchone()
        if joined is None:
            return
        ids = array("q", map(int, joined.split(",")))
        yield ids, bytes.fromhex(sketched)
        last = ids[-1]


def put(tx: Transaction, field: str, rows: Sequence[tuple[int, str, str]]) -> None:
    """Keep sketches: id, ``text_mark`` and sketch, both in hex; those of texts that have changed since are dropped."""
    given = {int(example_id): (of_text, sketch) for example_id, of_text, sketch in rows}
    tx.executemany(
        "INSERT OR REPLACE INTO sketches (field, example_id, sketch) VALUES (?, ?, ?)",
        [
            (field, example_id, bytes.fromhex(given[example_id][1]))
            for example_id, text in texts(tx, field, list(given))
            if text_mark(text) == given[example_id][0]
        ],
    )


def _checked(field: str) -> None:
    """A name that may stand in SQL."""
    if field not in FIELDS:
        raise ValueError(field)
