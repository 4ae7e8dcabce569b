"""Each signal is said in one sentence."""

from __future__ import annotations

import pytest

from dsbs_gui.steps.review.signals.explaining import CHANGED, SIGNALS, explain, told


@pytest.mark.parametrize("name", SIGNALS)
def test_every_signal_has_a_title_and_a_sentence(name: str) -> None:
    wording = SIGNALS[name]
    assert wording.title == wording.title.strip()
    assert wording.meaning.endswith(".")
    said = explain(name, "7")
    assert "{}" not in said
    assert said[0].isupper() or said[0].isdigit()


def test_signals_are_told_in_their_order_and_an_unknown_one_by_its_name() -> None:
    found = [("from-the-future", "x"), ("duplicate", "4"), ("arithmetic", "1 + 1 = 3 (it is 2)"), ("conflict", "")]
    assert told(found, current=True) == (
        "A calculation does not hold: 1 + 1 = 3 (it is 2).",
        "The rationale of № 4 is nearly the same.",
        "from-the-future: x",
    )


def test_signals_of_another_text_are_not_told_as_true() -> None:
    assert told([("arithmetic", "1 + 1 = 3")], current=False) == (CHANGED,)
    assert told([], current=False) == ()
