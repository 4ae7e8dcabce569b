from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import pytest

from dsbs_gui.core.store import answers, decisions, examples
from dsbs_gui.core.store.changes import Changes
from dsbs_gui.core.store.connection import sqlite3
from dsbs_gui.core.store.database import Store
from dsbs_gui.core.store.filters import Selection

from .filling import add_answer, add_examples, answer, reviewed


@pytest.fixture
def one(store: Store) -> int:
    return add_examples(store, ["How many?"], ["4"])[0]


def reparse(store: Store, answer_id: int, **changed: object) -> None:
    found = answers.get(store.reader, answer_id)
    assert found is not None
    store.write_now(lambda tx: answers.reparse(tx, replace(found, **changed)))


def test_an_answer_is_kept_as_it_came(store: Store, one: int) -> None:
    given = answer(
        one, flags=("cut-off",), agree=True, tokens_in=7, mean_logprob=-0.5, raw="a\0b\r\n\u2028", hinted=True
    )
    answer_id = store.write_now(lambda tx: answers.add(tx, given))
    kept = answers.get(store.reader, answer_id)
    assert kept is not None
    assert all(getattr(kept, name) == getattr(given, name) for name in given.__dataclass_fields__)


def test_a_usable_answer_stands_unreviewed_with_its_origin(store: Store, one: int) -> None:
    answer_id = add_answer(store, one, source="textbook", agree=False)
    found = examples.get(store.reader, one)
    assert found is not None
    assert (found.state, found.origin, found.answer_id, found.agree) == ("unreviewed", "textbook", answer_id, 0)


def test_a_blank_rationale_is_none(store: Store, one: int) -> None:
    add_answer(store, one, " \n", "4")
    assert reviewed(store, one) == ("unreviewed", None, "4")


def test_a_failure_shows_only_while_nothing_stands(store: Store, one: int) -> None:
    add_answer(store, one, None, None, failure="unparsed")
    found = examples.get(store.reader, one)
    assert found is not None
    assert (found.state, found.failure) == ("empty", "unparsed")
    add_answer(store, one, "Good.", "4", run_id="generate-2")
    add_answer(store, one, None, None, failure="refused", run_id="generate-3")
    found = examples.get(store.reader, one)
    assert found is not None
    assert (found.state, found.rationale, found.failure) == ("unreviewed", "Good.", None)


def test_a_newer_run_takes_the_place_of_an_older(store: Store, one: int) -> None:
    add_answer(store, one, "Old.", "3")
    add_answer(store, one, "New.", "4", run_id="generate-2")
    assert reviewed(store, one) == ("unreviewed", "New.", "4")


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_of_several_samples_the_first_usable_stands_whatever_the_order(
    store: Store, one: int, order: tuple[int, ...]
) -> None:
    for sample in order:
        failure = "unparsed" if sample == 0 else None
        add_answer(store, one, f"Sample {sample}.", "4", sample=sample, failure=failure, cache_key="k")
    assert reviewed(store, one) == ("unreviewed", "Sample 1.", "4")


def test_a_resumed_run_does_not_put_a_later_sample_first(store: Store, one: int) -> None:
    add_answer(store, one, "Sample 0.", "4", sample=0, cache_key="k")
    add_answer(store, one, "Sample 1.", "5", sample=1, cache_key="k", run_id="generate-2")
    assert reviewed(store, one) == ("unreviewed", "Sample 0.", "4")


@pytest.mark.parametrize("state", ["accepted", "rejected"])
def test_what_a_person_decided_stays(store: Store, one: int, state: str) -> None:
    add_answer(store, one, "Old.", "3")
    store.write_now(lambda tx: decisions.set_state(tx, Selection.of([one]), state))
    add_answer(store, one, "New.", "4", run_id="generate-2")
    assert reviewed(store, one) == (state, "Old.", "3")


def test_what_a_person_wrote_stays_even_when_it_is_reopened(store: Store, one: int) -> None:
    add_answer(store, one, "Old.", "3")
    store.write_now(lambda tx: decisions.edit(tx, one, rationale="Mine."))
    store.write_now(lambda tx: decisions.set_state(tx, Selection.of([one]), "unreviewed"))
    add_answer(store, one, "New.", "4", run_id="generate-2")
    assert reviewed(store, one) == ("unreviewed", "Mine.", "3")


def test_a_skipped_example_comes_back_only_with_something_new(store: Store, one: int) -> None:
    add_answer(store, one, "Old.", "3")
    store.write_now(lambda tx: decisions.set_state(tx, Selection.of([one]), "skipped"))
    add_answer(store, one, "Old.", "3", run_id="generate-2")
    assert reviewed(store, one)[0] == "skipped"
    add_answer(store, one, "New.", "4", run_id="generate-3")
    assert reviewed(store, one) == ("unreviewed", "New.", "4")


def test_reparsing_changes_what_stands(store: Store, one: int) -> None:
    answer_id = add_answer(store, one, "Because. So", "3", agree=False)
    reparse(store, answer_id, rationale="Because.", label="4", agree=True, rung="json", flags=("repaired",))
    assert reviewed(store, one) == ("unreviewed", "Because.", "4")
    kept = answers.get(store.reader, answer_id)
    assert kept is not None
    assert (kept.rung, kept.flags, kept.agree) == ("json", ("repaired",), True)


