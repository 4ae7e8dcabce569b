"""What pyqtgraph draws for us: a curve with its raw, smoothed and lost values, an axis with our figures, a view that
zooms along the steps.

This and :mod:`.curves` are the only modules that import pyqtgraph (0.6 s).
"""

from __future__ import annotations

# PySide6 comes first: pyqtgraph takes the Qt binding that is already loaded.
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QTransform, QWheelEvent

import numpy as np  # isort: skip
import pyqtgraph as pg  # isort: skip
from typing import Any

from PySide6.QtCore import Signal
from typing_extensions import override

from dsbs_gui.kit.curve_data import Floats, GrowingSeries, bounds, drawable, nearest, without_outliers
from dsbs_gui.kit.curve_envelope import Envelope
from dsbs_gui.kit.curve_lost import Lost
from dsbs_gui.kit.curve_smoothing import Smoothing
from dsbs_gui.kit.curve_swatch import Swatch
from dsbs_gui.kit.theme.apply import current
from dsbs_gui.kit.theme.tokens import mixed

_FAINT = 0.35
_SYMBOL, _LOST_SYMBOL = 8, 9
_MOST_SYMBOLS = 160
_SYMBOLS_ALONG = 6
_GOLDEN = 0.618
"""Runs have their symbols at different steps, evenly spread however many they are."""
_FEW = 500
"""Points up to which a line is dashed: Qt took 6 s for a long noisy one that it draws solid in 30 ms."""


class FastLine(pg.PlotCurveItem):
    """A solid line of 2 px as three of 1 px beside each other: Qt draws those more than twice as fast."""

    @override
    def paint(self, p: QPainter, opt: Any, widget: Any) -> None:
        wide: QPen = self.opts["pen"]
        exporting = self._exportOpts is not False
        if exporting or wide.width() != 2 or wide.style() != Qt.PenStyle.SolidLine or self.xData is None:
            super().paint(p, opt, widget)
            return
        p.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        p.setPen(pen(wide.color().name(), 1))
        view, segments = p.transform(), self._getLineSegments()
        for dx, dy in ((0, 0), (1, 0), (0, 1)):
            p.setTransform(view * QTransform.fromTranslate(dx, dy))
            p.drawLines(*segments)
        p.setTransform(view)


class Trace:
    """A line whose points are chosen for the present view."""

    def __init__(self, plot: pg.PlotItem, z: int) -> None:
        self.item = FastLine(antialias=False, skipFiniteCheck=False)
        self.item.setZValue(z)
        plot.addItem(self.item)
        self.reset(log_y=False)

    def reset(self, *, log_y: bool) -> None:
        """Forget what was drawn: other values follow, or another scale."""
        self._log_y, self._logs, self._envelope = log_y, GrowingSeries(), Envelope()

    def grow(self, x: Floats, y: Floats) -> Floats:
        """Take in what was appended; the values as they are drawn."""
        if self._log_y:
            done = self._logs.y.size
            self._logs.append(x[done:], drawable(y[done:], True))
            y = self._logs.y
        self._envelope.grow(y)
        return y

    def draw(self, x: Floats, drawn: Floats, low: float, high: float, bins: int) -> None:
        """Give the points between two steps to pyqtgraph."""
        xs, ys = self._envelope.cut(x, drawn, low, high, bins)
        self.item.setData(xs, ys, connect="finite")

    def bounds(self, x: Floats, drawn: Floats, low: float, high: float) -> tuple[float, ...]:
        """Least and greatest value between two steps, () without one."""
        return bounds(self._envelope.cut(x, drawn, low, high, 256)[1])


