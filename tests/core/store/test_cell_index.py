"""What is answered from memory is what SQL would answer, whatever has happened since it was read."""

from __future__ import annotations

import random
from array import array
from collections.abc import Callable, Iterator
from itertools import product
from typing import TYPE_CHECKING

import pytest

from dsbs_gui.core.store import decisions, examples, search
from dsbs_gui.core.store.cell_index import CellIndex
from dsbs_gui.core.store.changes import Collector
from dsbs_gui.core.store.filters import Filter, Selection

from .filling import add_answer, add_examples

if TYPE_CHECKING:
    from dsbs_gui.core.store.database import Store

FILTERS = [
    Filter(states=states, agreement=agreement, splits=splits, text=text, mode=mode)
    for states, agreement, splits, (text, mode) in product(
        ((), ("unreviewed",), ("accepted", "edited")),
        ((), ("agree",), ("conflict", "unknown")),
        ((), ("train",), ("valid", "test")),
        (("", "contains"), ("odd", "words"), ("odd", "contains"), ("o.d", "regex"), ("…", "words")),
    )
] + [Filter(states=("accepted",), has_rationale=True), Filter(states=("unreviewed",), failed=True)]


@pytest.fixture
def index(store: Store) -> Iterator[CellIndex]:
    """Of forty examples, some of them indexed for search, in all kinds of cells."""
    for split, n in (("train", 30), ("test", 10)):
        inputs = [f"{'odd' if i % 2 else 'even'} {split} {i}" for i in range(n)]
        for example_id in add_examples(store, inputs, [str(i % 3) for i in range(n)], split):
            if example_id % 4:
                agree = (None, 0, 1)[example_id % 3]
                add_answer(store, example_id, f"Reason {example_id}.", "1", agree=agree)
    store.write_now(lambda tx: search.catch_up(tx, 20))
    made = CellIndex(store)
    yield made
    made.close()


def same(store: Store, index: CellIndex) -> None:
    for chosen, descending in product(FILTERS, (False, True)):
        expected = examples.ids(store.reader, chosen, "id", descending)
        assert index.ids(chosen, "id", descending) == expected, chosen


def asked_of_sql(monkeypatch: pytest.MonkeyPatch) -> list[Filter]:
    """The filters that SQL is asked for from now on."""
    asked: list[Filter] = []
    ids = examples.ids

    def noting(db: object, chosen: Filter = Filter(), order: str = "id", descending: bool = False) -> array[int]:  # noqa: B008
        asked.append(chosen)
        return ids(db, chosen, order, descending)  # type: ignore[arg-type]

    monkeypatch.setattr(examples, "ids", noting)
    return asked


def test_cold_and_warm_the_answers_are_those_of_sql(store: Store, index: CellIndex) -> None:
    assert index.cold
    same(store, index)
    index.warm()
    assert not index.cold
    same(store, index)


def test_a_warm_index_asks_sql_only_for_what_it_does_not_know(
    store: Store, index: CellIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    index.warm()
    asked = asked_of_sql(monkeypatch)
    index.ids(Filter(states=("accepted",), agreement=("agree",), splits=("train",)))
    index.ids(Filter())
    assert asked == []
    index.ids(Filter(states=("unreviewed",), text="odd", mode="words"))
    assert asked == [Filter(text="odd", mode="words")]
    index.ids(Filter(states=("accepted",)), order="state")
    index.ids(Filter(states=("accepted",), has_rationale=True))
    assert asked[1:] == [Filter(states=("accepted",)), Filter(states=("accepted",), has_rationale=True)]


def test_it_keeps_up_with_what_happens(store: Store, index: CellIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Collector, "MOST_NAMED", 12)
    chance = random.Random(3)
    number = 0

    def decide() -> None:
        some = chance.sample(list(examples.ids(store.reader)), chance.randrange(1, 20))
        state = chance.choice(decisions.DECISIONS)
        store.write_now(lambda tx: decisions.set_state(tx, Selection.of(some), state))

    def edit() -> None:
        one, agree = chance.choice(examples.ids(store.reader)), chance.choice((True, False))
        store.write_now(lambda tx: decisions.edit(tx, one, teacher_label=str(chance.random()), agree=agree))

    def undo() -> None:
        store.write_now(decisions.undo)

    def more() -> None:
        nonlocal number
        number += 1
        add_examples(store, [f"odd more {number}.{i}" for i in range(number)], split="valid")

    def gap() -> None:
        one = chance.choice(examples.ids(store.reader))
        store.write_now(lambda tx: (tx.execute("DELETE FROM answers WHERE example_id = ?", (one,)),
                                    tx.execute("DELETE FROM examples WHERE id = ?", (one,)),
                                    tx.touch("examples", [one])))  # fmt: skip

    acts: list[Callable[[], None]] = [decide, edit, undo, more, gap]
    for _ in range(25):
        chance.choice(acts)()
        if chance.random() < 0.6:
            index.warm()
        same(store, index)


def test_after_a_change_of_too_many_rows_to_name_it_is_cold(
    store: Store, index: CellIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Collector, "MOST_NAMED", 3)
    index.warm()
    store.write_now(lambda tx: decisions.set_state(tx, Selection.of([1, 2]), "skipped"))
    assert not index.cold
    store.write_now(lambda tx: decisions.set_state(tx, Selection.of(range(1, 9)), "rejected"))
    assert index.cold
    same(store, index)


def test_a_state_of_another_program_is_left_to_sql(store: Store, index: CellIndex) -> None:
    store.write_now(
        lambda tx: (tx.execute("UPDATE examples SET state = 'pondered' WHERE id = 3"), tx.touch("examples"))
    )
    index.warm()
    assert index.cold
    same(store, index)


def test_an_empty_project_has_nothing(store: Store) -> None:
    index = CellIndex(store)
    index.warm()
    assert index.ids(Filter(states=("accepted",))) == array("q")
    add_examples(store, ["one"])
    assert index.ids(Filter(splits=("train",))) == array("q", [1])