def test_reparsing_a_failure_into_an_answer_lets_it_stand(store: Store, one: int) -> None:
    answer_id = add_answer(store, one, None, None, failure="unparsed")
    reparse(store, answer_id, rationale="Because.", label="4", failure=None)
    found = examples.get(store.reader, one)
    assert found is not None
    assert (found.state, found.rationale, found.failure) == ("unreviewed", "Because.", None)


def test_reparsing_another_answer_than_the_standing_one_changes_nothing_there(store: Store, one: int) -> None:
    old = add_answer(store, one, "Old.", "3")
    add_answer(store, one, "New.", "4", run_id="generate-2")
    reparse(store, old, rationale="Old, better.", label="5")
    assert reviewed(store, one) == ("unreviewed", "New.", "4")


def test_an_answer_that_turns_out_unusable_makes_room_for_the_next_best(store: Store, one: int) -> None:
    add_answer(store, one, "Older run.", "2")
    standing = add_answer(store, one, "Sample 0.", "3", sample=0, run_id="generate-2")
    add_answer(store, one, "Sample 1.", "4", sample=1, run_id="generate-2")
    add_answer(store, one, "Sample 2.", "5", sample=2, run_id="generate-2")
    reparse(store, standing, rationale=None, label=None, failure="unparsed")
    assert reviewed(store, one) == ("unreviewed", "Sample 1.", "4")


def test_an_only_answer_that_turns_out_unusable_leaves_the_example_empty_with_the_reason(
    store: Store, one: int
) -> None:
    standing = add_answer(store, one, "Because.", "3", agree=False)
    reparse(store, standing, rationale=None, label=None, failure="unparsed")
    found = examples.get(store.reader, one)
    assert found is not None
    assert (found.state, found.rationale, found.agree, found.failure) == ("empty", None, None, "unparsed")


def test_reparsing_leaves_a_decision_alone(store: Store, one: int) -> None:
    answer_id = add_answer(store, one, "Because.", "3")
    store.write_now(lambda tx: decisions.set_state(tx, Selection.of([one]), "accepted"))
    reparse(store, answer_id, rationale=None, label=None, failure="unparsed")
    assert reviewed(store, one) == ("accepted", "Because.", "3")


def test_the_same_answer_of_a_run_cannot_be_stored_twice(store: Store, one: int) -> None:
    add_answer(store, one)
    with pytest.raises(sqlite3.IntegrityError):
        add_answer(store, one)
    assert len(answers.of_example(store.reader, one)) == 1


def test_answers_of_an_example_are_newest_first(store: Store, one: int) -> None:
    ids = [add_answer(store, one, sample=sample) for sample in range(3)]
    assert [a.id for a in answers.of_example(store.reader, one)] == ids[::-1]


def test_each_goes_through_the_answers_of_a_split(store: Store, one: int) -> None:
    [other] = add_examples(store, ["x"], split="test")
    for example_id in (one, other, one):
        add_answer(store, example_id, run_id=f"generate-{len(list(answers.each(store.reader)))}")
    assert [a.example_id for a in answers.each(store.reader, at_a_time=2)] == [one, other, one]
    assert [a.example_id for a in answers.each(store.reader, "test")] == [other]


def test_known_names_what_need_not_be_asked_again(store: Store, one: int) -> None:
    add_answer(store, one, sample=0, cache_key="k")
    add_answer(store, one, sample=1, cache_key="k", failure="unparsed")
    add_answer(store, one, sample=2, cache_key="other")
    assert set(answers.known(store.reader, "k", [one], ())) == {(one, 0)}
    assert set(answers.known(store.reader, "k", [one], ("unparsed",))) == {(one, 0), (one, 1)}


def test_a_tally_counts_one_run(store: Store, one: int) -> None:
    [other] = add_examples(store, ["x"])
    add_answer(store, one, agree=True, tokens_in=5, tokens_out=2)
    add_answer(store, one, "R", None, sample=1, tokens_in=5)
    add_answer(store, other, failure="unparsed", agree=None)
    add_answer(store, other, run_id="generate-2", agree=False)
    assert answers.tally(store.reader, "generate-1") == {
        "answers": 3, "done": 2, "parsed": 1, "agree": 1, "compared": 1, "tokens_in": 10, "tokens_out": 2,
        "failed": {"unparsed": 1},
    }  # fmt: skip
    assert answers.tally(store.reader, "generate-9")["answers"] == 0


def test_an_answer_announces_its_example(store: Store, one: int) -> None:
    seen: list[Changes] = []
    store.listen(seen.append)
    add_answer(store, one)
    assert seen[-1].ids("examples") == seen[-1].ids("answers") == {one}


def test_the_signals_of_answers_come_without_their_texts(store: Store, one: int) -> None:
    answer_id = add_answer(store, one, flags=("several-values",), hinted=True, finish_reason="length")
    signals = answers.signals(store.reader, [answer_id, 99])
    assert signals == {answer_id: answers.Signals("smollm2-135m", "value", ("several-values",), True, "length")}
    assert answers.signals(store.reader, []) == {}
