"""A label that the rationale's own conclusion does not give."""

from __future__ import annotations

import pytest

from dsbs_gui.steps.review.signals.finding import Subject

from .making import premise, problem, question, signals

CHOICES = ["bus depot", "beach", "train station", "bridge"]


@pytest.mark.parametrize(
    ("rationale", "label"),
    [
        ("Of the above choices, only a train station is such a place.", "train station"),
        ("Only train stations have it. That settles it.", "train station"),
        ("A bum sleeps under bridges, not at a beach.", "bridge"),
        ("It is a depot.", "bus depot"),
        ("Beaches and bridges would do.", "beach"),
    ],
)
def test_a_label_that_the_last_naming_sentence_names_is_concluded(rationale: str, label: str) -> None:
    assert "unsupported" not in signals(question("Where?", CHOICES, rationale, label))


@pytest.mark.parametrize(
    ("rationale", "label"),
    [
        ("Of the above choices, only a train station is such a place.", "beach"),
        ("A beach is nice. But only the bridge is dry.", "beach"),
        ("The answer must be a place. Only a palace will do.", "beach"),
    ],
)
def test_a_label_that_it_does_not_name_is_told_with_the_sentence(rationale: str, label: str) -> None:
    assert signals(question("Where?", CHOICES, rationale, label))["unsupported"] == rationale.split(". ")[-1]


@pytest.mark.parametrize(
    ("rationale", "label", "told"),
    [
        ("So 5 + 3 = 8 apples.", "(5 + 3)", False),
        ("So the remaining 2 emails came later.", "(9 - 7)", False),
        ("He had 19 - 6 = 13. He had 18 - 15 = 3.", "(19 - 6) + (18 - 15)", True),
        ("If you read 7 books, you read 11 - 7 = 4 more.", "(17 - 11)", True),
        ("She needs 10 - 7 = 3 cups. She has 2 bowls.", "(10 - 7)", False),
        ("There are many.", "8", False),
        ("So 5 + 3 = 8.", "no number", False),
    ],
)
def test_numbers_are_compared_with_the_last_calculation(rationale: str, label: str, told: bool) -> None:
    assert ("unsupported" in signals(problem("A sum.", rationale, label))) is told


@pytest.mark.parametrize(
    ("rationale", "label", "told"),
    [
        ("A dog is an animal. So the premise entails the hypothesis.", "entailment", False),
        ("So the premise contradicts the hypothesis.", "entailment", True),
        ("So the premise contradicts the hypothesis.", "no", False),
        ("A dog is an animal.", "contradiction", False),
        ("It neither entails nor contradicts it.", "neutral", False),
    ],
)
def test_inference_is_judged_where_the_last_sentence_names_one_relation(rationale: str, label: str, told: bool) -> None:
    assert ("unsupported" in signals(premise(rationale, label))) is told


def test_free_text_and_rows_without_a_label_are_not_judged() -> None:
    assert "unsupported" not in signals(Subject("text", {"input": "x"}, "x", "It is clearly negative.", "positive"))
    assert "unsupported" not in signals(question("Where?", CHOICES, "Only a beach.", " "))
