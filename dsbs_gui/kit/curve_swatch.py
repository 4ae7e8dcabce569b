"""How a curve looks, for the plot, its legend and its readout alike: a colour, a kind of line, a symbol."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import Literal

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPolygonF, QTransform

from dsbs_gui.kit.theme.apply import current
from dsbs_gui.kit.theme.tokens import DataRole, mixed

LineKind = Literal["line", "second", "thin", "points", "dashed"]
"""The main line; a paler one with open symbols; a narrow one; one of few points with a symbol each, and dashed."""

_PALE = 0.6
_SYMBOLS = 7


@dataclass(frozen=True)
class Swatch:
    """The look of one curve.

    Attributes:
        role: the quantity, whose colour is taken where ``place`` is None.
        place: of its run, where there are several: decides colour and symbol.
        dash: of a line that has two points only; elsewhere Qt takes seconds for it.
        any_run: stands for a quantity of whichever run: without a colour of its own.
    """

    role: DataRole
    kind: LineKind = "line"
    place: int | None = None
    dash: Qt.PenStyle = Qt.PenStyle.SolidLine
    any_run: bool = False

    @property
    def colour(self) -> str:
        """In the theme in force."""
        tokens = current()
        if self.place is None and not self.any_run:
            return tokens.data[self.role]
        own = tokens.muted if self.place is None else tokens.runs[self.place % len(tokens.runs)]
        return mixed(own, tokens.surface, _PALE) if self.kind == "second" else own

    @property
    def width(self) -> int:
        """Of the line, px."""
        return 1 if self.kind == "thin" else 2

    @property
    def symbol(self) -> QPainterPath | None:
        """About the origin, one unit high; None for a line without one."""
        if self.place is not None:
            return symbol(self.place)
        return symbol(0) if self.each_point or self.any_run else None

    @property
    def each_point(self) -> bool:
        """Whether every point has its symbol."""
        return self.kind in ("points", "dashed")

    @property
    def filled(self) -> bool:
        """Whether the symbol is."""
        return self.kind in ("line", "points")

    @property
    def style(self) -> Qt.PenStyle:
        """Of the line."""
        return Qt.PenStyle.DashLine if self.kind == "dashed" else self.dash

    def paint(self, painter: QPainter, area: QRectF) -> None:
        """Draw a piece of the curve into an area."""
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle = area.center().y()
        painter.setPen(QPen(QColor(self.colour), self.width + 0.5, self.style))
        painter.drawLine(QPointF(area.left(), middle), QPointF(area.right(), middle))
        if self.symbol is not None:
            painter.setPen(QPen(QColor(self.colour), 1.5))
            painter.setBrush(QColor(self.colour if self.filled else current().surface))
            painter.drawPath(QTransform(8, 0, 0, 8, area.center().x(), middle).map(self.symbol))
        painter.restore()


@cache
def symbol(place: int) -> QPainterPath:
    """Circle, square, triangle, diamond, triangle upside down, plus, star; then from the beginning.

    Seven symbols and eight colours: 56 runs differ.
    """
    path = QPainterPath()
    match place % _SYMBOLS:
        case 0:
            path.addEllipse(QPointF(0, 0), 0.5, 0.5)
        case 1:
            path.addRect(-0.45, -0.45, 0.9, 0.9)
        case 2:
            path.addPolygon(_polygon(3, -90, 0.62))
        case 3:
            path.addPolygon(_polygon(4, -90, 0.62))
        case 4:
            path.addPolygon(_polygon(3, 90, 0.62))
        case 5:
            path.addRect(-0.55, -0.17, 1.1, 0.34)
            path.addRect(-0.17, -0.55, 0.34, 1.1)
            path = path.simplified()
        case _:
            path.addPolygon(_polygon(5, -90, 0.65, 0.28))
    path.closeSubpath()
    return path


def _polygon(corners: int, first: float, radius: float, inner: float = 0.0) -> QPolygonF:
    """Regular about the origin, its first corner at an angle in degrees; a star if ``inner`` is a radius."""
    radii = [radius, inner] if inner else [radius]
    number = corners * len(radii)
    points = []
    for i in range(number):
        angle, r = math.radians(first + 360 * i / number), radii[i % len(radii)]
        points.append(QPointF(r * math.cos(angle), r * math.sin(angle)))
    return QPolygonF(points)
