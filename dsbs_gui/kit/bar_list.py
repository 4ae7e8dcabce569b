"""Amounts of named things as horizontal bars: label balance, failures by cause."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget
from typing_extensions import override

from dsbs_gui.kit.focus import KeyRing
from dsbs_gui.kit.painting import RIGHT, draw_text, focus_ring, smooth_painter
from dsbs_gui.kit.theme.apply import current
from dsbs_gui.kit.theme.fonts import font
from dsbs_gui.kit.theme.tokens import Tone
from dsbs_gui.kit.words import count, percent, tooltip, visible

_ROW, _BAR, _GAP = 24, 8, 10
_NAME_SHARE = 0.38


@dataclass(frozen=True)
class Bar:
    """A named amount; `key` is what `bar_activated` tells."""

    name: str
    number: int
    tone: Tone = "muted"
    key: str = ""


class BarList(KeyRing, QWidget):
    """Bars scaled to the longest one; name left, count and share right.

    Signals:
        bar_activated(key or name): clicked, or Return on the current bar. Only with `active=True`.
    """

    bar_activated = Signal(str)

    def __init__(self, name: str, bars: Sequence[Bar] = (), *, active: bool = False, parent: QWidget | None = None):
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._active, self._current = active, 0
        if active:
            self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.set_bars(bars)

    def set_bars(self, bars: Sequence[Bar]) -> None:
        """Replace the bars."""
        self._bars = tuple(bars)
        self._total = sum(bar.number for bar in self._bars)
        self._current = min(self._current, max(0, len(self._bars) - 1))
        self.setAccessibleDescription("; ".join(f"{bar.name} {count(bar.number)}" for bar in self._bars))
        self.updateGeometry()
        self.update()

    def _share(self, bar: Bar) -> str:
        return percent(bar.number / self._total, 0) if self._total else ""

    def _index_at(self, point: QPoint) -> int | None:
        index = point.y() // _ROW
        return index if 0 <= index < len(self._bars) else None

    def _tell(self, index: int | None) -> None:
        if self._active and index is not None and index < len(self._bars):
            self._current = index
            self.bar_activated.emit(self._bars[index].key or self._bars[index].name)
            self.update()

    def _paint_bar(self, painter: QPainter, index: int, bar: Bar, numbers: float, shares: float) -> None:
        tokens, body = current(), font("body")
        top, width = index * _ROW, self.width()
        names = min(width * _NAME_SHARE, self._longest_name())
        draw_text(painter, QRectF(0, top, names, _ROW), visible(bar.name, 120), tokens.text, body)
        track = QRectF(names + _GAP, top + (_ROW - _BAR) / 2, width - names - numbers - shares - 3 * _GAP, _BAR)
        painter.setBrush(QColor(tokens.hover))
        painter.drawRoundedRect(track, _BAR / 2, _BAR / 2)
        largest = max((b.number for b in self._bars), default=0)
        if bar.number and largest:
            filled = QRectF(track)
            filled.setWidth(max(_BAR, track.width() * bar.number / largest))
            painter.setBrush(QColor(tokens.meaning(bar.tone).shape))
            painter.drawRoundedRect(filled, _BAR / 2, _BAR / 2)
        area = QRectF(width - numbers - shares - _GAP, top, numbers, _ROW)
        draw_text(painter, area, count(bar.number), tokens.text, body, RIGHT)
        draw_text(painter, QRectF(width - shares, top, shares, _ROW), self._share(bar), tokens.muted, body, RIGHT)

    def _longest_name(self) -> float:
        metrics = QFontMetricsF(font("body"))
        return max((metrics.horizontalAdvance(visible(b.name, 120)) for b in self._bars), default=0) + 2

    @override
    def sizeHint(self) -> QSize:
        return QSize(280, max(1, len(self._bars)) * _ROW)

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(160, self.sizeHint().height())

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = smooth_painter(self)
        metrics = QFontMetricsF(font("body"))
        numbers = max((metrics.horizontalAdvance(count(b.number)) for b in self._bars), default=0) + 2
        shares = max((metrics.horizontalAdvance(self._share(b)) for b in self._bars), default=0) + 2
        for index, bar in enumerate(self._bars):
            self._paint_bar(painter, index, bar, numbers, shares)
        if self._active and self.has_ring() and self._bars:
            focus_ring(painter, QRectF(0, self._current * _ROW, self.width(), _ROW))

    @override
    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._tell(self._index_at(event.position().toPoint()))

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()))
        if self._active and step is not None:
            self._current = max(0, min(len(self._bars) - 1, self._current + step))
            self.update()
        elif self._active and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self._tell(self._current)
        else:
            super().keyPressEvent(event)

    @override
    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            index = self._index_at(event.pos())
            if index is not None:
                bar = self._bars[index]
                text = f"{visible(bar.name)}: {count(bar.number)} ({self._share(bar)})"
                QToolTip.showText(event.globalPos(), tooltip(text), self)
            return True
        return super().event(event)
