"""Text views that are as high as their text, within limits, so that a page scrolls as one."""

from __future__ import annotations

import math

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QPlainTextEdit, QTextEdit


class HeightFitter(QObject):
    """Keeps a text view between so many lines high; a child of the view."""

    def __init__(self, view: QPlainTextEdit | QTextEdit, least: int, most: int) -> None:
        super().__init__(view)
        self._view, self._least, self._most = view, least, most
        view.document().documentLayout().documentSizeChanged.connect(lambda: self.fit())
        self.fit()

    def set_limits(self, least: int, most: int) -> None:
        """Other limits from now on, in lines."""
        self._least, self._most = least, most
        self.fit()

    def fit(self) -> None:
        """Set the height from the text as it is laid out now."""
        view = self._view
        line = view.fontMetrics().lineSpacing()
        height = view.document().size().height()
        if isinstance(view, QPlainTextEdit):  # its document counts lines, not px
            height = height * line + 2 * view.document().documentMargin()
        frame = 2 * view.frameWidth() + view.contentsMargins().top() + view.contentsMargins().bottom()
        wanted = min(max(height, self._least * line), self._most * line) + frame + 4
        if view.height() != math.ceil(wanted) or view.minimumHeight() != view.maximumHeight():
            view.setFixedHeight(math.ceil(wanted))
