"""Examples: what was imported, and what stands under review now.

The imported part (fields, input, gold label) never changes. The reviewed part changes only through
``decisions`` (with history) and ``answers`` (a new answer of the teacher). Where the input is the only field, the
column ``fields`` holds ``{}``: a text is not stored twice.
"""

from __future__ import annotations

import json
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from dsbs_gui.core.hashing import input_hash

from .connection import Reader, Row
from .database import Transaction
from .filters import EVERYTHING, Filter

_COLUMNS = (
    "id, key, split, fields, input, label, line, state, rationale, teacher_label, origin, answer_id, agree, "
    "edited, failure, note"
)
_ORDERS = {"id": "id"} | {
    name: f"{name}, id" for name in ("state", "split", "label", "agree", "teacher_label", "origin", "failure")
}
_PER_QUERY = 500

NewExample = tuple[str | None, str, str, str | None, int | None, bytes]
"""``(key, fields as JSON, input, label, line, input_hash)``"""


@dataclass(frozen=True, slots=True)
class Example:
    """One row. ``origin`` says who wrote the rationale: ``teacher``, ``import``, ``textbook`` or ``person``.

    ``agree`` is 1 if the teacher's label means the gold label, 0 if not, None if either is missing.
    """

    id: int
    key: str | None
    split: str
    fields: dict[str, Any]
    input: str
    label: str | None
    line: int | None
    state: str
    rationale: str | None
    teacher_label: str | None
    origin: str | None
    answer_id: int | None
    agree: int | None
    edited: int
    failure: str | None
    note: str | None


def _example(row: Row) -> Example:
    values = dict(row)
    values["fields"] = json.loads(values["fields"]) or {"input": values["input"]}
    return Example(**values)


def ids(db: Reader, chosen: Filter = EVERYTHING, order: str = "id", descending: bool = False) -> array[int]:
    """Ids that match, as ``array('q')``, ordered by id, state, split, label, agree, teacher_label, origin or failure.

    Raises KeyError for another ``order``.
    """
    where, values = chosen.where()
    columns = _ORDERS[order]
    if descending:
        columns = ", ".join(f"{column} DESC" for column in columns.split(", "))
    cursor = db.execute(f"SELECT id FROM examples WHERE {where} ORDER BY {columns}", values)
    return array("q", (row[0] for row in cursor))


def count(db: Reader, chosen: Filter = EVERYTHING) -> int:
    where, values = chosen.where()
    return int(db.execute(f"SELECT count(*) FROM examples WHERE {where}", values).fetchone()[0])


def page(db: Reader, wanted: Sequence[int]) -> dict[int, Example]:
    """The examples of these ids, by id; absent ones are left out."""
    found: dict[int, Example] = {}
    for start in range(0, len(wanted), _PER_QUERY):
        part = list(wanted[start : start + _PER_QUERY])
        marks = ", ".join("?" * len(part))
        for row in db.execute(f"SELECT {_COLUMNS} FROM examples WHERE id IN ({marks})", part):
            found[row["id"]] = _example(row)
    return found


def get(db: Reader, example_id: int) -> Example | None:
    return page(db, [example_id]).get(example_id)


def each(db: Reader, chosen: Filter = EVERYTHING, at_a_time: int = 2_000) -> Iterator[Example]:
    """All matching examples in id order, by keyset pages: memory stays flat, and nothing holds a read open."""
    where, values = chosen.where()
    last = -1
    sql = f"SELECT {_COLUMNS} FROM examples WHERE {where} AND id > ? ORDER BY id LIMIT ?"
    while rows := db.execute(sql, [*values, last, at_a_time]).fetchall():
        for row in rows:
            yield _example(row)
        last = rows[-1]["id"]


def counts(db: Reader, by: str, chosen: Filter = EVERYTHING) -> dict[str, int]:
    """How many by ``split``, ``state``, ``agree``, ``label``, ``origin``, ``failure`` or ``teacher_label``.

    None and an empty text count together under ''.
    """
    if by not in ("split", "state", "agree", "label", "origin", "failure", "teacher_label"):
        raise ValueError(by)
    where, values = chosen.where()
    sql = f"SELECT {by}, count(*) FROM examples WHERE {where} GROUP BY 1 ORDER BY 2 DESC"
    counted: dict[str, int] = {}
    for value, n in db.execute(sql, values):
        name = "" if value is None else str(value)
        counted[name] = counted.get(name, 0) + int(n)
    return counted


