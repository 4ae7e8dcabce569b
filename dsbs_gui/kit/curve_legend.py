"""The legend above the curves: a swatch, a name and the last value of each; a click hides or shows the curve."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget
from typing_extensions import override

from dsbs_gui.kit.focus import KeyRing
from dsbs_gui.kit.painting import draw_text, focus_ring, smooth_painter
from dsbs_gui.kit.theme.apply import current
from dsbs_gui.kit.theme.fonts import font
from dsbs_gui.kit.theme.tokens import DataRole, mixed
from dsbs_gui.kit.words import tooltip, visible

_SWATCH, _GAP, _HEIGHT, _LONGEST = 16, 6, 24, 48


class LegendEntry(KeyRing, QAbstractButton):
    """Checked while its curve is shown."""

    def __init__(self, name: str, role: DataRole, shade: float = 1.0, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._role, self._shade, self._value = role, shade, ""
        self.set_name(name)
        self.setCheckable(True)
        self.setChecked(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def set_name(self, name: str) -> None:
        """Change the name."""
        self.setText(visible(name, _LONGEST))
        self.setAccessibleName(name)
        self.setToolTip(tooltip(visible(name)))
        self.updateGeometry()

    def set_value(self, value: str) -> None:
        """Show the last value after the name."""
        if value != self._value:
            self._value = value
            self.setAccessibleDescription(value)
            self.updateGeometry()
            self.update()

    @override
    def sizeHint(self) -> QSize:
        metrics = QFontMetricsF(font("caption"))
        words = metrics.horizontalAdvance(self.text()) + metrics.horizontalAdvance(self._value)
        return QSize(round(_SWATCH + words + 3 * _GAP + 8), _HEIGHT)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        tokens, painter, small = current(), smooth_painter(self), font("caption")
        shown, area = self.isChecked(), QRectF(self.rect()).adjusted(4, 0, -4, 0)
        colour = mixed(tokens.data[self._role], tokens.text, self._shade) if shown else tokens.border
        pen = QPen(QColor(colour), 2.5)
        self._paint_swatch(painter, area, pen)
        left = area.left() + _SWATCH + _GAP
        width = QFontMetricsF(small).horizontalAdvance(self.text()) + 2
        draw_text(painter, QRectF(left, 0, width, area.height()), self.text(),
                  tokens.text if shown else tokens.disabled, small)  # fmt: skip
        rest = QRectF(left + width + _GAP - 2, 0, area.right() - left - width, area.height())
        if shown:
            draw_text(painter, rest, self._value, tokens.muted, small)
        if self.has_ring():
            focus_ring(painter, QRectF(self.rect()))

    def _paint_swatch(self, painter: QPainter, area: QRectF, pen: QPen) -> None:
        painter.setPen(pen)
        middle = area.center().y()
        painter.drawLine(QPointF(area.left(), middle), QPointF(area.left() + _SWATCH, middle))
        painter.setPen(Qt.PenStyle.NoPen)
