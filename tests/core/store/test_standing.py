"""Which of several samples stands for an example."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dsbs_gui.core.store import answers, decisions, examples, project_info, runs, standing
from dsbs_gui.core.store.database import Store, Transaction
from dsbs_gui.core.store.filters import Selection

from .filling import add_answer, add_examples, answer, reviewed


@pytest.fixture
def one(store: Store) -> int:
    store.write_now(lambda tx: project_info.put(tx, "task", "math"))
    return add_examples(store, ["How many?"], ["4"])[0]


def sample(store: Store, one: int, number: int, label: str | None, **more: object) -> int:
    values: dict[str, object] = {"cache_key": "k", "mean_logprob": -0.5, "agree": label == "4"}
    return add_answer(store, one, f"Sample {number}.", label, sample=number, **(values | more))


def reread(store: Store, answer_id: int, **changed: object) -> None:
    found = answers.get(store.reader, answer_id)
    assert found is not None
    store.write_now(lambda tx: answers.reparse(tx, replace(found, **changed)))


def test_the_label_with_most_votes_stands_with_its_most_probable_rationale(store: Store, one: int) -> None:
    for number, label, logprob in ((0, "5", -0.1), (1, "4", -0.9), (2, "8 / 2", -0.4)):
        sample(store, one, number, label, mean_logprob=logprob)
    assert reviewed(store, one) == ("unreviewed", "Sample 2.", "8 / 2")


def test_failures_do_not_vote(store: Store, one: int) -> None:
    sample(store, one, 0, "4")
    for number in (1, 2):
        sample(store, one, number, "5", failure="cut off at the token limit")
    assert reviewed(store, one)[1] == "Sample 0."


def test_samples_of_a_resumed_run_vote_with_the_earlier_ones(store: Store, one: int) -> None:
    sample(store, one, 0, "5")
    for number in (1, 2):
        sample(store, one, number, "4", run_id="generate-2")
    assert reviewed(store, one)[2] == "4"


def test_another_prompt_is_another_vote(store: Store, one: int) -> None:
    for number in (0, 1):
        sample(store, one, number, "5")
    sample(store, one, 0, "4", run_id="generate-2", cache_key="other")
    assert reviewed(store, one)[2] == "4"


def test_a_decision_is_not_voted_away(store: Store, one: int) -> None:
    sample(store, one, 0, "5")
    store.write_now(lambda tx: decisions.set_state(tx, Selection.of([one]), "accepted"))
    for number in (1, 2):
        sample(store, one, number, "4")
    assert reviewed(store, one) == ("accepted", "Sample 0.", "5")


def test_a_sample_that_a_person_picked_is_not_voted_away_by_its_fellows(store: Store, one: int) -> None:
    picked = sample(store, one, 0, "5")
    sample(store, one, 1, "4", mean_logprob=-0.1)
    store.write_now(lambda tx: decisions.take_answer(tx, one, picked))
    late = sample(store, one, 2, "4")
    assert reviewed(store, one)[2] == "5"
    reread(store, late, label="44", agree=False)
    assert reviewed(store, one)[2] == "5"
    reread(store, picked, label="55", agree=False)
    assert reviewed(store, one)[2] == "55"
    add_answer(store, one, "New run.", "4", run_id="generate-9")
    assert reviewed(store, one)[2] == "4"


def test_reading_a_sample_anew_can_turn_the_vote(store: Store, one: int) -> None:
    first = sample(store, one, 0, "5", mean_logprob=-0.1)
    sample(store, one, 1, "4", mean_logprob=-0.9)
    third = sample(store, one, 2, None, agree=None)
    assert reviewed(store, one)[1] == "Sample 0."
    reread(store, third, label="4", agree=True)
    assert reviewed(store, one)[1:] == ("Sample 2.", "4")
    example = examples.get(store.reader, one)
    assert example is not None
    assert example.agree == 1
    reread(store, third, label="5", agree=False)
    assert reviewed(store, one)[1] == "Sample 0."
    assert example.answer_id == third != first


def test_an_answer_with_the_gold_label_told_stands_where_the_vote_was_wrong(store: Store, one: int) -> None:
    sample(store, one, 0, "5")
    told = sample(store, one, -1, "4", hinted=True)
    assert reviewed(store, one)[2] == "4"
    assert standing.vote_of(store.reader, [told]) is None


def test_it_does_not_stand_where_the_vote_was_right_nor_where_it_is_wrong_itself(store: Store, one: int) -> None:
    sample(store, one, -1, "6", hinted=True)
    sample(store, one, 0, "5")
    assert reviewed(store, one)[1:] == ("Sample 0.", "5")
    for number in (1, 2):
        sample(store, one, number, "4")
    sample(store, one, -2, "4", hinted=True, mean_logprob=-0.01)
    assert reviewed(store, one)[1] == "Sample 1."


def test_what_was_imported_does_not_vote(store: Store, one: int) -> None:
    add_answer(store, one, "Theirs.", "3", run_id="import-1", source="import", sample=1)
    add_answer(store, one, "Read.", "5", run_id="import-1", source="import", sample=0, mean_logprob=None)
    assert reviewed(store, one)[1] == "Read."


def test_the_vote_of_an_example_can_be_shown(store: Store, one: int) -> None:
    ids = [sample(store, one, number, label) for number, label in enumerate(["4", "5", "4", None])]
    vote = standing.vote_of(store.reader, ids)
    assert vote is not None
    assert [(party.label, party.votes) for party in vote.parties] == [("4", 2), ("5", 1)]
    assert len(vote.abstained) == 1


def add_run(store: Store, run_id: str, **context: object) -> None:
    def act(tx: Transaction) -> None:
        run = runs.add(tx, kind="generate", title="T", lane="network", spec={}, context=context)
        assert run.id == run_id

    store.write_now(act)


def test_a_trial_takes_the_place_of_nothing_until_a_whole_run_makes_it_its_own(store: Store, one: int) -> None:
    [other] = add_examples(store, ["And how many?"], ["5"])
    add_run(store, "generate-1", trial="rows")
    for number, label in ((0, "3"), (1, "3")):
        sample(store, one, number, label, run_id="generate-0", cache_key="a")
    tried = answer(one, "Tried.", "4", run_id="generate-1", cache_key="b", agree=True)
    alone = answer(other, "Tried too.", "5", run_id="generate-1", cache_key="b", agree=True)
    store.write_now(lambda tx: [answers.add(tx, new, trial=True) for new in (tried, alone)])
    assert reviewed(store, one)[2] == "3"
    assert reviewed(store, other)[1] == "Tried too."
    store.write_now(lambda tx: standing.let_trials_stand(tx, "another"))
    assert reviewed(store, one)[2] == "3"
    store.write_now(lambda tx: standing.let_trials_stand(tx, "b"))
    assert reviewed(store, one) == ("unreviewed", "Tried.", "4")


def test_what_was_tried_does_not_take_the_place_of_a_decision(store: Store, one: int) -> None:
    add_run(store, "generate-1", trial="rows")
    sample(store, one, 0, "3", run_id="generate-0", cache_key="a")
    store.write_now(lambda tx: answers.add(tx, answer(one, "Tried.", run_id="generate-1", cache_key="b"), trial=True))
    store.write_now(lambda tx: decisions.set_state(tx, Selection.of([one]), "accepted"))
    store.write_now(lambda tx: standing.let_trials_stand(tx, "b"))
    assert reviewed(store, one) == ("accepted", "Sample 0.", "3")
