"""Accuracies with their intervals as dots and whiskers on one 0–100 % axis, one row a thing, all aligned."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget
from typing_extensions import override

from dsbs_gui.kit.painting import CENTRE, LEFT, draw_text, smooth_painter
from dsbs_gui.kit.theme.apply import current
from dsbs_gui.kit.theme.fonts import font
from dsbs_gui.kit.theme.tokens import DataRole
from dsbs_gui.kit.words import percent_interval, visible

_ROW, _AXIS, _GAP = 28, 22, 12


@dataclass(frozen=True)
class WhiskerRow:
    """One accuracy as fractions 0 to 1; NaN where there is none. `reference` draws it as a line through all rows."""

    name: str
    value: float
    low: float = math.nan
    high: float = math.nan
    role: DataRole = "accuracy"
    reference: bool = False


class Whisker(QWidget):
    """Name at the left, dot and interval in the middle, the figures at the right."""

    def __init__(self, name: str = "Accuracy", rows: Sequence[WhiskerRow] = (), parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.set_rows(rows)

    def set_rows(self, rows: Sequence[WhiskerRow]) -> None:
        """Replace the rows."""
        self._rows = tuple(rows)
        said = (f"{r.name} {percent_interval(r.value, r.low, r.high)}" for r in self._rows)
        self.setAccessibleDescription("; ".join(said))
        self.updateGeometry()
        self.update()

    def _columns(self) -> tuple[float, float, float]:
        """Left edge and width of the axis, left edge of the figures."""
        metrics = QFontMetricsF(font("body"))
        names = max((metrics.horizontalAdvance(visible(r.name, 60)) for r in self._rows), default=0) + 2
        names = min(names, self.width() * 0.3)
        said = (percent_interval(r.value, r.low, r.high) for r in self._rows)
        figures = max((metrics.horizontalAdvance(text) for text in said), default=0) + 4
        left = names + _GAP + 14
        return left, max(40.0, self.width() - left - figures - _GAP - 14), self.width() - figures

    def _paint_axis(self, painter: QPainter, left: float, width: float) -> None:
        tokens, bottom = current(), len(self._rows) * _ROW
        for tick in range(0, 101, 25):
            x = left + width * tick / 100
            painter.fillRect(QRectF(round(x), 0, 1, bottom), QColor(tokens.line))
            area = QRectF(x - 30, bottom + 2, 60, _AXIS - 2)
            draw_text(painter, area, f"{tick} %", tokens.muted, font("caption"), CENTRE)

    def _paint_reference(self, painter: QPainter, row: WhiskerRow, left: float, width: float) -> None:
        if math.isfinite(row.value):
            painter.setPen(QPen(QColor(current().data[row.role]), 1.5, Qt.PenStyle.DashLine))
            x = left + width * row.value
            painter.drawLine(QPointF(x, 0), QPointF(x, len(self._rows) * _ROW))

    def _paint_row(self, painter: QPainter, index: int, row: WhiskerRow, columns: tuple[float, float, float]) -> None:
        left, width, figures = columns
        tokens, body, top = current(), font("body"), index * _ROW
        names = left - _GAP - 14
        draw_text(painter, QRectF(0, top, names, _ROW), visible(row.name, 60), tokens.text, body)
        text = percent_interval(row.value, row.low, row.high)
        draw_text(painter, QRectF(figures, top, self.width() - figures, _ROW), text, tokens.text, body, LEFT)
        if not math.isfinite(row.value):
            return
        colour, middle = QColor(tokens.data[row.role]), top + _ROW / 2
        if math.isfinite(row.low) and math.isfinite(row.high):
            painter.setPen(QPen(colour, 2))
            low, high = left + width * row.low, left + width * row.high
            painter.drawLine(QPointF(low, middle), QPointF(high, middle))
            for end in (low, high):
                painter.drawLine(QPointF(end, middle - 4), QPointF(end, middle + 4))
        painter.setPen(QPen(QColor(tokens.surface), 1.5))
        painter.setBrush(colour)
        painter.drawEllipse(QPointF(left + width * row.value, middle), 5.5, 5.5)
        painter.setPen(Qt.PenStyle.NoPen)

    @override
    def sizeHint(self) -> QSize:
        return QSize(480, max(1, len(self._rows)) * _ROW + _AXIS)

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(320, self.sizeHint().height())

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = smooth_painter(self)
        columns = self._columns()
        self._paint_axis(painter, columns[0], columns[1])
        for row in self._rows:
            if row.reference:
                self._paint_reference(painter, row, columns[0], columns[1])
        for index, row in enumerate(self._rows):
            self._paint_row(painter, index, row, columns)
