"""A scroll area without a frame whose content is as wide as the area."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget


class Scroller(QScrollArea):
    """Scrolls its content up and down only."""

    def __init__(self, content: QWidget | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        # The area itself has nothing to focus; the scroll keys reach it from its content.
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        if content is not None:
            self.set_content(content)

    def set_content(self, content: QWidget) -> None:
        """Replace the content."""
        content.setProperty("kind", "scrolled")
        self.setWidget(content)
        content.setAutoFillBackground(False)
        self.viewport().setAutoFillBackground(False)
