"""The numbers behind a curve: growing arrays, smoothing, the text of a CSV file. No Qt."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Mapping
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
_FIRST_CAPACITY = 256


class SeriesKey(NamedTuple):
    """Which curve: the name of its run and of its quantity."""

    run: str
    name: str


class GrowingSeries:
    """x and y in float64 arrays that double when full, so that appending a point costs nothing to speak of."""

    def __init__(self) -> None:
        self._x: Floats = np.empty(_FIRST_CAPACITY)
        self._y: Floats = np.empty(_FIRST_CAPACITY)
        self._length = 0

    def append(self, x: float | Iterable[float], y: float | Iterable[float]) -> None:
        """Append one point or several. Raises: ValueError if x and y differ in length."""
        new_x, new_y = (np.atleast_1d(np.asarray(_listed(v), dtype=np.float64)) for v in (x, y))
        if new_x.shape != new_y.shape:
            raise ValueError(f"{new_x.size} x values do not fit {new_y.size} y values")
        end = self._length + new_x.size
        if end > self._x.size:
            capacity = max(end, 2 * self._x.size)
            self._x, self._y = (np.concatenate((a, np.empty(capacity - a.size))) for a in (self._x, self._y))
        self._x[self._length : end], self._y[self._length : end] = new_x, new_y
        self._length = end

    @property
    def x(self) -> Floats:
        """All x so far, a view."""
        return self._x[: self._length]

    @property
    def y(self) -> Floats:
        """All y so far, a view."""
        return self._y[: self._length]

    def last_finite(self) -> tuple[float, float] | None:
        """The last point whose y is a number."""
        for i in range(self._length - 1, -1, -1):
            if np.isfinite(self._y[i]):
                return float(self._x[i]), float(self._y[i])
        return None


def _listed(value: float | Iterable[float]) -> float | list[float] | Floats:
    if isinstance(value, int | float | np.ndarray | np.number):
        return value
    return list(value)


class Smoothing:
    """Exponential moving average with the bias of its start taken out, as TensorBoard smooths.

    Keeps what it has computed, so that a growing series costs only its new points. NaN stays NaN and does not
    enter the average.

    Args:
        weight: above 0 to below 1, the share of the past.
    """

    def __init__(self, weight: float) -> None:
        self.weight = weight
        self._out = GrowingSeries()
        self._last, self._left = 0.0, 1.0

    def of(self, series: GrowingSeries) -> Floats:
        """Smoothed y of the series, float64 [n]; it must be the same growing series each time."""
        done = self._out.y.size
        new = [self._next(float(v)) for v in series.y[done:]]
        if new:
            self._out.append(series.x[done:], new)
        return self._out.y

    def _next(self, value: float) -> float:
        if not math.isfinite(value):
            return math.nan
        self._last = self.weight * self._last + (1 - self.weight) * value
        self._left *= self.weight
        return self._last / (1 - self._left)


def value_at(x: Floats, y: Floats, at: float) -> float | None:
    """y of the point whose x is nearest; None if there is none or it is no number. x ascends."""
    if not x.size:
        return None
    i = int(np.clip(np.searchsorted(x, at), 0, x.size - 1))
    if i and abs(x[i - 1] - at) <= abs(x[i] - at):
        i -= 1
    return float(y[i]) if np.isfinite(y[i]) else None


def drawable(y: Floats, log_y: bool) -> Floats:
    """What is given to the plot: y, or its logarithm with gaps where there is none."""
    if not log_y:
        return y
    out = np.full(y.shape, np.nan)
    np.log10(y, out=out, where=y > 0)
    return out


def bounds(y: Floats) -> tuple[float, ...]:
    """Least and greatest number in y; empty if there is none."""
    finite = y[np.isfinite(y)]
    return (float(finite.min()), float(finite.max())) if finite.size else ()


def heights_before(y: Floats, indexes: npt.NDArray[np.intp]) -> Floats:
    """Where the marks of lost values stand: each at the last value before it that was a number, else at 0."""
    last = np.maximum.accumulate(np.where(np.isfinite(y), np.arange(y.size), -1))[indexes]
    return np.where(last < 0, 0.0, y[last])


def to_csv(series: Mapping[SeriesKey, GrowingSeries], x_name: str) -> str:
    """Long form, one point a line: run, series, x, y with all digits; NaN is an empty field."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["run", "series", x_name, "value"])
    for key, points in series.items():
        for x, y in zip(points.x, points.y, strict=True):
            writer.writerow([key.run, key.name, repr(float(x)), repr(float(y)) if np.isfinite(y) else ""])
    return out.getvalue()
