"""The evaluator computes arithmetic and nothing else (acceptance item M13)."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsbs_gui.core.arithmetic import evaluate, same_value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("( 84.0 / 2.0 )", 42.0),
        ("((415 - 309) - 41)", 65.0),
        ("-3 + 5", 2.0),
        ("1,200 - 3", 1197.0),
        ("2 × 3 ÷ 4", 1.5),
        ("7", 7.0),
    ],
)
def test_arithmetic_has_its_value(text: str, value: float) -> None:
    assert evaluate(text) == pytest.approx(value)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "9**9**9",
        "__import__('os').system('true')",
        "(1,2)",
        "1 if 1 else 2",
        "x + 1",
        "1 / 0",
        "(415 - 309) - (41",
        "1e999",
        "7 // 2",
        "True",
        "0x10",
        "1_000",
        "(" * 100_000 + "1" + ")" * 100_000,
        "-" * 100_000 + "1",
        "1+" * 400,
    ],
)
def test_what_is_no_arithmetic_has_no_value_and_takes_no_time(text: str) -> None:
    started = time.perf_counter()
    assert evaluate(text) is None
    assert time.perf_counter() - started < 0.05


@given(st.text())
def test_no_text_raises(text: str) -> None:
    evaluate(text)


def test_equal_values_in_other_words_are_the_same_but_two_blanks_are_not() -> None:
    assert same_value("0.1+0.2", "0.3")
    assert same_value("( 84 / 2 )", "42")
    assert not same_value("42", "43")
    assert not same_value("nothing", "nothing")
