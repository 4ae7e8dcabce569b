"""Intervals for proportions, needed wherever an accuracy is shown. Standard library only."""

from __future__ import annotations

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