class Curve:
    """One series on the plot: the raw line, the smoothed one, symbols, and red marks where a value was no number."""

    def __init__(self, plot: pg.PlotItem, data: GrowingSeries, swatch: Swatch) -> None:
        self.data, self.swatch, self.shown = data, swatch, True
        self.smoothing: Smoothing | None = None
        self._lost = Lost()
        self.raw, self.smooth = Trace(plot, 1), Trace(plot, 2)
        self.symbols, self.lost = pg.ScatterPlotItem(), pg.ScatterPlotItem(symbol="x", size=_LOST_SYMBOL)
        for z, item in ((3, self.symbols), (4, self.lost)):
            item.setZValue(z)
            plot.addItem(item)
        self._log_y = False
        self._marks: tuple[Floats, Floats] = (np.empty(0), np.empty(0))
        self._floor = 0.0

    def items(self) -> tuple[Any, ...]:
        """All that stands on the plot."""
        return self.raw.item, self.smooth.item, self.symbols, self.lost

    def set_log_y(self, log_y: bool) -> None:
        """Another scale of the y axis."""
        self._log_y = log_y
        for trace in (self.raw, self.smooth):
            trace.reset(log_y=log_y)

    def set_smoothing(self, weight: float) -> None:
        """0 for none; a curve of few points is drawn as it is."""
        self.smoothing = Smoothing(weight) if weight and not self.swatch.each_point else None
        self.smooth.reset(log_y=self._log_y)

    def draw(self, low: float, high: float, bins: int) -> None:
        """Give what lies between two steps to pyqtgraph, as so many extremes at most."""
        for item in self.items():
            item.setVisible(self.shown)
        self.smooth.item.setVisible(self.shown and self.smoothing is not None)
        if not self.shown:
            return
        x, strong = self.data.x, self.raw.grow(self.data.x, self.data.y)
        self.raw.draw(x, strong, low, high, bins)
        if self.smoothing is not None:
            strong = self.smooth.grow(x, self.smoothing.of(self.data))
            self.smooth.draw(x, strong, low, high, bins)
        self._draw_symbols(x, strong, low, high)
        self._lost.grow(self.data)
        places, heights = self._lost.cut(low, high, _MOST_SYMBOLS)
        self._marks = places, drawable(heights, self._log_y)
        self._show_lost()
        self._set_pens()

    def place_lost(self, floor: float) -> None:
        """Put the red marks that no number was before at the height ``floor``."""
        if floor != self._floor and not np.isfinite(self._marks[1]).all():
            self._floor = floor
            self._show_lost()

    def _show_lost(self) -> None:
        places, heights = self._marks
        self.lost.setData(places, np.where(np.isfinite(heights), heights, self._floor))

    def _draw_symbols(self, x: Floats, y: Floats, low: float, high: float) -> None:
        at = self._symbol_places(x, low, high)
        at = at[np.isfinite(y[at])]
        self.symbols.setData(x[at], y[at])

    def _symbol_places(self, x: Floats, low: float, high: float) -> Any:
        start, end = int(np.searchsorted(x, low)), int(np.searchsorted(x, high, "right"))
        if self.swatch.each_point or end - start == 1:  # a line of one point would not be seen
            return np.arange(start, end, max(1, -(-(end - start) // _MOST_SYMBOLS)))
        if self.swatch.place is None or end <= start:
            return np.arange(0)
        first = (self.swatch.place * _GOLDEN) % 1
        wanted = low + (high - low) * (np.arange(_SYMBOLS_ALONG) + first) / _SYMBOLS_ALONG
        inside = wanted[(wanted >= x[start]) & (wanted <= x[end - 1])]
        return np.unique([nearest(x, at) for at in inside]).astype(int)

    def colour(self) -> None:
        """Take the colours of the theme in force."""
        strong, tokens = self.swatch.colour, current()
        self.symbols.setSymbol(self.swatch.symbol or "o")
        self.symbols.setSize(_SYMBOL if self.swatch.symbol is not None else 6)
        self.symbols.setPen(pen(strong, 1))
        self.symbols.setBrush(QColor(strong if self.swatch.filled else tokens.surface))
        self.lost.setPen(pen(tokens.bad.shape, 2))
        self._set_pens()

    def _set_pens(self) -> None:
        strong, width = self.swatch.colour, self.swatch.width
        style = self.swatch.style if self.data.x.size <= _FEW else Qt.PenStyle.SolidLine
        # Opaque, for translucent pens are slow.
        faint = mixed(strong, current().surface, _FAINT)
        self.raw.item.setPen(pen(faint, 1) if self.smoothing else pen(strong, width, style))
        self.smooth.item.setPen(pen(strong, width))

    def values(self) -> Floats:
        """What is drawn strongest: the smoothed values where there are, else the raw ones."""
        return self.data.y if self.smoothing is None else self.smoothing.of(self.data)

    def bounds(self, low: float, high: float, *, clip: bool) -> tuple[float, ...]:
        """Least and greatest value, as drawn, between two steps; ``clip``: outliers left out."""
        x, drawn = self.data.x, self.raw.grow(self.data.x, self.data.y)
        if clip:
            return without_outliers(drawn[self._between(low, high)], low_too=self._log_y)
        return self.raw.bounds(x, drawn, low, high)

    def outside(self, low: float, high: float, bottom: float, top: float) -> tuple[Floats, Floats]:
        """The values between two steps that lie, as drawn, below ``bottom`` and above ``top``."""
        here = self._between(low, high)
        drawn, values = self.raw.grow(self.data.x, self.data.y)[here], self.data.y[here]
        return values[drawn < bottom], values[drawn > top]

    def _between(self, low: float, high: float) -> slice:
        x = self.data.x
        return slice(int(np.searchsorted(x, low)), int(np.searchsorted(x, high, "right")))


class Axis(pg.AxisItem):
    """An axis whose figures read like ours, in percent if asked."""

    def __init__(self, side: str, percent: bool = False) -> None:
        super().__init__(side)
        self._percent = percent
        self.enableAutoSIPrefix(False)

    def set_percent(self, percent: bool) -> None:
        """Figures are fractions, said in percent."""
        self._percent = percent
        self.picture = None
        self.update()

    @override
    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        if self.logMode:
            return [f"{10**v:.3g}" for v in values]
        if self._percent:
            return [f"{v * 100:.3g} %" for v in values]
        return [f"{v:.10g}" if abs(v) < 10_000 else f"{v:,.0f}".replace(",", "\u2009") for v in values]


class Grid(pg.GraphicsObject):
    """Hairlines at the figures of the y axis; the axis itself would draw translucent ones, and its texts, each time."""

    def __init__(self, box: pg.ViewBox, axis: pg.AxisItem) -> None:
        super().__init__()
        self._box, self._axis = box, axis
        self.setZValue(-1)

    @override
    def viewRangeChanged(self) -> None:
        self.prepareGeometryChange()

    @override
    def boundingRect(self) -> QRectF:
        return QRectF(self._box.viewRect())

    @override
    def paint(self, p: QPainter, opt: Any, widget: Any) -> None:
        area = self._box.viewRect()
        p.setPen(pen(current().line, 1))
        levels = self._axis.tickValues(*self._box.viewRange()[1], self._box.height())
        for _, heights in levels[:1]:
            for y in heights:
                p.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))


class StepBox(pg.ViewBox):
    """A left drag zooms into what it encloses, with Shift or the middle button it moves; the wheel zooms along x.

    Signals:
        fit_asked: a double click.
    """

    fit_asked = Signal()

    def __init__(self) -> None:
        super().__init__(enableMenu=False)
        self.setMouseMode(self.RectMode)
        self.disableAutoRange()

    @override
    def mouseDragEvent(self, ev: Any, axis: int | None = None) -> None:
        moves = ev.button() == Qt.MouseButton.MiddleButton or ev.modifiers() & Qt.KeyboardModifier.ShiftModifier
        self.state["mouseMode"] = self.PanMode if moves else self.RectMode
        super().mouseDragEvent(ev, axis)

    @override
    def mouseClickEvent(self, ev: Any) -> None:
        if ev.double():
            ev.accept()
            self.fit_asked.emit()

    @override
    def wheelEvent(self, ev: Any, axis: int | None = None) -> None:
        super().wheelEvent(ev, 0 if axis is None else axis)


class PlotView(pg.PlotWidget):
    """Lets the page scroll where the wheel is not meant for it: with Ctrl, or with the focus, it zooms."""

    @override
    def wheelEvent(self, ev: QWheelEvent) -> None:
        if ev.modifiers() & Qt.KeyboardModifier.ControlModifier or self.hasFocus():
            super().wheelEvent(ev)
        else:
            ev.ignore()


def pen(colour: str, width: int, dash: Qt.PenStyle = Qt.PenStyle.SolidLine) -> QPen:
    pen = QPen(QColor(colour), width, dash)
    pen.setCosmetic(True)
    return pen
