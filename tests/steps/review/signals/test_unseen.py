"""Numbers and names that come from nowhere."""

from __future__ import annotations

import pytest

from .making import problem, question, signals

INPUT = "Ann has 9 apples and twelve pears. Cubs' fans from new york ate 1,000 of them. 50% were red."


@pytest.mark.parametrize(
    "rationale",
    [
        *("Ann has 9 - 9 = 0 apples.", "So 9 + 12 is 21, and 21 - 9 = 12 are left.", "It is 12 + 9, so 21."),
        *(
            "There are 1000 of them, 50 percent red.",
            "The Cubs are from New York.",
            "1. Ann has 9.\n2. She keeps them.",
        ),
        *(
            "So one apple each, the 3rd time.",
            "9 + 12 = 22 in all, so 22.",
            "Then I think I'm done.",
            "",
            "So 9 apples and 3",
        ),
    ],
)
def test_what_the_input_or_a_shown_calculation_gives_is_seen(rationale: str) -> None:
    assert "unseen" not in signals(problem(INPUT, rationale))


@pytest.mark.parametrize(
    ("rationale", "detail"),
    [
        ("So the remaining 2 apples are hers.", "2"),
        ("She gave 7 to Ben, 7 to Carla and 8.5 to Ann.", "7, 8.5, Ben, Carla"),
        ("So 9 + 5 = 14.", "5"),
    ],
)
def test_what_comes_from_nowhere_is_listed(rationale: str, detail: str) -> None:
    assert signals(problem(INPUT, rationale))["unseen"] == detail


def test_a_text_in_capitals_and_the_first_word_of_a_sentence_are_no_names() -> None:
    assert "unseen" not in signals(
        question("Where?", ["sea", "sky"], "BIRDS LIVE IN THE SKY ABOVE US. So it is.", "sky")
    )
    assert "unseen" not in signals(question("Where?", ["sea", "sky"], "Birds fly. “Sky” is where. (Perhaps.)", "sky"))
