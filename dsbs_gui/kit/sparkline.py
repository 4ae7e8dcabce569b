"""The course of a value in the height of a text line."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget
from typing_extensions import override

from dsbs_gui.kit.painting import smooth_painter
from dsbs_gui.kit.theme.apply import current
from dsbs_gui.kit.theme.tokens import DataRole
from dsbs_gui.kit.words import figure

_WIDTH, _HEIGHT, _EDGE = 96, 24, 3
_POINTS = 192


def thinned(values: Sequence[float], points: int = _POINTS) -> list[float]:
    """At most so many values: the mean of each group of neighbours, NaN only where a whole group is."""
    if len(values) <= points:
        return list(values)
    edges = [i * len(values) // points for i in range(points + 1)]
    means = []
    for start, end in pairwise(edges):
        group = [v for v in values[start:end] if math.isfinite(v)]
        means.append(sum(group) / len(group) if group else math.nan)
    return means


class Sparkline(QWidget):
    """A line without axes that ends in a dot at the last value; NaN is a gap."""

    def __init__(self, name: str, role: DataRole = "label_loss", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name, self._role = name, role
        self._values: list[float] = []
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(name)

    def set_values(self, values: Sequence[float]) -> None:
        """Show these values, evenly spaced."""
        finite = [v for v in values if math.isfinite(v)]
        self._values = thinned(values)
        said = f"from {figure(finite[0])} to {figure(finite[-1])}" if finite else "no values yet"
        self.setAccessibleDescription(said)
        self.setToolTip(f"{self._name}: {said}")
        self.update()

    @override
    def sizeHint(self) -> QSize:
        return QSize(_WIDTH, _HEIGHT)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = smooth_painter(self)
        draw_sparkline(painter, QRectF(self.rect()), self._values, current().data[self._role])


def draw_sparkline(painter: QPainter, area: QRectF, values: Sequence[float], colour: str) -> None:
    """Draw a sparkline into an area; also for delegates. Nothing is drawn without a finite value."""
    finite = [v for v in values if math.isfinite(v)]
    if not finite:
        return
    low, high = min(finite), max(finite)
    area = area.adjusted(_EDGE, _EDGE, -_EDGE, -_EDGE)
    step = area.width() / max(1, len(values) - 1)
    path, last, broken = QPainterPath(), QPointF(), True
    for i, value in enumerate(values):
        if not math.isfinite(value):
            broken = True
            continue
        share = (value - low) / (high - low) if high > low else 0.5
        last = QPointF(area.left() + i * step, area.bottom() - share * area.height())
        if broken:
            path.moveTo(last)
        else:
            path.lineTo(last)
        broken = False
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.strokePath(path, QPen(QColor(colour), 1.5, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(colour))
    painter.drawEllipse(last, 2.2, 2.2)
