"""What reading and deciding cost: steps of SQLite's machine and pages of the plan are counted, not milliseconds."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dsbs_gui.core.store import decisions, examples
from dsbs_gui.core.store.connection import Connection
from dsbs_gui.core.store.database import Store, Transaction
from dsbs_gui.core.store.filters import Filter, Selection

from .filling import add_answer, add_examples


def steps(connection: Connection, act: Callable[[], object]) -> int:
    """Instructions that SQLite's machine carries out, in tens."""
    counted = 0

    def count() -> int:
        nonlocal counted
        counted += 1
        return 0

    connection.set_progress_handler(count, 10)
    try:
        act()
    finally:
        connection.set_progress_handler(None, 0)
    return counted


def plan(store: Store, sql: str) -> str:
    return " ".join(row[3] for row in store.reader.execute(f"EXPLAIN QUERY PLAN {sql}"))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A store with few examples and one with many, all alike."""
    stores = []
    for n in (200, 3_000):
        store = Store.create(Path(tmp_path_factory.mktemp(f"cost-{n}")) / "project.db")
        for i in add_examples(store, [f"question {k}" for k in range(n)], ["4"] * n):
            add_answer(store, i, agree=True) if i <= 150 else None
        stores.append(store)
    yield stores
    for store in stores:
        store.close()


def test_a_page_costs_the_same_at_the_beginning_and_at_the_end(made: list[Store]) -> None:
    db = made[1].reader
    first = steps(db, lambda: examples.page(db, range(1, 129)))
    last = steps(db, lambda: examples.page(db, range(2_873, 3_001)))
    assert last <= first + 5


def test_deciding_one_example_costs_the_same_among_many(made: list[Store]) -> None:
    def decide(tx: Transaction) -> int:
        return steps(tx._connection, lambda: decisions.set_state(tx, Selection.of([5]), "accepted"))

    few, many = (store.write_now(decide) for store in made)
    assert many <= few + 5


def test_undoing_one_decision_costs_the_same_among_many(made: list[Store]) -> None:
    def undo(tx: Transaction) -> int:
        decisions.set_state(tx, Selection.of([7]), "rejected")
        return steps(tx._connection, lambda: decisions.undo(tx))

    few, many = (store.write_now(undo) for store in made)
    assert many <= few + 5


def test_the_first_glimpse_costs_the_same_among_many(made: list[Store]) -> None:
    few, many = (steps(store.reader, lambda db=store.reader: examples.glimpse(db)) for store in made)
    assert many <= few + 5


@pytest.mark.parametrize("chosen", [Filter(), Filter(states=("empty", "accepted")), Filter(states=("unreviewed",))])
def test_ids_and_counts_by_state_come_from_an_index_without_a_text(made: list[Store], chosen: Filter) -> None:
    where, values = chosen.where()
    bound = where
    for value in values:
        bound = bound.replace("?", f"'{value}'", 1)
    for sql in (
        f"SELECT id FROM examples WHERE {bound}",
        f"SELECT state, agree, split, count(*) FROM examples WHERE {bound} GROUP BY 1, 2, 3",
    ):
        assert "COVERING INDEX" in plan(made[1], sql)
        assert "TEMP B-TREE" not in plan(made[1], sql)


def test_no_bulk_statement_keeps_a_copy_of_the_pages_it_changes(store: Store) -> None:
    """OR FAIL spares SQLite a journal of the statement, which for a million rows is a gigabyte of memory."""
    ids = add_examples(store, [f"question {k}" for k in range(5)])
    statements: list[str] = []

    def act(tx: Transaction) -> None:
        tx._connection.set_trace_callback(statements.append)
        decisions.set_state(tx, Selection.of(ids), "skipped")
        decisions.undo(tx)
        tx._connection.set_trace_callback(None)

    store.write_now(act)
    updates = [sql for sql in statements if sql.startswith("UPDATE") and " examples " in sql]
    assert len(updates) == 2
    assert all(sql.startswith("UPDATE OR FAIL") for sql in updates)


def test_a_vector_is_one_row_for_python(made: list[Store]) -> None:
    """A row for each of a million ids would keep the window's thread waiting for Python."""
    for chosen in (Filter(), Filter(states=("empty",)), Filter(agreement=("agree",))):
        fetched = Fetched(made[1].reader)
        examples.ids(fetched, chosen)  # type: ignore[arg-type]  # all it needs of a reader
        assert fetched.statements <= 2


class Fetched:
    """A reader whose cursors give one row only."""

    def __init__(self, db: Connection) -> None:
        self._db, self.statements = db, 0

    def execute(self, sql: str, parameters: Any = ()) -> Any:
        self.statements += 1
        rows = self._db.execute(sql, parameters).fetchall()
        assert len(rows) == 1
        return self._db.execute(sql, parameters)
