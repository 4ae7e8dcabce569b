"""Each task renders its input as the reference code does, and knows when two labels mean the same."""

from __future__ import annotations

from typing import Any

import pytest

from dsbs_gui.core.errors import UserError
from dsbs_gui.core.tasks import TASKS, task_named

CHOICE = {"question": "What is an apple?", "choices": ["fruit", "a car", "gravity"]}


def test_a_choice_input_lists_the_choices_by_letter() -> None:
    assert TASKS["choice"].student_input(CHOICE) == (
        "What is an apple?\nAnswer Choices:\n(a) fruit\n(b) a car\n(c) gravity"
    )


def test_an_nli_input_is_premise_end_token_hypothesis_without_names() -> None:
    assert TASKS["nli"].student_input({"premise": "P.", "hypothesis": "H."}) == "P.</s>H."


@pytest.mark.parametrize(
    ("task", "a", "b"),
    [
        ("math", "( 84.0 / 2.0 )", "42"),
        ("choice", "Car", "a car"),
        ("choice", "“Fruit.”", "fruit"),
        ("nli", "Contradictory", "contradiction"),
        ("nli", "It is not possible to tell", "neutral"),
        ("text", "Positive ", "positive"),
    ],
)
def test_labels_in_other_words_are_the_same(task: str, a: str, b: str) -> None:
    assert TASKS[task].same(a, b, CHOICE)


@pytest.mark.parametrize("task", list(TASKS))
@pytest.mark.parametrize(("a", "b"), [("", ""), (" ", " "), ("yes", "no"), ("1", "2"), ("fruit", "")])
def test_a_blank_is_never_a_label_and_others_differ(task: str, a: str, b: str) -> None:
    assert not TASKS[task].same(a, b, CHOICE)


@pytest.mark.parametrize(
    ("task", "fields", "word"),
    [
        ("math", {"input": "  "}, "input is empty"),
        ("text", {}, "input is empty"),
        ("nli", {"premise": "P", "hypothesis": ""}, "hypothesis is empty"),
        ("choice", {"question": "Q", "choices": ["only"]}, "fewer than two"),
        ("choice", {"question": "Q", "choices": "a,b"}, "fewer than two"),
        ("choice", {"question": "Q", "choices": ["a", " "]}, "choice is empty"),
        ("choice", {"question": "Q", "choices": ["a"] * 27}, "more than 26"),
        ("choice", {"question": "", "choices": ["a", "b"]}, "question is empty"),
    ],
)
def test_an_incomplete_example_is_told_why(task: str, fields: dict[str, Any], word: str) -> None:
    problem = TASKS[task].problem(fields, None)
    assert problem is not None
    assert word in problem


@pytest.mark.parametrize(
    ("task", "label", "right"),
    [
        ("math", "( 1 + 2 )", True),
        ("math", "three", False),
        ("choice", "A Car", True),
        ("choice", "plane", False),
        ("nli", "entailment", True),
        ("nli", "perhaps", False),
        ("text", "anything", True),
    ],
)
def test_a_label_that_cannot_be_the_answer_is_told(task: str, label: str, right: bool) -> None:
    assert (TASKS[task].label_problem(CHOICE, label) is None) == right


def test_few_recurring_labels_of_free_text_are_classes() -> None:
    assert TASKS["text"].label_set(["a", "b"] * 5) == ("a", "b")
    assert TASKS["text"].label_set(["a", "b", "c"]) == ()


def test_an_unknown_task_names_those_that_are_there() -> None:
    with pytest.raises(UserError, match="nli, choice, math, text"):
        task_named("poetry")
