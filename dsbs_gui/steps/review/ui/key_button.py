"""Buttons with their key printed on them, for work that is done with one hand on the keyboard.

They only print it: a button's own shortcut acts 100 ms late and drops what comes meanwhile, which is too
slow for a quick reviewer. ``keys.py`` binds the keys.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPen
from typing_extensions import override

from dsbs_gui.kit.buttons import SecondaryButton
from dsbs_gui.kit.layout import px
from dsbs_gui.kit.theme.apply import current
from dsbs_gui.kit.theme.fonts import font

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

_NBSP = "\u00a0"


class KeyButton(SecondaryButton):
    """Draws the key in a small frame after the text; the text keeps the place for it with no-break spaces."""

    def __init__(self, text: str, *, tooltip: str = "", parent: QWidget | None = None) -> None:
        self._key = self._words = self._meaning = ""
        super().__init__("", parent=parent)
        self.set_text(text, tooltip)

    def set_text(self, text: str, tooltip: str = "") -> None:
        """Change the words, keeping the key."""
        self._words, self._meaning = text, tooltip or text
        self.setAccessibleName(text)
        self._show()

    def set_key(self, key: str) -> None:
        """Print another key; an empty one is none."""
        self._key = key
        self._show()

    def key(self) -> str:
        """The key that is printed."""
        return self._key

    def _show(self) -> None:
        space = QFontMetricsF(self.font()).horizontalAdvance(_NBSP) or 1.0
        room = round((self._cap().width() + px("xs")) / space) if self._key else 0
        self.setText(self._words + _NBSP * room)
        self.set_tooltip(" · ".join(part for part in (self._meaning, self._key) if part))
        self.update()

    def _cap(self) -> QSize:
        metrics = QFontMetricsF(font("caption"))
        return QSize(round(max(metrics.horizontalAdvance(self._key) + 8, 18)), 18)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._key:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        cap = self._cap()
        area = QRectF(
            self.width() - cap.width() - px("s"), (self.height() - cap.height()) / 2, cap.width(), cap.height()
        )
        ink = QColor(self._ink())
        edge = QColor(ink)
        edge.setAlphaF(0.4)
        painter.setPen(QPen(edge, 1))
        painter.drawRoundedRect(area.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        painter.setPen(ink)
        painter.setFont(font("caption"))
        painter.drawText(area, int(Qt.AlignmentFlag.AlignCenter), self._key)

    def _ink(self) -> str:
        tokens = current()
        if not self.isEnabled():
            return tokens.disabled
        return tokens.on_accent if self.kind == "primary" else tokens.muted


class PrimaryKeyButton(KeyButton):
    """The primary action, with its key."""

    kind = "primary"
    icon_role = "on_accent"
