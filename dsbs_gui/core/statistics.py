"""Intervals for proportions and a paired test, needed wherever accuracies are shown. Standard library only."""

from __future__ import annotations

import math
from collections.abc import Callable
from statistics import NormalDist
from typing import NamedTuple


class Interval(NamedTuple):
    """Lower and upper bound, as fractions."""

    low: float
    high: float


def wilson(correct: int, n: int, confidence: float = 0.95) -> Interval:
    """Wilson score interval of ``correct / n`` (Wilson 1927); (0, 1) when ``n`` is 0.

    Raises:
        ValueError: if ``correct`` is not between 0 and ``n``.
    """
    if not 0 <= correct <= n:
        raise ValueError(f"correct = {correct} is not between 0 and n = {n}")
    if n == 0:
        return Interval(0.0, 1.0)
    z = NormalDist().inv_cdf(0.5 + confidence / 2)
    p = correct / n
    centre = p + z * z / (2 * n)
    spread = z * (p * (1 - p) / n + z * z / (4 * n * n)) ** 0.5
    scale = 1 + z * z / n
    return Interval(max(0.0, (centre - spread) / scale), min(1.0, (centre + spread) / scale))


def mcnemar(only_a: int, only_b: int) -> float:
    """Exact two-sided p of McNemar's test: the discordant examples as fair coin tosses; 1 without any."""
    n, fewer = only_a + only_b, min(only_a, only_b)
    ways = total = 1
    for k in range(fewer):
        ways = ways * (n - k) // (k + 1)
        total += ways
    return min(1.0, 2 * total / 2**n)


class Remaining(NamedTuple):
    """How many of those not looked at are of the kind that was counted: the estimate, and its exact bounds."""

    estimate: float
    low: int
    high: int


_ROUNDING = 1e-9
"""What is no more than this above a bound is at the bound."""


def remaining(found: int, n: int, population: int, confidence: float = 0.95) -> Remaining:
    """What a simple random sample without replacement says of the rest of a finite population.

    ``found`` of the ``n`` drawn are of a kind; so how many of the other ``population - n``? The bounds come from the
    hypergeometric distribution, as Clopper and Pearson's come from the binomial (Buonaccorsi 1987, The American
    Statistician 41:215): all totals are in the interval under which neither ``found`` or fewer nor ``found`` or more
    has a probability of ``(1 - confidence) / 2`` or less. So it is exact, never too short, and as short as that of a
    whole count where all were looked at: Clopper and Pearson's own would take the population for endless.

    Raises:
        ValueError: unless ``0 <= found <= n <= population``.
    """
    if not 0 <= found <= n <= population:
        raise ValueError(f"found = {found}, n = {n} and population = {population} do not fit")
    rest = population - n
    tail = (1 - confidence) / 2 * (1 + _ROUNDING)
    # The more there are in all, the less probable are so few among those drawn: both bounds can be searched for.
    low = _first(found, found + rest, lambda total: _at_least(found, n, total, population) > tail)
    high = _first(low, found + rest, lambda total: _at_most(found, n, total + 1, population) <= tail)
    return Remaining(rest * found / n if n else rest / 2, low - found, high - found)


def _first(low: int, high: int, holds: Callable[[int], bool]) -> int:
    """The smallest number for which ``holds``, which stays true once it is; ``high`` if it never is before."""
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle + 1, high)
    return low


def _at_most(found: int, n: int, total: int, population: int) -> float:
    """P(at most ``found`` of ``n`` drawn are among the ``total`` of the population that are of the kind)."""
    least, most = max(0, n - (population - total)), min(n, total)
    return math.fsum(_probability(k, n, total, population) for k in range(least, min(found, most) + 1))


def _at_least(found: int, n: int, total: int, population: int) -> float:
    least, most = max(0, n - (population - total)), min(n, total)
    return math.fsum(_probability(k, n, total, population) for k in range(max(found, least), most + 1))


def _probability(k: int, n: int, total: int, population: int) -> float:
    """Of the hypergeometric distribution; by logarithms, since the numbers of ways have thousands of digits."""
    return math.exp(_ways(total, k) + _ways(population - total, n - k) - _ways(population, n))


def _ways(n: int, k: int) -> float:
    """The logarithm of n over k."""
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)
