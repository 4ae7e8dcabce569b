"""Copying, repetition, length and ending."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsbs_gui.steps.review.signals import copying, repetition
from dsbs_gui.steps.review.signals.finding import Subject
from dsbs_gui.steps.review.signals.length import MOST_TOKENS

from .making import problem, signals

INPUT = "Jake has 5 fewer peaches than Steven. Steven has 18 more peaches than Jill. How many has Jake?"
WORDS = "ann has many red apples and some pears too"
sentence = st.lists(st.sampled_from(WORDS.split()), min_size=6).map(" ".join)


def test_a_rationale_that_says_the_input_again_copies_it() -> None:
    assert signals(problem(INPUT, "Jake has 5 fewer peaches than Steven. Steven has 18 more."))["copies"] == "100%"
    assert "copies" not in signals(problem(INPUT, "Jake has 5 fewer peaches than Steven, so we need Steven’s first."))
    calculates = "Jake has 5 fewer peaches than Steven. Steven has 18 more peaches than Jill. 18 - 5 = 13."
    assert "copies" not in signals(problem(INPUT, calculates))


@given(sentence)
def test_a_copy_of_any_text_is_one_and_half_of_it_too(text: str) -> None:
    assert copying.shared(text, text) == 1.0
    assert copying.shared(text, f"Once, {text}, they say") == 1.0
    assert copying.shared(f"{text} or {text}", text) < 1.0
    assert copying.shared(text, "nothing of it") == 0.0


@given(text=sentence, times=st.integers(2, 6))
def test_a_sentence_that_is_said_again_repeats(text: str, times: int) -> None:
    assert repetition.find(problem("x", " ".join([f"{text}."] * times)))


def test_a_loop_within_one_sentence_repeats_and_different_sentences_do_not() -> None:
    assert "repeats" in signals(problem("x", "and so on and so forth " * 10))
    assert "repeats" not in signals(problem("x", "He had 5 left. She had 7 left. So he had 5 left."))


def test_short_and_long_are_told_with_their_length() -> None:
    assert signals(problem("x", "It is so."))["short"] == "3"
    assert signals(problem("x", "It is so, and that is all.")).get("short") is None
    assert signals(problem("x", "word " * (MOST_TOKENS + 1)))["long"] == str(MOST_TOKENS + 1)
    assert "long" not in signals(problem("x", "word " * MOST_TOKENS))
    assert "long" in signals(problem("x", "w" * 10 * MOST_TOKENS)), "one endless word is long too"


@pytest.mark.parametrize(
    ("rationale", "label", "cut", "told"),
    [
        ("Ann has 5 apples and", "", False, True),
        ("Ann has 5 apples and", "5", False, False),
        ("Ann has 5 apples and", "5", True, True),
        ("Ann has 5 apples.", "", True, False),
        ("Ann said: “I have 5 apples.”", "", False, False),
        ("アンはりんごを五個持っている。", "", False, False),
        ("", "", True, False),
    ],
)
def test_a_text_is_cut_off_if_it_ends_within_a_sentence(rationale: str, label: str, cut: bool, told: bool) -> None:
    assert ("truncated" in signals(problem("x", rationale, label, cut=cut))) is told


def test_what_the_project_knows_of_a_row_is_a_signal_too() -> None:
    plain = Subject("text", {"input": "x"}, "x", "A reason, and quite a long one.", "yes", agree=True)
    assert signals(plain) == {}
    told = Subject("text", {"input": "x"}, "x", "A reason, and quite a long one.", "yes", agree=False, hinted=True)
    assert signals(told) == {"conflict": "", "hinted": ""}
