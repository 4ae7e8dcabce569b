from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dsbs_gui.core.errors import UserError
from dsbs_gui.core.failures import known
from dsbs_gui.core.store import decisions, examples, search
from dsbs_gui.core.store.connection import sqlite3
from dsbs_gui.core.store.database import Store
from dsbs_gui.core.store.filters import Filter, Selection
from dsbs_gui.core.store.search import Search

from .filling import add_answer, add_examples

INPUTS = [
    "Ann has 12 apples, Ben has 3.",
    "Café crème: it's 5€!",
    "日本語のりんご",
    "pine-apple and (pear) 1+1",
    'say "one two" three',
]


def catch_up(store: Store) -> None:
    while store.write_now(search.catch_up):
        pass


def check_index(store: Store) -> None:
    """Raises if the index is not exactly what the examples say."""
    store.write_now(lambda tx: tx.execute("INSERT INTO search (search, rank) VALUES ('integrity-check', 1)"))


def found(store: Store, text: str, mode: str = "words") -> list[int]:
    return list(examples.ids(store.reader, Filter(text=text, mode=mode)))


@pytest.mark.parametrize("indexed", [False, True], ids=["row by row", "by the index"])
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("apples", [1]),
        ("APP", [1, 4]),
        ("ben ann", [1]),
        ("ann pears", []),
        ("pples", []),
        ('"has 12 apples"', [1]),
        ('"has apples"', []),
        ('"has 12 app"', []),
        ("12", [1]),
        ("pine-app", [4]),
        ("1+1", [4]),
        ('"one two', [5]),
        ("café", [2]),
        ("りんご", [3]),
        ("€", [2]),
        ("+", [4]),
        ("(", [4]),
        ("NOT OR AND", []),
        ("input:apples", []),
        ("", [1, 2, 3, 4, 5]),
    ],
)
def test_words_are_found_from_their_beginning(store: Store, indexed: bool, text: str, expected: list[int]) -> None:
    add_examples(store, INPUTS)
    if indexed:
        catch_up(store)
    assert found(store, text) == expected


def test_the_index_looks_through_accents_and_case(store: Store) -> None:
    add_examples(store, INPUTS)
    catch_up(store)
    assert found(store, "CAFE creme") == [2]


def test_rationale_labels_and_note_are_searched_too(store: Store) -> None:
    [i] = add_examples(store, ["question"], ["gold"])
    add_answer(store, i, "reasoning", "answered")
    catch_up(store)
    store.write_now(lambda tx: decisions.edit(tx, i, note="remarkable"))
    for mode in search.MODES:
        for text in ("question", "gold", "reasoning", "answered", "remarkable"):
            assert found(store, text, mode) == [i]


TEXTS = st.text(st.sampled_from("ab1 .-_+\"'()*:^\n"), min_size=1, max_size=10)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(TEXTS, min_size=1, max_size=4), wanted=TEXTS)
def test_the_index_and_the_rows_say_the_same(store: Store, texts: list[str], wanted: str) -> None:
    store.write_now(lambda tx: tx.execute("DELETE FROM examples"))
    store.write_now(lambda tx: tx.execute("UPDATE search_state SET indexed = 0"))
    add_examples(store, texts)
    by_row = found(store, wanted)
    catch_up(store)
    check_index(store)
    assert found(store, wanted) == by_row


ODD = ['"', '""', "*", "a*", "NEAR(a b)", "a OR", "{a}:b", "-a", "\0", "\ud800", "^a", "a" * 60_000]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    text=st.text() | st.sampled_from(['"', '""', "*", "a*", "NEAR(a b)", "a OR", "{a}:b", "-a", "\0", "\ud800", "^a"])
)
def test_any_text_is_a_valid_search(store: Store, text: str) -> None:
    for mode in ("words", "contains"):
        found(store, text, mode)


def test_the_index_follows_edits_bulk_undo_and_later_imports(store: Store) -> None:
    first = add_examples(store, ["alpha", "beta"])
    for i in first:
        add_answer(store, i, "teacher wrote", "4")
    catch_up(store)
    store.write_now(lambda tx: decisions.edit(tx, first[0], rationale="person wrote"))
    store.write_now(
        lambda tx: decisions.set_state(tx, Selection(matching=Filter(text="wrote", mode="words")), "accepted")
    )
    assert (found(store, "person"), found(store, "teacher")) == ([first[0]], [first[1]])
    store.write_now(decisions.undo)
    store.write_now(decisions.undo)
    assert (found(store, "person"), found(store, "teacher")) == ([], first)
    later = add_examples(store, ["alpha too"], split="test")
    assert found(store, "alpha") == [first[0], *later], "an import is searched before it is in the index"
    catch_up(store)
    check_index(store)
    assert found(store, "alpha") == [first[0], *later]


def test_the_index_grows_a_part_at_a_time(store: Store) -> None:
    add_examples(store, [f"word{i}" for i in range(25)])
    assert [store.write_now(lambda tx: search.catch_up(tx, 10)) for _ in range(3)] == [True, True, False]
    check_index(store)


def test_patterns_are_found_without_regard_to_case(store: Store) -> None:
    add_examples(store, INPUTS)
    assert found(store, r"\b\d{2}\b", "regex") == [1]
    assert found(store, "^ANN|pear", "regex") == [1, 4]
    assert found(store, r"\p{Han}", "regex") == [3]


@pytest.mark.parametrize(
    ("pattern", "said"), [("(a", "at its end"), ("a)b(", "at character 2"), ("a{2", ""), (r"\d+", "")]
)
def test_what_is_no_pattern_is_said_in_a_sentence(pattern: str, said: str) -> None:
    problem = search.problem(pattern, "regex")
    assert bool(problem) == bool(said)
    assert said in problem
    assert search.problem(pattern, "words") == ""


def test_a_pattern_that_takes_for_ever_is_given_up(store: Store) -> None:
    add_examples(store, ["a" * 5_000 + "!"])
    with pytest.raises(sqlite3.OperationalError) as raised:
        found(store, r"(a|a)*(a|a)*(a|a)*[bc]", "regex")
    understood = known(raised.value)
    assert isinstance(understood, UserError)
    assert "too long" in understood.message


def test_the_last_twenty_searches_are_kept_newest_first(store: Store) -> None:
    for i in range(25):
        store.write_now(lambda tx, i=i: search.remember(tx, f"word{i}", "words"))  # type: ignore[misc]
    store.write_now(lambda tx: search.remember(tx, "word10", "words"))
    store.write_now(lambda tx: search.remember(tx, "  ", "words"))
    kept = search.recent(store.reader)
    assert len(kept) == search.MOST_KEPT
    assert kept[:3] == [Search("word10"), Search("word24"), Search("word23")]
    assert kept.count(Search("word10")) == 1
