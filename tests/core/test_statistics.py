"""Wilson's interval agrees with scipy's."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from dsbs_gui.core.statistics import wilson


@given(st.integers(1, 3_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_interval_is_that_of_scipy(counts: tuple[int, int]) -> None:
    correct, n = counts
    expected = binomtest(correct, n).proportion_ci(0.95, method="wilson")
    assert wilson(correct, n) == pytest.approx((expected.low, expected.high), abs=1e-12)


def test_without_data_everything_is_possible() -> None:
    assert wilson(0, 0) == (0.0, 1.0)


def test_more_right_than_asked_is_an_error() -> None:
    with pytest.raises(ValueError, match="not between"):
        wilson(3, 2)
