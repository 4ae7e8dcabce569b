"""Item M14 for methods rather than students: the bootstrap over seeds and rows."""

from __future__ import annotations

import random
from itertools import product

import pytest

from dsbs_gui.steps.evaluation.paired import bootstrap, bootstrap_over_seeds


def outcomes(chance: random.Random, rate: float, n: int) -> list[bool]:
    return [chance.random() < rate for _ in range(n)]


def test_two_seeds_of_one_row_each_have_the_quantiles_counted_out() -> None:
    # Differences +1 and 0: a resample draws two seeds out of these, 0.0, 0.5, 0.5 or 1.0.
    pairs = [([True], [False]), ([True], [True])]
    means = sorted(sum(draw) / 2 for draw in product((1, 0), repeat=2))
    low, high = bootstrap_over_seeds(pairs, confidence=0.4)  # the quantiles 0.3 and 0.7
    assert (low, high) == (means[1], means[2])
    assert bootstrap_over_seeds(pairs) == (means[0], means[3])


def test_one_seed_is_the_bootstrap_over_rows() -> None:
    chance = random.Random(0)
    a, b = outcomes(chance, 0.7, 300), outcomes(chance, 0.6, 300)
    only_a = sum(x and not y for x, y in zip(a, b, strict=True))
    only_b = sum(y and not x for x, y in zip(a, b, strict=True))
    assert bootstrap_over_seeds([(a, b)]) == pytest.approx(bootstrap(300, only_a, only_b), abs=0.005)


def test_seeds_that_disagree_widen_the_interval_beyond_that_of_their_rows_together() -> None:
    chance = random.Random(1)
    pairs = [(outcomes(chance, rate, 400), outcomes(chance, 0.5, 400)) for rate in (0.3, 0.7, 0.35, 0.65)]
    a, b = ([right for pair in pairs for right in pair[side]] for side in (0, 1))
    together, apart = bootstrap_over_seeds([(a, b)]), bootstrap_over_seeds(pairs)
    assert apart.high - apart.low > 2 * (together.high - together.low)
    assert apart == bootstrap_over_seeds(pairs)


def test_seeds_may_have_unequally_many_rows_and_count_the_same() -> None:
    pairs = [([True] * 10, [False] * 10), ([False] * 1000, [False] * 1000)]
    assert bootstrap_over_seeds(pairs, confidence=0.4) == pytest.approx((0.5, 0.5))


@pytest.mark.parametrize("pairs", [[], [([], [])], [([True], [True, False])]])
def test_nothing_to_pair_is_refused(pairs: list) -> None:
    with pytest.raises(ValueError, match="needed"):
        bootstrap_over_seeds(pairs)
