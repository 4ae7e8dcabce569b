"""A rationale that only states its label."""

from __future__ import annotations

import pytest

from .making import problem, question, signals

CHOICES = ["music room", "under bed", "end pain", "wakefulness"]
FRAME = "The answer must be a place to store a wind instrument. "


@pytest.mark.parametrize(
    ("rationale", "label"),
    [
        (f"{FRAME}Of the above choices, only music room makes sense.", "music room"),
        (f"{FRAME}Of the above choices, only music room makes sense for storing a wind instrument.", "music room"),
        ("The answer should be the feeling. Of the above choices, the closest feeling is wakefulness.", "wakefulness"),
        ("End pain.", "end pain"),
        ("The correct option is end pain.", "end pain"),
    ],
)
def test_a_label_of_which_nothing_is_said_is_bare(rationale: str, label: str) -> None:
    assert "bare" in signals(question("Where?", CHOICES, rationale, label))


@pytest.mark.parametrize(
    ("rationale", "label"),
    [
        (f"{FRAME}Of the above choices, only a music room keeps it dry.", "music room"),
        ("Instruments need dry air. Only the music room makes sense.", "music room"),
        (f"{FRAME}Of the above choices, only music room makes sense.", "end pain"),
        ("", "end pain"),
    ],
)
def test_a_reason_or_another_answer_is_not_bare(rationale: str, label: str) -> None:
    assert "bare" not in signals(question("Where?", CHOICES, rationale, label))


@pytest.mark.parametrize(
    ("rationale", "bare"),
    [
        ("The second chapter is 68 pages long.", True),
        ("The second chapter is 81 - 13 = 68 pages long.", False),
        ("There are 81 pages. 13 are in the first chapter. So the second one has 68.", False),
        ("The second chapter is long.", False),
    ],
)
def test_a_number_is_bare_in_one_sentence_without_a_calculation(rationale: str, bare: bool) -> None:
    assert ("bare" in signals(problem("A book has 81 pages.", rationale, "68"))) is bare
