"""What the self-painted figures share: a painter with our settings, and text in a tone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter

from dsbs_gui.kit.theme.apply import current

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
CENTRE = Qt.AlignmentFlag.AlignCenter


def smooth_painter(widget: QWidget) -> QPainter:
    """An antialiased painter on the widget without a pen."""
    painter = QPainter(widget)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    return painter


def draw_text(
    painter: QPainter, area: QRectF, text: str, colour: str, font: QFont, alignment: Qt.AlignmentFlag = LEFT
) -> None:
    """One line of text in an area, shortened at the right if it does not fit."""
    painter.setFont(font)
    painter.setPen(QColor(colour))
    # Never the plain drawText(rect, text): it is the metrics that decide what fits.
    shown = QFontMetricsF(font).elidedText(text, Qt.TextElideMode.ElideRight, area.width() + 0.5)
    painter.drawText(area, int(alignment | Qt.TextFlag.TextSingleLine), shown)
    painter.setPen(Qt.PenStyle.NoPen)


def focus_ring(painter: QPainter, area: QRectF) -> None:
    """The 2-px ring of the focus around an area."""
    tokens = current()
    pen = painter.pen()
    painter.setBrush(Qt.BrushStyle.NoBrush)
    ring = painter.pen()
    ring.setStyle(Qt.PenStyle.SolidLine)
    ring.setColor(QColor(tokens.accent))
    ring.setWidthF(2)
    painter.setPen(ring)
    painter.drawRoundedRect(area.adjusted(1, 1, -1, -1), tokens.size.radius, tokens.size.radius)
    painter.setPen(pen)
