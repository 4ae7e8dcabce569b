"""The course of a metric in a few hundred numbers, which grows with the run and is never read twice."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dsbs_gui.core.store import training

if TYPE_CHECKING:
    from dsbs_gui.core.store.connection import Reader

MOST = 384
"""Ranges of steps kept; when there are more, neighbours are put together."""


@dataclass(frozen=True)
class Course:
    """Sums over ranges of ``width`` steps up to ``last``: number of the range, sum of its finite values, how many."""

    width: int = 1
    last: int = -1
    ranges: tuple[tuple[int, float, int], ...] = ()

    def values(self) -> list[float]:
        """Means in their order, NaN for a range without a finite value."""
        return [total / number if number else math.nan for _, total, number in self.ranges]


def extended(db: Reader, run_id: str, name: str, course: Course) -> Course:
    """The course with what has come since."""
    last = training.last_step(db, run_id, name)
    if last is None or last <= course.last:
        return course
    width = course.width
    while last // width >= MOST:
        width *= 2
    ranges = _merged(course.ranges, width // course.width)
    for place, total, number in training.sums_by_range(db, run_id, name, width, course.last):
        earlier = ranges.get(place, (0.0, 0))
        ranges[place] = (earlier[0] + total, earlier[1] + number)
    return Course(width, last, tuple((place, *ranges[place]) for place in sorted(ranges)))


def _merged(ranges: tuple[tuple[int, float, int], ...], factor: int) -> dict[int, tuple[float, int]]:
    merged: dict[int, tuple[float, int]] = {}
    for place, total, number in ranges:
        before = merged.get(place // factor, (0.0, 0))
        merged[place // factor] = (before[0] + total, before[1] + number)
    return merged
