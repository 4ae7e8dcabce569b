"""An icon on its own, painted in the colour of a tone so that it follows the theme."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget
from typing_extensions import override

from dsbs_gui.kit.theme.apply import current
from dsbs_gui.kit.theme.icons import glyph, paint_icon
from dsbs_gui.kit.theme.tokens import Tone


class IconLabel(QWidget):
    """A decorative icon; give `name` if it says something that no text beside it says."""

    def __init__(
        self, icon: str, size: int = 16, tone: Tone = "muted", name: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._tone = tone
        self.set_icon(icon, tone)
        self.setFixedSize(QSize(size, size))
        self.setAccessibleName(name)
        if name:
            self.setToolTip(name)

    def set_icon(self, icon: str, tone: Tone | None = None) -> None:
        """Show another icon, in another tone if given."""
        glyph(icon)  # a wrong name fails here and not while painting
        self._icon, self._tone = icon, tone or self._tone
        self.update()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        paint_icon(painter, self._icon, QRectF(self.rect()), current().meaning(self._tone).shape)
