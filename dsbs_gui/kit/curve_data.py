"""The numbers behind a curve: growing arrays, the value at a place, limits, the text of a CSV file. No Qt."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
_FIRST_CAPACITY = 256
_SAMPLE = 20_000
OUTLIERS = 99.0
"""The percentile at which a scale ends that leaves outliers out."""


class SeriesKey(NamedTuple):
    """Which curve: its run and the name of its quantity."""

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
        end = self._length
        while end:
            start = max(0, end - _FIRST_CAPACITY)
            found = np.flatnonzero(np.isfinite(self._y[start:end]))
            if found.size:
                i = start + int(found[-1])
                return float(self._x[i]), float(self._y[i])
            end = start
        return None


def _listed(value: float | Iterable[float]) -> float | list[float] | Floats:
    if isinstance(value, int | float | np.ndarray | np.number):
        return value
    return list(value)


def value_at(x: Floats, y: Floats, at: float) -> float | None:
    """y of the point whose x is nearest, NaN where that was lost; None if there is no point. x ascends."""
    if not x.size:
        return None
    return float(y[nearest(x, at)])


def nearest(x: Floats, at: float) -> int:
    """Index of the value nearest to ``at``. x ascends and has a value."""
    i = int(np.clip(np.searchsorted(x, at), 0, x.size - 1))
    return i - 1 if i and abs(x[i - 1] - at) <= abs(x[i] - at) else i


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


def without_outliers(y: Floats, low_too: bool = False) -> tuple[float, ...]:
    """As :func:`bounds`, up to the 99th percentile, and from the 1st if ``low_too``; of a sample where y is long."""
    finite = y[np.isfinite(y)]
    if not finite.size:
        return ()
    sample = finite[:: max(1, finite.size // _SAMPLE)]
    low = float(np.percentile(sample, 100 - OUTLIERS)) if low_too else float(finite.min())
    return low, float(np.percentile(sample, OUTLIERS))


def to_csv(series: Mapping[SeriesKey, GrowingSeries], x_name: str, names: Mapping[str, str] | None = None) -> str:
    """Long form, one point a line: run, series, x, y with all digits; NaN is an empty field.

    Args:
        names: of runs, where they are not called by their key.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["run", "series", x_name, "value"])
    for key, points in series.items():
        run = (names or {}).get(key.run, key.run)
        for x, y in zip(points.x.tolist(), points.y.tolist(), strict=True):
            writer.writerow([run, key.name, repr(x), repr(y) if np.isfinite(y) else ""])
    return out.getvalue()
