from __future__ import annotations

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dsbs_gui.core.store import decisions, examples
from dsbs_gui.core.store.database import Store
from dsbs_gui.core.store.filters import Filter, Selection

from .filling import add_answer, add_examples


def inputs(store: Store, chosen: Filter) -> list[str]:
    return [e.input for e in examples.each(store.reader, chosen)]


@pytest.fixture
def mixed(store: Store) -> Store:
    """a: agrees · b: conflicts · c: has no gold label · d: failed · e: untouched, in test."""
    a, b, c, d = add_examples(store, ["a", "b", "c", "d"], ["4", "5", None, "4"])
    add_examples(store, ["e"], ["1"], split="test")
    add_answer(store, a, "Two and two.", "4", agree=True)
    add_answer(store, b, "Two and three.", "4", agree=False)
    add_answer(store, c, "Unknown.", "4")
    add_answer(store, d, None, None, failure="unparsed")
    return store


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        (Filter(), "abcde"),
        (Filter(splits=("test",)), "e"),
        (Filter(splits=("train", "test"), states=("empty",)), "de"),
        (Filter(states=("unreviewed",)), "abc"),
        (Filter(agreement=("agree",)), "a"),
        (Filter(agreement=("conflict", "unknown"), splits=("train",)), "bcd"),
        (Filter(failed=True), "d"),
        (Filter(has_rationale=True), "abc"),
        (Filter(has_rationale=False), "de"),
        (Filter(label="4"), "ad"),
        (Filter(text="TWO AND"), "ab"),
        (Filter(text="two", agreement=("conflict",)), "b"),
        (Filter(import_id=2), "e"),
        (Filter(states=("accepted",)), ""),
    ],
)
def test_each_condition_narrows_and_all_must_hold(mixed: Store, chosen: Filter, expected: str) -> None:
    assert "".join(inputs(mixed, chosen)) == expected
    assert examples.count(mixed.reader, chosen) == len(expected)
    assert len(examples.ids(mixed.reader, chosen)) == len(expected)


def test_an_example_for_which_a_person_wrote_a_rationale_counts_as_failed_no_longer(mixed: Store) -> None:
    [failed] = examples.ids(mixed.reader, Filter(failed=True))
    mixed.write_now(lambda tx: decisions.edit(tx, failed, rationale="Mine."))
    assert not examples.ids(mixed.reader, Filter(failed=True))


def test_signs_of_the_search_language_are_searched_as_they_stand(store: Store) -> None:
    add_examples(store, ["100% sure", "100 percent", "a_b", "axb", "back\\slash", 'it\'s "quoted"', "x"])
    assert inputs(store, Filter(text="100%")) == ["100% sure"]
    assert inputs(store, Filter(text="a_b")) == ["a_b"]
    assert inputs(store, Filter(text="k\\s")) == ["back\\slash"]
    assert inputs(store, Filter(text="'s \"q")) == ['it\'s "quoted"']


def test_a_pasted_book_is_a_search_text_like_any_other(store: Store) -> None:
    book = "Whan that Aprille " * 4_000
    add_examples(store, [f"The book: {book}", "short"])
    assert inputs(store, Filter(text=book.upper())) == [f"The book: {book}"]


def test_a_search_text_with_nul_finds_just_that(store: Store) -> None:
    add_examples(store, ["a\0b", "a", "ab"])
    assert inputs(store, Filter(text="A\0b")) == ["a\0b"]


def _folded(text: str) -> str:
    return re.sub("[A-Z]", lambda found: found.group().lower(), text)


PLAIN = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(PLAIN.filter(bool), min_size=1, max_size=5), wanted=PLAIN | st.sampled_from("%_\\aA"))
def test_search_is_containment_without_regard_to_ascii_case(store: Store, texts: list[str], wanted: str) -> None:
    store.write_now(lambda tx: tx.execute("DELETE FROM examples"))
    add_examples(store, texts)
    assert inputs(store, Filter(text=wanted)) == [text for text in texts if _folded(wanted) in _folded(text)]


def test_a_selection_of_all_that_match_leaves_out_the_exceptions(mixed: Store) -> None:
    first, *_ = examples.ids(mixed.reader)
    selection = Selection(matching=Filter(states=("unreviewed",)), but=frozenset({first}))
    assert mixed.write_now(selection.load) == 2


def test_a_selection_counts_an_id_that_is_named_twice_once(mixed: Store) -> None:
    assert mixed.write_now(Selection.of([1, 1, 2]).load) == 2
