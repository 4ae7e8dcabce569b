"""The intervals agree with what scipy says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest, hypergeom

from dsbs_gui.core.statistics import remaining, wilson


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


def counts_of_a_sample() -> st.SearchStrategy[tuple[int, int, int]]:
    """So many found, drawn, and in the population."""
    return st.integers(1, 60).flatmap(
        lambda population: st.integers(1, population).flatmap(
            lambda n: st.tuples(st.integers(0, n), st.just(n), st.just(population))
        )
    )


@given(counts_of_a_sample())
def test_the_rest_holds_all_totals_under_which_the_sample_is_not_surprising(counts: tuple[int, int, int]) -> None:
    found, n, population = counts
    totals = range(found, found + population - n + 1)
    bound = 0.025 + 1e-10  # 13 of 16 without one: exactly 0.025 if there are two
    likely = [
        total
        for total in totals
        if hypergeom.cdf(found, population, total, n) > bound and hypergeom.sf(found - 1, population, total, n) > bound
    ]
    said = remaining(found, n, population)
    assert (said.low, said.high) == (likely[0] - found, likely[-1] - found)
    assert said.low <= said.estimate <= said.high
    assert likely == list(range(likely[0], likely[-1] + 1))


@pytest.mark.parametrize("sample", [(4, 100), (0, 50), (50, 50)])
def test_in_an_endless_population_the_rest_has_the_interval_of_clopper_and_pearson(sample: tuple[int, int]) -> None:
    population = 2_000_000
    said = remaining(*sample, population)
    expected = binomtest(*sample).proportion_ci(0.95, method="exact")
    rest = population - sample[1]
    assert (said.low / rest, said.high / rest) == pytest.approx((expected.low, expected.high), abs=1e-4)


def test_nothing_is_left_to_estimate_where_all_were_looked_at() -> None:
    assert remaining(3, 10, 10) == (0, 0, 0)


def test_nothing_is_known_without_a_sample() -> None:
    assert remaining(0, 0, 5)[1:] == (0, 5)


def test_a_sample_larger_than_the_population_is_an_error() -> None:
    with pytest.raises(ValueError, match="do not fit"):
        remaining(0, 6, 5)
