"""What is kept of signals, by whatever job found them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dsbs_gui.core.store import examples, signals
from dsbs_gui.core.store.database import Store
from dsbs_gui.core.store.filters import EVERYTHING, Filter

from .filling import add_examples
from .test_migrations import old

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def row(example_id: int, *found: tuple[str, str], mark: bytes = b"m") -> dict[str, Any]:
    return {"example_id": example_id, "mark": mark.hex(), "found": [list(pair) for pair in found]}


def test_a_row_that_is_checked_anew_has_only_what_was_found_last(store: Store) -> None:
    add_examples(store, ["a", "b"], [None, None])
    store.write_now(lambda tx: signals.put(tx, [row(1, ("bare", "x"), ("short", "3")), row(2, ("bare", ""))], ()))
    store.write_now(lambda tx: signals.put(tx, [row(1, ("short", "4"), mark=b"n")], ()))
    assert signals.of_example(store.reader, 1) == (b"n", [("short", "4")])
    assert signals.counts(store.reader) == {"bare": 1, "short": 1}
    assert signals.of_example(store.reader, 3) == (None, [])


def test_what_is_judged_over_all_rows_stays_when_a_row_is_checked_and_goes_when_all_are_judged_anew(
    store: Store,
) -> None:
    add_examples(store, ["a", "b"], [None, None])
    twin = {"example_id": 1, "found": [["duplicate", "2"]]}
    store.write_now(lambda tx: signals.put_over_all(tx, [twin], ("duplicate",)))
    store.write_now(lambda tx: signals.put(tx, [row(1, ("bare", ""))], ("duplicate",)))
    assert signals.counts(store.reader) == {"bare": 1, "duplicate": 1}
    store.write_now(lambda tx: signals.put_over_all(tx, [], ("duplicate",)))
    assert signals.counts(store.reader) == {"bare": 1}


def test_an_example_that_is_not_there_is_passed_over(store: Store) -> None:
    store.write_now(lambda tx: signals.put(tx, [row(77, ("bare", ""))], ()))
    store.write_now(lambda tx: signals.put_over_all(tx, [row(78, ("duplicate", "1"))], ()))
    assert signals.counts(store.reader) == {}


def test_a_filter_by_signal_goes_with_the_others(store: Store) -> None:
    add_examples(store, ["a", "b", "c"], [None, None, None])
    store.write_now(lambda tx: signals.put(tx, [row(1, ("bare", "")), row(3, ("bare", ""))], ()))
    store.write_now(lambda tx: tx.execute("UPDATE examples SET state = 'rejected' WHERE id = 3"))
    assert list(examples.ids(store.reader, Filter(signals=("bare", "short")))) == [1, 3]
    assert list(examples.ids(store.reader, Filter(signals=("bare",), states=("rejected",)))) == [3]
    assert signals.counts(store.reader, Filter(states=("rejected",))) == {"bare": 1}
    assert signals.counts(store.reader, EVERYTHING) == {"bare": 2}


def test_whoever_watches_is_told_which_examples_have_changed(store: Store) -> None:
    add_examples(store, ["a", "b"], [None, None])
    heard: list[frozenset[int | str]] = []
    store.listen(lambda changes: heard.append(changes.ids("examples")))
    store.write_now(lambda tx: signals.put(tx, [row(2, ("bare", ""))], ()))
    assert heard == [frozenset({2})]


def test_m007_signals_leaves_old_rationales_unchecked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = "id, split, fields, input, input_hash, rationale"
    sql = f"INSERT INTO examples ({names}) VALUES (3, 'train', '{{}}', 'x', x'00', 'y')"
    old(tmp_path / "old.db", 6, monkeypatch, sql)
    store = Store(tmp_path / "old.db")
    [[row]] = signals.pages(store.reader)
    assert (row["id"], row["mark"]) == (3, None)
    assert signals.counts(store.reader) == {}
    store.close()
