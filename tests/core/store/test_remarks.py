from __future__ import annotations

import pytest

from dsbs_gui.core.errors import UserError
from dsbs_gui.core.store import decisions, examples, history, remarks, search
from dsbs_gui.core.store.database import Store
from dsbs_gui.core.store.filters import Filter, Selection
from dsbs_gui.core.store.remarks import Remarked

from .filling import add_answer, add_examples


@pytest.fixture
def four(store: Store) -> list[int]:
    ids = add_examples(store, ["a", "b", "c", "d"], ["4"] * 4)
    for i in ids[:3]:
        add_answer(store, i, "Because.", "5", agree=False)
    return ids


def tag(store: Store, name: str, *ids: int, **filters: object) -> int:
    chosen = Selection.of(ids) if ids else Selection(matching=Filter(**filters))  # type: ignore[arg-type]
    return store.write_now(lambda tx: remarks.tag(tx, chosen, name))


def untag(store: Store, name: str, **filters: object) -> int:
    chosen = Selection(matching=Filter(**filters))  # type: ignore[arg-type]
    return store.write_now(lambda tx: remarks.untag(tx, chosen, name))


def rate(store: Store, rating: int | None, *ids: int) -> int:
    chosen = Selection.of(ids) if ids else Selection(matching=Filter())
    return store.write_now(lambda tx: remarks.rate(tx, chosen, rating))


def tags(store: Store) -> list[tuple[str, ...]]:
    return [e.tags for e in examples.each(store.reader)]


def ratings(store: Store) -> list[int | None]:
    return [e.rating for e in examples.each(store.reader)]


def ids(store: Store, **filters: object) -> list[int]:
    return list(examples.ids(store.reader, Filter(**filters)))  # type: ignore[arg-type]


def test_all_that_match_get_a_tag_and_one_undo_takes_it_back(store: Store, four: list[int]) -> None:
    assert tag(store, "unit", four[0]) == 1
    assert tag(store, "look", agreement=("conflict",)) == 3
    assert tags(store) == [("unit", "look"), ("look",), ("look",), ()]
    assert tag(store, "look") == 1, "only those that had it not"
    store.write_now(decisions.undo)
    batch = store.write_now(decisions.undo)
    assert batch is not None
    assert batch.action == "Tag 3 examples “look”"
    assert tags(store) == [("unit",), (), (), ()]
    store.write_now(decisions.redo)
    assert tags(store) == [("unit", "look"), ("look",), ("look",), ()]


def test_a_tag_is_taken_from_those_that_have_it_and_no_other_with_it(store: Store, four: list[int]) -> None:
    for name in ("unit", "units", "a unit"):
        tag(store, name, four[0])
    assert untag(store, "unit") == 1
    assert tags(store)[0] == ("units", "a unit")
    assert untag(store, "unit") == 0
    untag(store, "units")
    untag(store, "a unit")
    assert store.reader.execute("SELECT count(*) FROM examples WHERE tags IS NOT NULL").fetchone()[0] == 0
    for _ in range(3):
        store.write_now(decisions.undo)
    assert tags(store)[0] == ("unit", "units", "a unit")


def test_a_tag_is_spelt_as_the_project_spells_it(store: Store, four: list[int]) -> None:
    tag(store, "Unit", four[0])
    tag(store, " uNIT ", four[1])
    assert tag(store, "unit", four[0]) == 0
    assert tags(store)[:2] == [("Unit",), ("Unit",)]
    assert remarks.known_tags(store.reader) == ["Unit"]


def test_a_rating_changes_no_state_and_is_taken_away_again(store: Store, four: list[int]) -> None:
    assert rate(store, 4, *four[:2]) == 2
    assert rate(store, 4, *four[:2]) == 0
    assert rate(store, 2, four[0]) == 1
    assert ratings(store) == [2, 4, None, None]
    assert {e.state for e in examples.each(store.reader)} == {"unreviewed", "empty"}
    assert rate(store, None) == 2
    assert ratings(store) == [None] * 4
    store.write_now(decisions.undo)
    assert ratings(store) == [2, 4, None, None]
    with pytest.raises(UserError, match="no rating 6"):
        rate(store, 6)


def test_remarks_stay_and_can_be_undone_when_the_teacher_answers_anew(store: Store, four: list[int]) -> None:
    tag(store, "unit", four[0])
    rate(store, 1, four[0])
    decisions_before = examples.get(store.reader, four[0])
    add_answer(store, four[0], "Another.", "4", agree=True, run_id="generate-2")
    found = examples.get(store.reader, four[0])
    assert decisions_before is not None
    assert found is not None
    assert (found.rationale, found.tags, found.rating) == ("Another.", ("unit",), 1)
    batch = store.write_now(decisions.undo)
    assert batch is not None
    assert batch.passed_over == 0
    assert ratings(store)[0] is None


