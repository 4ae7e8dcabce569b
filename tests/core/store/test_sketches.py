"""Sketches of texts: which are missing, and that none outlives its text."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from dsbs_gui.core.hashing import text_mark
from dsbs_gui.core.store import decisions, sketches
from dsbs_gui.core.store.database import Store
from dsbs_gui.core.store.filters import Selection

from .filling import add_answer, add_examples


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store.create(tmp_path / "project.db")
    for example_id in add_examples(made, ["one", "two", "three"])[:2]:
        add_answer(made, example_id, f"R{example_id}")
    yield made
    made.close()


def keep(store: Store, field: str, *rows: tuple[int, str, bytes]) -> None:
    sent = [(i, text_mark(text), sketch.hex()) for i, text, sketch in rows]
    store.write_now(lambda tx: sketches.put(tx, field, sent))


def test_what_has_a_text_and_no_sketch_is_missing(store: Store) -> None:
    assert list(sketches.missing(store.reader, "input")) == [1, 2, 3]
    assert len(sketches.missing(store.reader, "input", 2)) == 2
    assert list(sketches.missing(store.reader, "rationale")) == [1, 2]
    assert not sketches.any_there(store.reader, "input")
    keep(store, "input", (2, "two", b"\1\2"))
    assert list(sketches.missing(store.reader, "input")) == [1, 3]
    assert list(sketches.missing(store.reader, "rationale")) == [1, 2], "fields are apart"
    assert sketches.of_example(store.reader, "input", 2) == b"\1\2"
    assert sketches.of_example(store.reader, "input", 1) is None
    with pytest.raises(ValueError, match="note"):
        sketches.missing(store.reader, "note")


def test_a_sketch_of_a_text_that_has_changed_meanwhile_is_dropped(store: Store) -> None:
    keep(store, "rationale", (1, "R1", b"a"), (2, "another text", b"b"), (9, "absent", b"c"))
    assert [(list(ids), joined) for ids, joined in sketches.pages(store.reader, "rationale", 1)] == [([1], b"a")]


def test_a_change_of_the_rationale_takes_its_sketch_away_and_a_decision_does_not(store: Store) -> None:
    keep(store, "rationale", (1, "R1", b"a"), (2, "R2", b"b"))
    keep(store, "input", (1, "one", b"c"))
    store.write_now(lambda tx: decisions.set_state(tx, decisions_of(1, 2), "accepted"))
    assert not list(sketches.missing(store.reader, "rationale"))
    store.write_now(lambda tx: decisions.edit(tx, 1, rationale="Mine."))
    assert list(sketches.missing(store.reader, "rationale")) == [1]
    assert sketches.of_example(store.reader, "input", 1) == b"c"
    store.write_now(decisions.undo)
    assert list(sketches.missing(store.reader, "rationale")) == [1], "the way back is a change too"


def test_pages_come_in_the_order_of_ids(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sketches, "_PER_PAGE", 2)
    keep(store, "input", (3, "three", b"z"), (1, "one", b"x"), (2, "two", b"y"))
    found = [(list(ids), joined) for ids, joined in sketches.pages(store.reader, "input", 1)]
    assert found == [([1, 2], b"xy"), ([3], b"z")]
    keep(store, "input", (2, "two", b"of another version"))
    assert [list(ids) for ids, _ in sketches.pages(store.reader, "input", 1)] == [[1, 3]]


def decisions_of(*ids: int) -> Selection:
    return Selection.of(ids)