def states_of(db: Reader, wanted: Iterable[int]) -> dict[str, int]:
    """How many of these examples are in each state."""
    counted: dict[str, int] = {}
    for part in _parts(wanted):
        sql = f"SELECT state, count(*) FROM examples WHERE id IN ({', '.join('?' * len(part))}) GROUP BY 1"
        for state, n in db.execute(sql, part):
            counted[state] = counted.get(state, 0) + int(n)
    return counted


def few_labels(db: Reader, most: int = 9) -> tuple[str, ...]:
    """The gold labels of the project in alphabetical order if there are at most ``most`` and they recur; else ()."""
    rows = db.execute("SELECT DISTINCT label FROM examples WHERE label IS NOT NULL LIMIT ?", (most + 1,)).fetchall()
    labels = sorted(row[0] for row in rows)
    labelled = db.execute("SELECT count(*) FROM (SELECT 1 FROM examples WHERE label IS NOT NULL LIMIT ?)", (3 * most,))
    return tuple(labels) if len(labels) <= most and labelled.fetchone()[0] >= 3 * len(labels) else ()


def add(tx: Transaction, rows: Iterable[Mapping[str, Any]], *, split: str, import_id: int) -> tuple[range, int]:
    """Insert accepted rows: ``{"line", "id", "fields", "input", "label"}`` each; returns as :func:`insert`."""
    return insert(tx, map(_new_example, rows), split=split, import_id=import_id)


def _new_example(row: Mapping[str, Any]) -> NewExample:
    text = row["input"]
    fields = msgspec.json.encode({} if row["fields"] == {"input": text} else row["fields"]).decode()
    return row.get("id"), fields, text, row.get("label"), row.get("line"), input_hash(text)


def insert(tx: Transaction, rows: Iterable[NewExample], *, split: str, import_id: int) -> tuple[range, int]:
    """Insert rows that are in the form of the table.

    Returns:
        Their new ids in order, and how many inputs stood in the project already.
    """
    first = _next_id(tx)
    tx.executemany(
        "INSERT INTO examples (key, fields, input, label, line, input_hash, split, import_id)"
        f" VALUES (?, ?, ?, ?, ?, ?, {_quoted(split)}, {int(import_id)})",
        rows,
    )
    end = _next_id(tx)
    duplicates = tx.execute(
        "SELECT count(*) FROM examples e WHERE e.id >= ? AND EXISTS"
        " (SELECT 1 FROM examples d WHERE d.input_hash = e.input_hash AND d.id < e.id)",
        (first,),
    ).fetchone()[0]
    tx.touch("examples")
    return range(first, end), int(duplicates)


def _next_id(tx: Transaction) -> int:
    return int(tx.execute("SELECT coalesce(max(id), 0) + 1 FROM examples").fetchone()[0])


def _quoted(text: str) -> str:
    """An SQL literal: what is the same in a million rows is not bound a million times."""
    return "'" + text.replace("'", "''") + "'"


def set_splits(tx: Transaction, splits: Mapping[int, str]) -> None:
    """Assign splits by id."""
    tx.executemany("UPDATE examples SET split = ? WHERE id = ?", ((name, i) for i, name in splits.items()))
    tx.touch("examples")


def accept_as_given(tx: Transaction, wanted: Iterable[int]) -> None:
    """Mark rationales as accepted that came checked with the data: nobody's act, so nothing to undo."""
    tx.executemany(
        "UPDATE examples SET state = 'accepted' WHERE id = ? AND rationale IS NOT NULL", ((i,) for i in wanted)
    )
    tx.touch("examples")


def _parts(wanted: Iterable[int]) -> Iterator[list[int]]:
    part: list[int] = []
    for i in wanted:
        part.append(i)
        if len(part) == _PER_QUERY:
            yield part
            part = []
    if part:
        yield part
