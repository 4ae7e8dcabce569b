"""What a teacher measured of rationales: kept with a mark of the texts, and a signal where they do not help."""

from __future__ import annotations

import pytest

from dsbs_gui.core.store import decisions, examples, lifts, signals
from dsbs_gui.core.store.database import Store
from dsbs_gui.core.store.filters import Filter

from .filling import add_answer, add_examples


@pytest.fixture
def ids(store: Store) -> list[int]:
    """Three with rationale and gold label; a fourth without gold label, a fifth without rationale."""
    made = add_examples(store, [f"Q{n}" for n in range(5)], ["4", "4", "4", None, "4"])
    for example_id in made[:4]:
        add_answer(store, example_id, f"R{example_id}")
    return made


def mark(store: Store, example_id: int) -> str:
    found = examples.get(store.reader, example_id)
    assert found is not None
    return lifts.mark_of(found.input, found.rationale, found.label)


def put(store: Store, *rows: tuple[int, float, float]) -> None:
    given = [(i, mark(store, i) if i < 9 else "x", without, with_it) for i, without, with_it in rows]
    store.write_now(lambda tx: lifts.put(tx, "small", "s1", given))


def waiting(store: Store, settings: str = "s1") -> list[int]:
    return [row[0] for row in lifts.missing(store.reader, settings)]


def test_what_was_measured_is_kept_and_what_does_not_help_is_a_signal(store: Store, ids: list[int]) -> None:
    assert lifts.measurable(store.reader) == 3
    assert waiting(store) == ids[:3]
    put(store, (ids[0], -5.0, -2.0), (ids[1], -2.0, -2.0), (99, -1.0, -1.0))
    assert waiting(store) == [ids[2]]
    assert waiting(store, "other settings") == ids[:3]
    found = lifts.of_example(store.reader, ids[0])
    assert found is not None
    assert (found.teacher, found.nats, found.mark) == ("small", 3.0, mark(store, ids[0]))
    assert list(examples.ids(store.reader, Filter(signals=(lifts.SIGNAL,)))) == [ids[1]]
    assert lifts.nats(store.reader, "s1") == [0.0, 3.0]


def test_a_new_measurement_takes_the_place_of_the_old_one_and_its_signal(store: Store, ids: list[int]) -> None:
    put(store, (ids[0], -2.0, -3.0))
    assert signals.counts(store.reader) == {lifts.SIGNAL: 1}
    put(store, (ids[0], -3.0, -2.0))
    assert signals.counts(store.reader) == {}


def test_a_text_that_has_changed_is_to_be_measured_again(store: Store, ids: list[int]) -> None:
    put(store, *((i, -2.0, -1.0) for i in ids[:3]))
    assert waiting(store) == []
    store.write_now(lambda tx: decisions.edit(tx, ids[1], note="odd"))
    assert waiting(store) == []
    store.write_now(lambda tx: decisions.edit(tx, ids[1], rationale="Other."))
    assert waiting(store) == [ids[1]]
    found = lifts.of_example(store.reader, ids[1])
    assert found is not None
    assert found.mark != mark(store, ids[1])
