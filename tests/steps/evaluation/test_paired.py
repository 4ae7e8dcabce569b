"""Item M14: the statistics match values worked out by hand."""

from __future__ import annotations

import random
from itertools import product

import pytest

from dsbs_gui.core.statistics import mcnemar
from dsbs_gui.steps.evaluation.paired import bootstrap, difference, holm


@pytest.mark.parametrize(
    ("only_a", "only_b", "p"),
    [
        (0, 0, 1.0),
        (5, 0, 2 / 32),  # 2 · (1/2)^5
        (1, 7, 2 * (1 + 8) / 256),
        (3, 3, 1.0),
        (10, 2, 2 * (1 + 12 + 66) / 4096),
    ],
)
def test_mcnemar_is_the_exact_binomial_worked_out_by_hand(only_a: int, only_b: int, p: float) -> None:
    assert mcnemar(only_a, only_b) == pytest.approx(p, rel=1e-12)
    assert mcnemar(only_b, only_a) == pytest.approx(p, rel=1e-12)


def test_the_bootstrap_has_the_quantiles_of_all_resamples_counted_out() -> None:
    # Four examples: +1, +1, -1, 0. All 4^4 resamples, each as likely.
    values = (1, 1, -1, 0)
    all_means = sorted(sum(draw) / 4 for draw in product(values, repeat=4))
    low, high = bootstrap(4, 2, 1, confidence=0.8)
    assert low == pytest.approx(all_means[len(all_means) // 10], abs=1e-9)
    assert high == pytest.approx(all_means[-len(all_means) // 10], abs=1e-9)


def test_the_bootstrap_is_the_same_each_time_and_agrees_with_resampling_by_index() -> None:
    a = [i % 3 != 0 for i in range(120)]
    b = [i % 4 != 0 for i in range(120)]
    found = difference(a, b)
    assert found == difference(a, b)
    draw = random.Random(0)
    means = []
    for _ in range(4000):
        chosen = draw.choices(range(120), k=120)
        means.append(sum(a[i] - b[i] for i in chosen) / 120)
    means.sort()
    assert found.interval.low == pytest.approx(means[100], abs=0.02)
    assert found.interval.high == pytest.approx(means[-100], abs=0.02)


def test_two_equal_students_are_rarely_told_apart() -> None:
    draw = random.Random(1)
    significant = 0
    for _ in range(500):
        pairs = [(draw.random() < 0.7, draw.random() < 0.7) for _ in range(100)]
        only_a, only_b = sum(x and not y for x, y in pairs), sum(y and not x for x, y in pairs)
        significant += mcnemar(only_a, only_b) < 0.05
    assert significant / 500 <= 0.06


def test_the_bootstrap_rarely_leaves_out_0_where_two_students_are_equal() -> None:
    draw = random.Random(4)
    false = 0
    for _ in range(300):
        a, b = ([draw.random() < 0.7 for _ in range(100)] for _ in range(2))
        low, high = difference(a, b).interval
        false += not low <= 0 <= high
    assert 0 < false / 300 <= 0.07


def test_swapping_turns_the_difference_and_its_interval_round() -> None:
    a, b = [True] * 70 + [False] * 30, [True] * 50 + [False] * 50
    one, other = difference(a, b), difference(b, a)
    assert one.value == pytest.approx(0.2)
    assert one.value == -other.value
    assert one.interval.low == pytest.approx(-other.interval.high, abs=0.011)
    assert one.p == other.p < 0.001


def test_holm_multiplies_the_smallest_most_and_never_falls() -> None:
    assert holm([0.04, 0.01, 0.03]) == pytest.approx([0.06, 0.03, 0.06])
    assert holm([0.9, 0.8]) == [1.0, 1.0]
    assert holm([]) == []


def test_nothing_cannot_be_compared() -> None:
    with pytest.raises(ValueError, match="non-empty"):
        difference([], [])
    with pytest.raises(ValueError, match="equally long"):
        difference([True], [True, False])
