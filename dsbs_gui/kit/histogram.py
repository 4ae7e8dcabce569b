"""A distribution as columns: lengths of inputs, answer times."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize
from PySide6.QtGui import QColor, QHelpEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget
from typing_extensions import override

from dsbs_gui.kit.painting import CENTRE, LEFT, RIGHT, draw_text, smooth_painter
from dsbs_gui.kit.theme.apply import current
from dsbs_gui.kit.theme.fonts import font
from dsbs_gui.kit.words import count, place

_HEIGHT, _AXIS, _TOP = 112, 18, 16


def even_bins(values: Sequence[float], bins: int = 24) -> tuple[list[float], list[int]]:
    """Edges (one more than bins) and counts of bins of equal width from the least to the greatest value.

    Whole numbers get whole edges. An empty sequence gives no bins.
    """
    if not values:
        return [], []
    low, high = min(values), max(values)
    width = (high - low) / bins or 1.0
    if all(float(v).is_integer() for v in (low, high)):
        width = max(1.0, -(-(high - low + 1) // bins))
    bins = max(1, min(bins, int((high - low) // width) + 1))
    counts = [0] * bins
    for value in values:
        counts[min(bins - 1, int((value - low) // width))] += 1
    return [low + i * width for i in range(bins + 1)], counts


class Histogram(QWidget):
    """Columns over a value axis with an optional marked value, such as a context limit."""

    def __init__(self, name: str, unit: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name, self._unit = name, unit
        self._edges: list[float] = []
        self._counts: list[int] = []
        self._marker: tuple[float, str] | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(name)

    def set_values(self, values: Sequence[float], bins: int = 24) -> None:
        """Count values into even bins and show them."""
        self.set_bins(*even_bins(values, bins))

    def set_bins(self, edges: Sequence[float], counts: Sequence[int]) -> None:
        """Show ready bins; `edges` has one entry more than `counts`. Raises: ValueError if it has not."""
        if len(edges) != (len(counts) + 1 if counts else 0):
            raise ValueError(f"{len(edges)} edges do not fit {len(counts)} bins")
        self._edges, self._counts = list(edges), list(counts)
        self._describe()
        self.update()

    def set_marker(self, value: float | None, text: str = "") -> None:
        """Draw a labelled line at a value; None takes it away."""
        self._marker = None if value is None else (value, text)
        self.update()

    def _describe(self) -> None:
        if not self._counts:
            self.setAccessibleDescription("no values")
            return
        most = max(range(len(self._counts)), key=self._counts.__getitem__)
        self.setAccessibleDescription(
            f"from {place(self._edges[0])} to {place(self._edges[-1])} {self._unit}, most between "
            f"{place(self._edges[most])} and {place(self._edges[most + 1])}"
        )

    def _plot(self) -> QRectF:
        return QRectF(0, _TOP, self.width(), self.height() - _AXIS - _TOP)

    def _x_of(self, value: float) -> float:
        low, high = self._edges[0], self._edges[-1]
        return self._plot().width() * (value - low) / (high - low)

    def _paint_columns(self, painter: QPainter) -> None:
        plot, largest = self._plot(), max(self._counts) or 1
        step = plot.width() / len(self._counts)
        painter.setBrush(QColor(current().control))
        for i, number in enumerate(self._counts):
            if number:
                height = max(1.0, plot.height() * number / largest)
                painter.drawRect(QRectF(i * step + 0.5, plot.bottom() - height, max(1.0, step - 1), height))

    def _paint_axis(self, painter: QPainter) -> None:
        tokens, plot, small = current(), self._plot(), font("caption")
        painter.fillRect(QRectF(0, plot.bottom(), plot.width(), 1), QColor(tokens.border))
        below = QRectF(0, plot.bottom() + 3, plot.width(), _AXIS - 3)
        unit = f" {self._unit}" if self._unit else ""
        draw_text(painter, below, place(self._edges[0]), tokens.muted, small, LEFT)
        draw_text(painter, below, place(self._edges[-1]) + unit, tokens.muted, small, RIGHT)
        draw_text(painter, QRectF(0, 0, plot.width(), _TOP), f"most: {count(max(self._counts))}",
                  tokens.muted, small, LEFT)  # fmt: skip

    def _paint_marker(self, painter: QPainter) -> None:
        if self._marker is None or not self._edges[0] <= self._marker[0] <= self._edges[-1]:
            return
        tokens, plot, x = current(), self._plot(), self._x_of(self._marker[0])
        painter.setPen(QPen(QColor(tokens.attention.shape), 2))
        painter.drawLine(QPointF(x, plot.top()), QPointF(x, plot.bottom()))
        area = QRectF(0, 0, max(0.0, x + 40), _TOP) if x > 80 else QRectF(x, 0, 200, _TOP)
        draw_text(painter, area, self._marker[1], tokens.attention.text, font("caption"), RIGHT if x > 80 else LEFT)

    @override
    def sizeHint(self) -> QSize:
        return QSize(280, _HEIGHT)

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(120, _HEIGHT)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = smooth_painter(self)
        if not self._counts:
            draw_text(painter, QRectF(self.rect()), "No values yet", current().muted, font("body"), CENTRE)
            return
        self._paint_columns(painter)
        self._paint_axis(painter)
        self._paint_marker(painter)

    @override
    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent) and self._counts:
            i = min(len(self._counts) - 1, max(0, event.x() * len(self._counts) // max(1, self.width())))
            text = f"{place(self._edges[i])} to {place(self._edges[i + 1])} {self._unit}: {count(self._counts[i])}"
            QToolTip.showText(event.globalPos(), text, self)
            return True
        return super().event(event)
