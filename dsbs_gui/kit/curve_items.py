"""What pyqtgraph draws for us: a curve with its raw, smoothed and lost values, and an axis with our figures.

This and :mod:`.curves` are the only modules that import pyqtgraph (0.6 s).
"""

from __future__ import annotations

# PySide6 comes first: pyqtgraph takes the Qt binding that is already loaded.
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPen

import numpy as np  # isort: skip
import pyqtgraph as pg  # isort: skip
from typing_extensions import override

from dsbs_gui.kit.curve_data import Floats, GrowingSeries, Smoothing, drawable, heights_before
from dsbs_gui.kit.theme.apply import current
from dsbs_gui.kit.theme.tokens import DataRole, mixed

_FAINT = 0.35


class Curve:
    """One series on the plot: the raw line, the smoothed one, and red marks where a value was no number."""

    def __init__(self, plot: pg.PlotItem, role: DataRole, shade: float) -> None:
        self.role, self.shade, self.shown = role, shade, True
        self.data = GrowingSeries()
        self.smoothing: Smoothing | None = None
        self.raw, self.smooth = _line(plot), _line(plot)
        self.smooth.setZValue(1)
        self.lost = pg.ScatterPlotItem(symbol="x", size=9)
        plot.addItem(self.lost)

    def draw(self, log_y: bool) -> None:
        """Give the present data to pyqtgraph."""
        x, y = self.data.x, self.data.y
        drawn = drawable(y, log_y)
        self.raw.setData(x, drawn, connect="finite")
        if self.smoothing is not None:
            self.smooth.setData(x, drawable(self.smoothing.of(self.data), log_y), connect="finite")
        lost = np.flatnonzero(~np.isfinite(y))
        self.lost.setData(x[lost], heights_before(drawn, lost))
        self._show()

    def _show(self) -> None:
        self.raw.setVisible(self.shown)
        self.smooth.setVisible(self.shown and self.smoothing is not None)
        self.lost.setVisible(self.shown)

    def colour(self) -> None:
        """Take the colours of the theme in force."""
        tokens = current()
        strong = mixed(tokens.data[self.role], tokens.text, self.shade)
        # Opaque, for translucent pens are slow.
        faint = mixed(strong, tokens.surface, _FAINT)
        self.raw.setPen(pen(faint, 1) if self.smoothing else pen(strong, 2))
        self.smooth.setPen(pen(strong, 2))
        self.lost.setPen(pen(tokens.bad.shape, 2))

    def values(self) -> Floats:
        """What is drawn strongest: the smoothed values where there are, else the raw ones."""
        return self.data.y if self.smoothing is None else self.smoothing.of(self.data)


class Axis(pg.AxisItem):
    """An axis whose figures read like ours, in percent if asked."""

    def __init__(self, side: str, percent: bool) -> None:
        super().__init__(side)
        self._percent = percent
        self.enableAutoSIPrefix(False)

    @override
    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        if self.logMode:
            return [f"{10**v:.3g}" for v in values]
        if self._percent:
            return [f"{v * 100:.3g} %" for v in values]
        return [f"{v:.10g}" if abs(v) < 10_000 else f"{v:,.0f}".replace(",", "\u2009") for v in values]


def _line(plot: pg.PlotItem) -> pg.PlotDataItem:
    item = pg.PlotDataItem(antialias=False)
    plot.addItem(item)
    # Only now: addItem overwrites both with the plot's own settings.
    item.setDownsampling(auto=True, method="peak")
    item.setClipToView(True)
    return item


def pen(colour: str, width: int, dash: Qt.PenStyle = Qt.PenStyle.SolidLine) -> QPen:
    pen = QPen(QColor(colour), width, dash)
    pen.setCosmetic(True)
    return pen
