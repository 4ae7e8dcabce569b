"""Where a series lost its values, and where the marks of that stand. No Qt."""

from __future__ import annotations

import numpy as np

from dsbs_gui.kit.curve_data import Floats, GrowingSeries


class Lost:
    """The points of a growing series whose y is no number, each at the height of the last number before it.

    NaN is the height of those that no number was before.
    """

    def __init__(self) -> None:
        self.points = GrowingSeries()
        self._seen, self._last = 0, float("nan")

    def grow(self, series: GrowingSeries) -> None:
        """Take in what has been appended since the last call."""
        x, y = series.x[self._seen :], series.y[self._seen :]
        self._seen += y.size
        finite = np.isfinite(y)
        if not finite.all():
            before = np.maximum.accumulate(np.where(finite, np.arange(y.size), -1))
            heights = np.where(before < 0, self._last, y[before])
            self.points.append(x[~finite], heights[~finite])
        if finite.any():
            self._last = float(y[np.flatnonzero(finite)[-1]])

    def cut(self, low: float, high: float, most: int) -> tuple[Floats, Floats]:
        """Those between ``low`` and ``high``; where they are more than ``most``, evenly chosen ones."""
        x = self.points.x
        start, end = int(np.searchsorted(x, low)), int(np.searchsorted(x, high, "right"))
        step = max(1, -(-(end - start) // most))
        return x[start:end:step], self.points.y[start:end:step]
