"""Examples: what was imported, and what stands under review now.

The imported part (fields, input, gold label) never changes. The reviewed part changes only through
``decisions`` (with history) and ``answers`` (a new answer of the teacher). Where the input is the only field, the
column ``fields`` holds ``{}``: a text is not stored twice.
"""

from __future__ import annotations

import json
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from dsbs_gui.core.hashing import input_hash
from dsbs_gui.core.tags import tags_of

from . import id_vectors, queues, search
from .connection import Reader, Row
from .database import Transaction
from .filters import EVERYTHING, Filter, as_json

_COLUMNS = (
    "id, key, split, fields, input, label, line, state, rationale, teacher_label, origin, answer_id, agree, "
    "edited, failure, note, rating, tags, offered, merged_with"
)
_ORDERS = {"id": "id"} | {
    name: f"{name}, id"
    for name in ("state", "split", "label", "agree", "teacher_label", "origin", "failure", "rating", "tags")
}
_PER_QUERY = 500

NewExample = tuple[str | None, str, str, str | None, int | None, bytes]
"""``(key, fields as JSON, input, label, line, input_hash)``"""


@dataclass(frozen=True, slots=True)
class Example:
    """One row. ``origin`` says who wrote the rationale: ``teacher``, ``import``, ``textbook`` or ``person``.

    ``agree`` is 1 if the teacher's label means the gold label, 0 if not, None if either is missing. ``rating`` is 1
    to 5, or None. ``offered`` is an answer that waits to be compared with what stands; ``merged_with`` the second
    answer of which the text was made, ``answer_id`` being the first.
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
    rating: int | None = None
    tags: tuple[str, ...] = ()
    offered: int | None = None
    merged_with: int | None = None


def _example(row: Row) -> Example:
    values = dict(row)
    values["fields"] = json.loads(values["fields"]) or {"input": values["input"]}
    values["tags"] = tags_of(values["tags"])
    return Example(**values)


def ids(db: Reader, chosen: Filter = EVERYTHING, order: str = "id", descending: bool = False) -> array[int]:
    """Ids that match, as ``array('q')``, ordered by a name of ``_ORDERS``, or as ``given`` by ``among``.

    ``queue`` is the order of the filter's queue, most valuable first. Raises KeyError for another ``order``.
    """
    if order == "queue":
        where, values = replace(chosen, queue="").where()
        return id_vectors.read(db, queues.ordered(chosen.queue, where), values)
    where, values = chosen.where()
    if order == "given":
        matching = set(id_vectors.read(db, f"SELECT id FROM examples WHERE {where}", values))
        given = array("q", (i for i in chosen.among or () if i in matching))
        return given[::-1] if descending else given
    columns = _ORDERS[order]
    if order == "id" and where == EVERYTHING.where()[0] and (unbroken := _unbroken(db)) is not None:
        return id_vectors.span(unbroken.start, unbroken.stop, descending=descending)
    if order == "id":
        # In any order from the narrowest index; sorting its few ascending runs is quicker than SQLite's own sorter.
        sql = f"SELECT id FROM examples WHERE {where}"
        if chosen == Filter(text=chosen.text, mode="words") and search.indexed(chosen.text, chosen.mode):
            sql, values = search.matching(chosen.text)  # no example need be looked at
        return id_vectors.ascending(id_vectors.read(db, sql, values), descending=descending)
    if descending:
        columns = ", ".join(f"{column} DESC" for column in columns.split(", "))
    return id_vectors.read(db, f"SELECT id FROM examples WHERE {where} ORDER BY {columns}", values)


def _unbroken(db: Reader) -> range | None:
    """The ids of all examples if none is missing between the first and the last."""
    # Named, for SQLite would take the index of all inputs, which is three times as large.
    sql = "SELECT count(*), coalesce(min(id), 1), coalesce(max(id), 0) FROM examples INDEXED BY examples_review"
    n, first, last = db.execute(sql).fetchone()
    return range(first, last + 1) if n == last - first + 1 else None


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


@dataclass(frozen=True, slots=True)
class Cell:
    """So many examples have the same state, agreement (1, 0 or None) and split."""

    state: str
    agree: int | None
    split: str
    n: int


def cells(db: Reader, chosen: Filter = EVERYTHING) -> list[Cell]:
    """How many by state, agreement and split at once; without further conditions from one index, without a text."""
    where, values = chosen.where()
    sql = f"SELECT state, agree, split, count(*) FROM examples WHERE {where} GROUP BY 1, 2, 3"
    return [Cell(*row) for row in db.execute(sql, values)]


def ids_of_cell(db: Reader, cell: Cell) -> array[int]:
    """The ids of the examples in a cell, ascending."""
    sql = "SELECT id FROM examples WHERE state = ? AND agree IS ? AND split = ?"
    return id_vectors.read(db, sql, (cell.state, cell.agree, cell.split))


@dataclass(frozen=True, slots=True)
class Glimpse:
    """What is there at all: any examples, any that can be reviewed, any that wait for a decision, any that failed."""

    any: bool
    reviewable: bool
    left: bool
    failed: bool


def glimpse(db: Reader) -> Glimpse:
    """Looks at the beginning of indexes only: as quick for a million rows as for one."""

    def there(where: str) -> bool:
        return bool(db.execute(f"SELECT EXISTS (SELECT 1 FROM examples WHERE {where})").fetchone()[0])

    reviewable = there("state > 'empty'") or there("state < 'empty'")
    failed = there("failure IS NOT NULL AND rationale IS NULL")
    return Glimpse(there("1"), reviewable, there("state = 'unreviewed'"), failed)


def states_of(db: Reader, wanted: Iterable[int]) -> dict[str, int]:
    """How many of these examples are in each state."""
    sql = "SELECT e.state, count(*) FROM json_each(?) w JOIN examples e ON e.id = w.value GROUP BY 1"
    return {state: int(n) for state, n in db.execute(sql, (as_json(wanted),))}


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
