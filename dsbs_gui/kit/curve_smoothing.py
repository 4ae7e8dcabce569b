"""Smoothing of a series that grows. No Qt."""

from __future__ import annotations

import numpy as np

from dsbs_gui.kit.curve_data import Floats, GrowingSeries

_SMALLEST = 1e-200


class Smoothing:
    """Exponential moving average with the bias of its start taken out, as TensorBoard smooths.

    Keeps what it has computed, so that a growing series costs only its new points. NaN stays NaN and does not
    enter the average.

    Args:
        weight: above 0 to below 1, the share of the past.
    """

    def __init__(self, weight: float) -> None:
        self.weight = weight
        self.out = GrowingSeries()
        self._last, self._left = 0.0, 1.0
        # So many values at once: beyond that the powers of the weight would leave the range of a float.
        self._block = max(1, min(4096, int(np.log(_SMALLEST) / np.log(weight))))
        self._powers: Floats = np.power(weight, np.arange(1, self._block + 1), dtype=np.float64)

    def of(self, series: GrowingSeries) -> Floats:
        """Smoothed y of the series, float64 [n]; it must be the same growing series each time."""
        done, y = self.out.y.size, series.y
        for start in range(done, y.size, self._block):
            part = y[start : start + self._block]
            self.out.append(series.x[start : start + part.size], self._smoothed(part))
        return self.out.y

    def _smoothed(self, part: Floats) -> Floats:
        finite = np.isfinite(part)
        values = part[finite]
        powers = self._powers[: values.size]
        average = powers * (self._last + np.cumsum((1 - self.weight) * values / powers))
        left = self._left * powers
        out = np.full(part.shape, np.nan)
        out[finite] = average / (1 - left)
        if values.size:
            self._last, self._left = float(average[-1]), float(left[-1])
        return out
