"""The box beside the crosshair: the value of every curve at its step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget
from typing_extensions import override

from dsbs_gui.kit.curve_swatch import Swatch
from dsbs_gui.kit.painting import RIGHT, draw_text, smooth_painter
from dsbs_gui.kit.theme.apply import current
from dsbs_gui.kit.theme.fonts import font
from dsbs_gui.kit.words import visible

if TYPE_CHECKING:
    from collections.abc import Sequence

_LINE, _EDGE, _GAP, _SWATCH, _LONGEST, _WIDEST = 18, 8, 8, 20, 44, 340
_AWAY = 14


@dataclass(frozen=True)
class Reading:
    """One line of the box."""

    name: str
    value: str
    swatch: Swatch


class Readout(QWidget):
    """Stands over a plot and lets the pointer through."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._title, self._readings, self._more = "", (), ""  # type: tuple[str, tuple[Reading, ...], str]
        self.hide()

    def show_readings(self, title: str, readings: Sequence[Reading], at: int, area: QRect) -> None:
        """Show them beside the place ``at`` (px), within ``area``; nothing without a reading."""
        room = max(1, (area.height() - 2 * _EDGE) // _LINE - 1)
        shown = readings if len(readings) <= room else readings[: max(1, room - 1)]
        hidden = len(readings) - len(shown)
        self._title, self._readings = title, tuple(shown)
        self._more = f"and {hidden} more" if hidden else ""
        self.setVisible(bool(readings))
        if not readings:
            return
        lines = 1 + len(shown) + bool(hidden)
        width = min(self._width(), area.width())
        right = at + _AWAY
        x = right if right + width <= area.right() else max(area.left(), at - _AWAY - width)
        self.setGeometry(x, area.top() + 4, width, lines * _LINE + 2 * _EDGE - 4)
        self.raise_()
        self.update()

    def text(self) -> str:
        """What it says, as one line."""
        if self.isHidden():
            return ""
        said = [f"{reading.name} {reading.value}" for reading in self._readings]
        return " · ".join(part for part in (self._title, *said, self._more) if part)

    def _width(self) -> int:
        metrics = QFontMetricsF(font("caption"))
        names = max(metrics.horizontalAdvance(visible(r.name, _LONGEST)) for r in self._readings)
        values = max(metrics.horizontalAdvance(r.value) for r in self._readings)
        return min(_WIDEST, round(2 * _EDGE + _SWATCH + names + values + 2 * _GAP + 4))

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        tokens, painter, small = current(), smooth_painter(self), font("caption")
        painter.setPen(QPen(QColor(tokens.border), 1))
        painter.setBrush(QColor(tokens.surface))
        painter.drawRoundedRect(
            QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), tokens.size.radius, tokens.size.radius
        )
        line = QRectF(_EDGE, _EDGE - 2, self.width() - 2 * _EDGE, _LINE)
        draw_text(painter, line, self._title, tokens.muted, small)
        for reading in self._readings:
            line.translate(0, _LINE)
            reading.swatch.paint(painter, QRectF(line.left(), line.top(), _SWATCH, _LINE))
            value = QFontMetricsF(small).horizontalAdvance(reading.value) + 2
            draw_text(painter, line, reading.value, tokens.text, small, RIGHT)
            name = line.adjusted(_SWATCH + _GAP, 0, -value - _GAP, 0)
            draw_text(painter, name, visible(reading.name, _LONGEST), tokens.text, small)
        if self._more:
            draw_text(painter, line.translated(0, _LINE), self._more, tokens.muted, small)
