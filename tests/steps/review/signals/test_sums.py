"""Arithmetic in texts: what is read, what is left alone, and which equations hold."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsbs_gui.steps.review.signals import sums

from .making import problem, signals

small = st.integers(0, 9_999)


@pytest.mark.parametrize(
    "text",
    [
        *("5 + 3 = 8", "So 5+3=8 apples.", "7 * 36 is 252.", "7 x 8 = 56", "7 × 8 = 56", "84 ÷ 2 equals 42"),
        *("1,234 + 1 = 1,235", "$403 - $49 = $354", "(5 + 3) * 2 = 16", "(She had 5 + 3 = 8)", "1 - 7 = -6"),
        *("1) 5 + 3 = 8", "- 5 + 3 = 8", "Step 1: 5 + 3 = 8", "51 - (-11) = 62", "she weighed -53 - 140 = -193 kg"),
        *("20% of 50 = 10", "20 / 80 = 25%", "5 / 20 * 100 = 25%", "1/3 of 120 is 40", "30% + 20% = 50%"),
        *("810 / 664 = 1.22", "10 / 3 = 3.33", "2 + 3 = 5 = 6 - 1", "439 / 211 = 2.08 dollars", "5 − 3 = 2"),
    ],
)
def test_an_equation_that_holds_is_read_and_not_told(text: str) -> None:
    assert sums.equations(text)
    assert sums.wrong(text) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("So 154 - 114 = 36 more.", "154 - 114 = 36 (it is 40)"),
        ("16 + 71 - 2 = 87", "16 + 71 - 2 = 87 (it is 85)"),
        ("7 * 36 is 251.", "7 * 36 = 251 (it is 252)"),
        ("29/2 = 14", "29 / 2 = 14 (it is 14.5)"),
        ("10 / 3 = 3.4", "10 / 3 = 3.4 (it is 3.333333333)"),
        ("1,482 × 38 = 56,216", "1,482 × 38 = 56,216 (it is 56316)"),
        ("20% of 50 = 12", "20% * 50 = 12 (it is 10)"),
        ("(5 + 3) * 2 = 15", "(5 + 3) * 2 = 15 (it is 16)"),
        ("5 + 3 = 8. 8 - 6 = 3", "8 - 6 = 3 (it is 2)"),
        ("2 + 3 = 5 - 1", "2 + 3 = 5 - 1"),
    ],
)
def test_an_equation_that_does_not_hold_is_told_with_its_value(text: str, said: str) -> None:
    assert signals(problem("A sum.", text))["arithmetic"] == said


@pytest.mark.parametrize(
    "text",
    [
        *("some - 7 + 2 = 10", "26 * x + 15 = 52", "x = 37 / 26", "5x = 10", "7 + x - 10 = 8", "5 + x = 15"),
        *("2^3 + 1 = 9", "5² + 1 = 26", "√9 + 1 = 4", "f(2 + 1) = 9", "x2 + 3 = 9", "10:30 - 9:15 = 1:15"),
        *(
            "100 + 20% = 120",
            "8 - 6 is 3 times less",
            "5 + = 6",
            "5 / 0 = 3",
            "= 3",
            "3 = 3",
            "",
            "a = b",
            "2 ** 3 = 9",
        ),
    ],
)
def test_what_is_no_plain_equation_is_left_alone(text: str) -> None:
    assert sums.wrong(text) == []


@given(a=small, b=small, operator=st.sampled_from("+-*"), said=st.sampled_from(["=", "is", "equals"]))
def test_any_right_sum_holds_and_any_wrong_one_does_not(a: int, b: int, operator: str, said: str) -> None:
    value = {"+": a + b, "-": a - b, "*": a * b}[operator]
    for text, right in (
        (f"So {a} {operator} {b} {said} {value}.", True),
        (f"So {a} {operator} {b} = {value + 1}.", False),
    ):
        if said != "=" and value < 0:
            continue
        [equation] = sums.equations(text)
        assert equation.holds is right


@given(a=small, b=st.integers(1, 999), digits=st.integers(1, 4))
def test_a_rounded_quotient_holds(a: int, b: int, digits: int) -> None:
    assert sums.wrong(f"{a} / {b} = {a / b:.{digits}f}") == []


@given(st.text(alphabet="0123456789+-*/x×÷()=%.,$ of is\nab²^", max_size=200))
def test_any_jumble_is_read_without_a_fault(text: str) -> None:
    for equation in sums.wrong(text):
        assert equation.left.operators or equation.right.operators
    assert all(value == value for value in sums.values(text))


def test_values_hold_the_parts_of_an_expression_and_what_the_text_says_it_is() -> None:
    assert sums.values("4 + 22 + 16 = 43. Then (3 + 2) * 2.") >= {26.0, 42.0, 43.0, 5.0, 10.0}
