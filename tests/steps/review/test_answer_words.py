"""What is said of several answers to one example."""

from __future__ import annotations

import pytest

from dsbs_gui.core.store.answers import Answer
from dsbs_gui.core.store.lifts import Lift
from dsbs_gui.core.votes import Ballot, vote
from dsbs_gui.steps.review import answer_words


def held(*labels: str | None) -> str:
    found = vote([Ballot(n, n, label, -0.1 * n) for n, label in enumerate(labels, 1)], str.__eq__)
    assert found is not None
    return answer_words.vote(found).replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("labels", "said"),
    [
        (("4", "4", "5", None), "Vote: 4 by 2 of 4 samples; 5 by 1; 1 without a label."),
        (("4", "5"), "Vote: 4 by 1 of 2 samples; 5 by 1. A tie: the more probable label stands."),
        ((None, " "), "None of 2 samples has a label."),
        (("1", "1", "2", "3", "4", "5", "6"), "Vote: 1 by 2 of 7 samples; 2 by 1; 3 by 1; 4 by 1; 2 further labels."),
    ],
)
def test_a_vote_is_a_sentence(labels: tuple[str | None, ...], said: str) -> None:
    assert held(*labels) == said


@pytest.mark.parametrize(
    ("without", "given", "said"),
    [
        (-3.0, -1.0, "is 7.4 times as probable with the rationale (log-probability −1.00 instead of −3.00)."),
        (-30.0, -1.0, "is more than 1 000 times as probable with the rationale"),
        (-1.0, -1.0, "is no more probable with the rationale than without it"),
    ],
)
def test_what_a_rationale_is_worth_is_a_sentence(without: float, given: float, said: str) -> None:
    text = answer_words.lift(Lift("m", "small", "s", without, given))
    for space in "\u00a0\u2009\u202f":
        text = text.replace(space, " ")
    assert text.startswith(f"To small the gold label {said}")


def test_a_question_before_many_are_taken_says_what_stays() -> None:
    asked = answer_words.take_question(30, 2)
    assert asked.title.replace("\u00a0", " ") == "Take 28 new answers?"
    assert "2 that you have reviewed stay as they are." in asked.text
    assert "1 that you have reviewed stays as it is." in answer_words.take_question(30, 1).text
    assert "reviewed" not in answer_words.take_question(30, 0).text


def test_an_answer_is_named_by_its_sample_or_by_who_wrote_it() -> None:
    made = Answer(1, "r", "teacher", "small", "raw", sample=2)
    assert answer_words.answer_name(made) == "Sample 3 of small"
    assert answer_words.answer_name(Answer(1, "r", "textbook", "", "raw")) == "Textbook"
    assert answer_words.shown_label("x" * 100) == "x" * 59 + "…"
    assert answer_words.shown_label("") == "none"
