"""Any text is checked without a fault, and in time that grows with its length alone."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsbs_gui.core.tasks import TASKS
from dsbs_gui.steps.review.signals.checking import check
from dsbs_gui.steps.review.signals.explaining import SIGNALS, explain
from dsbs_gui.steps.review.signals.finding import LONGEST_DETAIL, Subject

any_text = st.text(st.characters(exclude_categories=[]), max_size=300)
SIZE = 50_000
PATTERNS = [
    *(
        "1 + ",
        "1,111,",
        "(",
        ")",
        "5 = ",
        "1 is ",
        "a",
        "9",
        "3 + 4 = 7. ",
        "\n",
        " ",
        ".",
        "“",
        '."',
        "5%",
        "x ",
        "Ab ",
    ),
    *("\u202e", "é", "字", "٣", "²", "🍎", "\0", "1st ", "- ", "1. ", "a'", "A-", "so the answer must be "),
]


def subject(task: str, text: str, label: str) -> Subject:
    fields = {"input": text, "question": text, "choices": [label, "the sea", text[:50]], "premise": text}
    return Subject(task, fields, text, text, label, agree=False, cut=True, hinted=True)


@given(task=st.sampled_from(sorted(TASKS)), text=any_text, label=any_text)
def test_any_text_is_checked_each_signal_once_and_said_in_one_line(task: str, text: str, label: str) -> None:
    found = check(subject(task, text, label))
    names = [finding.signal for finding in found]
    assert len(names) == len(set(names))
    assert set(names) <= set(SIGNALS)
    for finding in found:
        assert len(finding.detail) <= LONGEST_DETAIL
        assert "\n" not in explain(finding.signal, finding.detail)


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_hostile_text_takes_no_longer_than_its_length_asks_for(pattern: str) -> None:
    text = (pattern * SIZE)[:SIZE]
    began = time.monotonic()
    for task in ("math", "choice"):
        check(subject(task, text, "a label"))
    assert time.monotonic() - began < 20, "a quadratic one takes minutes"


def test_a_megabyte_of_prose_is_checked() -> None:
    text = "Ann has 12 apples and gives 5 of them to Ben, so 12 - 5 = 7 are left for her. " * 13_000
    found = {finding.signal for finding in check(subject("math", text, "7"))}
    assert {"long", "repeats"} <= found
    assert "arithmetic" not in found
