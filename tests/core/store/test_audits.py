"""Random samples: drawn by chance alone, kept, and never speaking of rows that were not drawn from."""

from __future__ import annotations

from array import array
from collections import Counter
from pathlib import Path

import pytest

from dsbs_gui.core.errors import UserError
from dsbs_gui.core.store import audits, decisions, examples, history
from dsbs_gui.core.store.audits import Audit
from dsbs_gui.core.store.database import Store
from dsbs_gui.core.store.filters import Filter, Selection

from .filling import add_answer, add_examples


def waiting(store: Store, n: int) -> list[int]:
    ids = add_examples(store, [f"question {k}" for k in range(n)], ["4"] * n)
    for i in ids:
        add_answer(store, i, agree=True)
    return ids


def draw(store: Store, n: int, seed: int = 0, chosen: Filter | None = None) -> Audit:
    members = audits.population(store.reader, chosen or Filter())
    return store.write_now(lambda tx: audits.draw(tx, members, n, seed, "all"))


def sample(store: Store, audit: Audit) -> list[int]:
    return [row.example_id for row in audits.rows(store.reader, audit)]


def test_the_same_seed_draws_the_same_rows_and_another_one_others(store: Store) -> None:
    waiting(store, 40)
    first = sample(store, draw(store, 10, seed=1))
    assert len(set(first)) == 10
    assert sample(store, draw(store, 10, seed=1)) == first
    assert sample(store, draw(store, 10, seed=2)) != first


def test_every_row_is_drawn_as_often_as_any_other(store: Store) -> None:
    ids = waiting(store, 12)
    members = audits.population(store.reader, Filter())

    def often(tx: object) -> Counter[int]:
        seen: Counter[int] = Counter()
        for seed in range(300):
            seen.update(row.example_id for row in audits.rows(tx, audits.draw(tx, members, 3, seed, "")))  # type: ignore[arg-type]
        return seen

    seen = store.write_now(often)
    assert set(seen) == set(ids)
    # 300 draws of 3 of 12: 75 times each, standard deviation 7.5; five of them are less than one chance in a million.
    assert max(abs(n - 75) for n in seen.values()) < 38


def test_only_rows_that_wait_for_a_decision_and_match_are_drawn_from(store: Store) -> None:
    ids = waiting(store, 8)
    store.write_now(lambda tx: decisions.set_state(tx, Selection.of(ids[:3]), "accepted"))
    store.write_now(lambda tx: decisions.set_state(tx, Selection.of(ids[3:4]), "skipped"))
    add_examples(store, ["nobody has answered this"], ["4"])
    assert list(audits.population(store.reader, Filter())) == ids[3:]
    assert list(audits.population(store.reader, Filter(states=("accepted", "unreviewed")))) == ids[4:]
    audit = draw(store, 5)
    assert (audit.population, audit.n) == (5, 5)
    assert list(audits.population(store.reader, Filter(queue="audit"))) == ids[3:], "not only of the old sample"


def test_a_sample_cannot_be_larger_than_what_it_is_drawn_from(store: Store) -> None:
    waiting(store, 3)
    for n in (0, 4):
        with pytest.raises(UserError, match="cannot be drawn from 3 rows"):
            draw(store, n)
    assert audits.newest(store.reader) is None


def test_the_queue_is_in_the_order_drawn_and_there_after_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "project.db"
    store = Store.create(path)
    waiting(store, 30)
    drawn = sample(store, draw(store, 6, seed=3))
    store.close()
    store = Store(path)
    found = audits.newest(store.reader)
    assert found is not None
    assert (found.population, found.n, found.seed, found.about) == (30, 6, 3, "all")
    assert list(examples.ids(store.reader, Filter(queue="audit"), "queue")) == drawn
    assert drawn != sorted(drawn)
    store.close()


def test_the_rest_is_what_was_drawn_from_and_nobody_has_read(store: Store) -> None:
    ids = waiting(store, 10)
    audit = draw(store, 3)
    drawn = set(sample(store, audit))
    others = [i for i in ids if i not in drawn]
    store.write_now(lambda tx: decisions.set_state(tx, Selection.of(others[:1]), "rejected"))
    later = waiting(store, 2)
    add_answer(store, others[1], "Another text.", "5", run_id="generate-2", teacher="other")
    second = add_answer(store, others[2], "A sample.", "6", sample=1)
    store.write_now(lambda tx: decisions.take_answer(tx, others[2], second))
    assert list(audits.rest(store.reader, audit)) == others[3:], "decided, answered anew and picked ones are not"
    assert store.write_now(lambda tx: audits.accept_rest(tx, audit)) == len(others[3:])
    accepted = examples.ids(store.reader, Filter(states=("accepted",)))
    assert list(accepted) == others[3:]
    assert not set(accepted) & set(later)
    assert not len(audits.rest(store.reader, audit))
    batch = store.write_now(history.undo)
    assert batch is not None
    assert batch.action == f"Accept {len(others[3:])} rationales"
    assert list(audits.rest(store.reader, audit)) == others[3:]


def test_a_row_knows_its_texts_of_then_and_whether_it_was_answered_anew(store: Store) -> None:
    ids = waiting(store, 2)
    audit = draw(store, 2)
    store.write_now(lambda tx: decisions.edit(tx, ids[0], teacher_label="5", agree=False))
    add_answer(store, ids[1], "Another text.", "7", run_id="generate-2", teacher="other")
    rows = {row.example_id: row for row in audits.rows(store.reader, audit)}
    assert (rows[ids[0]].label, rows[ids[0]].old_label, rows[ids[0]].renewed) == ("5", "4", 0)
    assert (rows[ids[1]].rationale, rows[ids[1]].old_rationale, rows[ids[1]].renewed) == (
        "Another text.",
        "Because.",
        1,
    )


def test_a_row_that_was_decided_with_rows_outside_of_the_sample_is_no_judgement(store: Store) -> None:
    ids = waiting(store, 6)
    audit = draw(store, 3)
    drawn = sample(store, audit)
    others = [i for i in ids if i not in drawn]

    def swept() -> list[int]:
        return [row.example_id for row in audits.rows(store.reader, audit) if row.swept]

    act = store.write_now
    act(lambda tx: decisions.set_state(tx, Selection.of(drawn[:2]), "accepted"))
    assert swept() == [], "of the sample alone, and be it two at once"
    act(lambda tx: decisions.set_state(tx, Selection.of([drawn[2], others[0]]), "accepted"))
    assert swept() == [drawn[2]]
    act(lambda tx: decisions.set_state(tx, Selection.of([drawn[2]]), "rejected"))
    assert swept() == [], "it was looked at after all"
    act(history.undo)
    assert swept() == [drawn[2]]


def test_a_million_ids_take_little_room(store: Store) -> None:
    ids = array("q", [i for i in range(1, 1_000_000) if i % 7])
    packed = audits._packed(ids)
    assert len(packed) < 50_000
    assert list(audits._unpacked(packed)) == list(ids)
