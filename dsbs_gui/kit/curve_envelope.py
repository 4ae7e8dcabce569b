"""What of a long series is worth drawing: for each pixel the least and the greatest value. No Qt.

pyqtgraph thins a curve anew from all its points at each drawing, which takes 60 ms for a million of them, and one NaN
takes its neighbours along. Here the extremes of 4, 8, 16 … neighbours are kept and grow with the series, so that a
drawing costs what is seen, whatever the length.
"""

from __future__ import annotations

import numpy as np

from dsbs_gui.kit.curve_data import Floats, GrowingSeries

_FIRST = 4
"""Neighbours in the smallest bin; below that there is nothing to gain, for a bin is drawn as two points."""


class Envelope:
    """Extremes of a growing series, in bins of 4, 8, 16 … points."""

    def __init__(self) -> None:
        self._levels: list[GrowingSeries] = []  # least in x, greatest in y

    def grow(self, y: Floats) -> None:
        """Take in what has been appended to ``y`` since the last call."""
        least, greatest, level = y, y, 0
        size = _FIRST
        while least.size >= size:
            if level == len(self._levels):
                self._levels.append(GrowingSeries())
            kept = self._levels[level]
            start, whole = kept.x.size * size, least.size // size * size
            if whole > start:
                low = least[start:whole].reshape(-1, size)
                high = low if greatest is least else greatest[start:whole].reshape(-1, size)
                # fmin and fmax pass NaN over: a lost value takes no neighbour with it.
                kept.append(np.fmin.reduce(low, axis=1), np.fmax.reduce(high, axis=1))
            least, greatest, level, size = kept.x, kept.y, level + 1, 2

    def cut(self, x: Floats, y: Floats, low: float, high: float, bins: int) -> tuple[Floats, Floats]:
        """The points to draw between ``low`` and ``high``, and one beyond each end.

        Args:
            x, y: the whole series, x ascending; ``grow`` has seen y.
            bins: how many extremes are wanted at most, e.g. the width in pixels.

        Returns: x and y, float64 [m]; the points themselves where they are few, else two a bin, and m ≤ 2·bins + 8.
        """
        start = max(0, int(np.searchsorted(x, low)) - 1)
        end = min(x.size, int(np.searchsorted(x, high, "right")) + 1)
        if end - start <= 2 * bins:
            return x[start:end], y[start:end]
        level, size = 0, _FIRST
        while (end - start) / size > bins and level + 1 < len(self._levels):
            level, size = level + 1, 2 * size
        kept = self._levels[level]
        first, last = start // size, min(end // size, kept.x.size)
        # A bin stands at the point in its middle.
        places = x[np.arange(first, last) * size + size // 2]
        least, greatest = kept.x[first:last], kept.y[first:last]
        if last * size < end:
            rest = y[last * size : end]
            places = np.append(places, x[end - 1])
            least, greatest = np.append(least, np.fmin.reduce(rest)), np.append(greatest, np.fmax.reduce(rest))
        return np.repeat(places, 2), np.stack((greatest, least), axis=1).ravel()
