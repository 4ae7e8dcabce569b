"""The answer beside its vote, in “Ask” and in words."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from dsbs_gui.core.project import Project
from dsbs_gui.core.store import answers, examples
from dsbs_gui.core.votes import Ballot, Vote, vote
from dsbs_gui.steps.teacher import overview
from dsbs_gui.steps.teacher.ui.answer_card import AnswerCard
from dsbs_gui.steps.teacher.ui.answer_words import how_read
from dsbs_gui.steps.teacher.ui.vote_text import vote_text
from tests.core.store.filling import add_answer, add_examples, answer


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    made = Project.create(tmp_path / "project", "math")
    add_examples(made.store, ["How many?"], ["4"])
    yield made
    made.close()


def held(*labels: str | None) -> Vote:
    result = vote((Ballot(i, i, label) for i, label in enumerate(labels)), str.__eq__)
    assert result is not None
    return result


def test_a_vote_is_said_in_a_sentence() -> None:
    assert vote_text(held("4", "4", "5", None)) == "Vote: 4 by 2 of 4\u00a0samples; 5 by 1; 1 without a label."
    assert vote_text(held("4", "5")).endswith("A tie: the more probable label stands.")
    assert vote_text(held(None, None)) == "None of 2\u00a0samples has a label."
    assert vote_text(held(*"1234567")).count(" by ") == 4
    assert "3\u00a0further labels" in vote_text(held(*"1234567"))


def test_ask_shows_the_sample_that_was_voted_for_with_its_vote(project: Project, qtbot) -> None:
    for number, label in enumerate(["5", "4", "8 / 2"]):
        add_answer(project.store, 1, f"Sample {number}.", label, sample=number, cache_key="k", agree=label != "5")
    db = project.store.reader
    shown, result = overview.newest_answer(db, 1)
    assert shown is not None
    assert shown.rationale == "Sample 1."
    card = AnswerCard()
    qtbot.addWidget(card)
    example = examples.get(db, 1)
    assert example is not None
    card.show_answer(example, shown, result)
    assert card.vote.text() == "Vote: 4 by 2 of 3\u00a0samples; 5 by 1."
    card.show_answer(example, shown)
    assert card.vote.isHidden()


def test_one_answer_has_no_vote_to_speak_of_and_a_failure_is_shown_as_it_is(project: Project, qtbot) -> None:
    add_answer(project.store, 1)
    shown, result = overview.newest_answer(project.store.reader, 1)
    card = AnswerCard()
    qtbot.addWidget(card)
    example = examples.get(project.store.reader, 1)
    assert example is not None
    card.show_answer(example, shown, result)
    assert card.vote.isHidden()
    add_answer(project.store, 1, None, None, failure="timed out", run_id="generate-2")
    assert overview.newest_answer(project.store.reader, 1)[0] == answers.of_example(project.store.reader, 1)[0]


def test_how_an_answer_was_read_is_said_with_what_to_know() -> None:
    said = answers.Answer(**{name: getattr(answer(1), name) for name in answer(1).__dataclass_fields__})
    assert how_read(said) == "Label from the number after the trigger"
    assert how_read(replace(said, rung="hashes", hinted=True)) == "Label by the rule “hashes” · was told the gold label"
    assert how_read(replace(said, failure="timed out")) == "Not read: timed out"
    probable = replace(said, label_logprob=math.log(0.834), hinted=True)
    assert how_read(probable) == (
        "Label from the number after the trigger · probability 83\u00a0% · was told the gold label"
    )
    assert "probability 1\u00a0%" in how_read(replace(said, label_logprob=-40.0)), "never 0"
    assert how_read(replace(said, rung="last-sentence", flags=("no-trigger", "several-values"))) == (
        "Label guessed from the last sentence · several values"
    )