def test_going_back_to_an_earlier_act_brings_remarks_back(store: Store, four: list[int]) -> None:
    rate(store, 5, four[0])
    batch = decisions.undoable(store.reader)
    rate(store, 1, four[0])
    assert batch is not None
    assert store.write_now(lambda tx: history.go_back(tx, four[0], batch.id))
    assert ratings(store)[0] == 5


def test_filters_by_rating_tag_and_note(store: Store, four: list[int]) -> None:
    a, b, c, d = four
    rate(store, 1, a, b)
    rate(store, 5, c)
    tag(store, "unit", a)
    tag(store, "50% sure", b)
    store.write_now(lambda tx: decisions.edit(tx, d, note="Ask Mia about the pen."))
    assert ids(store, ratings=(1,)) == [a, b]
    assert ids(store, ratings=(1, 5)) == [a, b, c]
    assert ids(store, tags=("unit",)) == [a]
    assert ids(store, tags=("unit", "50% sure")) == [a, b]
    assert ids(store, tags=("uni",)) == []
    assert ids(store, tags=("unit",), ratings=(5,)) == []
    assert ids(store, noted=True) == [d]
    for mode, text in (("words", "mia pen"), ("contains", "ask mia"), ("regex", "Mia .* pen")):
        assert ids(store, text=text, mode=mode) == [d]
        store.write_now(search.catch_up)
    assert ids(store, text="pen", mode="words") == [d]


def test_filters_by_what_is_known_of_the_standing_answer(store: Store, four: list[int]) -> None:
    a, b, c, _ = four
    add_answer(store, a, "Told.", "4", agree=True, hinted=True, run_id="generate-2", mean_logprob=-3.0)
    add_answer(store, b, "Told.", "4", agree=True, hinted=True, run_id="generate-2")
    add_answer(store, b, "By itself.", "4", agree=True, run_id="generate-3", mean_logprob=-0.5)
    assert ids(store, hinted=True) == [a]
    assert ids(store, logprob_below=-1.0) == [a]
    assert ids(store, logprob_below=0.0) == [a, b]
    assert c not in ids(store, logprob_below=0.0), "nobody knows how probable it was"


def test_counts_follow_the_other_conditions(store: Store, four: list[int]) -> None:
    assert remarks.counts(store.reader) == Remarked()
    rate(store, 1, *four[:2])
    rate(store, 3, four[3])
    tag(store, "unit", *four[:2])
    tag(store, "odd", four[0])
    store.write_now(lambda tx: decisions.edit(tx, four[0], note="x"))
    assert remarks.counts(store.reader) == Remarked({1: 2, 3: 1}, {"unit": 2, "odd": 1}, 1)
    few = remarks.counts(store.reader, Filter(ratings=(3,), states=("empty",)))
    assert few == Remarked({3: 1}, {}, 0)
    assert remarks.tags_among(store.reader, Selection.of(four[:1])) == {"unit": 1, "odd": 1}
    assert remarks.tags_among(store.reader, Selection(matching=Filter(ratings=(1,)))) == {"unit": 2, "odd": 1}


def test_tags_are_known_from_an_index_of_their_own(store: Store) -> None:
    def plan(sql: str) -> str:
        return " ".join(row[3] for row in store.reader.execute(f"EXPLAIN QUERY PLAN {sql}"))

    where, values = Filter(tags=("x",)).where()
    asked = plan(f"SELECT id FROM examples WHERE {where.replace('?', repr(values[0]))}")
    assert "examples_tags" in asked
    for column in ("rating", "tags", "note"):
        assert "INDEX examples_" in plan(f"SELECT EXISTS (SELECT 1 FROM examples WHERE {column} IS NOT NULL)")
    assert "examples_rating" in plan("SELECT id FROM examples WHERE rating IN (1, 2)")
    assert "examples_noted" in plan("SELECT count(*) FROM examples WHERE note IS NOT NULL")


def test_counting_looks_at_rows_with_remarks_only(store: Store) -> None:
    ids = add_examples(store, ["a", "b"], ["4", "4"])
    rate(store, 1, ids[0])
    tag(store, "odd", ids[0])
    store.write_now(lambda tx: decisions.edit(tx, ids[0], note="x"))
    asked: list[str] = []
    store.reader.set_trace_callback(asked.append)
    for chosen in (Filter(), Filter(states=("empty",), splits=("train",), noted=True)):
        assert remarks.counts(store.reader, chosen) == Remarked({1: 1}, {"odd": 1}, 1)
    store.reader.set_trace_callback(None)
    plans = [row[3] for sql in asked for row in store.reader.execute(f"EXPLAIN QUERY PLAN {sql}")]
    looks = [step for step in plans if step.startswith(("SCAN examples", "SEARCH examples"))]
    assert looks
    assert all("examples_rating" in s or "examples_tags" in s or "examples_noted" in s for s in looks)
    assert remarks.counts(store.reader, Filter(text="a", mode="words")) == Remarked({1: 1}, {"odd": 1}, 1)
