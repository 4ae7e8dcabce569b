"""A search line that tells its text once the typing has settled."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget
from typing_extensions import override

from dsbs_gui.kit.theme.icons import set_icon

_SETTLE_MS = 200
_WIDTH = 220


class SearchField(QLineEdit):
    """Return tells at once, Escape clears.

    Signals:
        text_settled(str): the text, 200 ms after the last key, only if it differs from what was told last.
    """

    text_settled = Signal(str)

    def __init__(self, placeholder: str = "Search", *, name: str = "Search", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setPlaceholderText(placeholder)
        self.setAccessibleName(name)
        self.setClearButtonEnabled(True)
        self.setMinimumWidth(_WIDTH)
        self.glass = QAction(self)
        set_icon(self.glass, "magnifying-glass", 16, "muted")
        self.addAction(self.glass, QLineEdit.ActionPosition.LeadingPosition)
        # Qt's own cross is drawn for light grounds only.
        cross = self.findChild(QAction, "_q_qlineeditclearaction")
        if cross is not None:
            set_icon(cross, "x-circle", 16, "muted")
        self._told = ""
        self._timer = QTimer(self, singleShot=True, interval=_SETTLE_MS)
        self._timer.timeout.connect(self._tell)
        self.textChanged.connect(lambda: self._timer.start())
        self.returnPressed.connect(self._tell)

    def set_text_silently(self, text: str) -> None:
        """Set the text without telling it."""
        self._told = text
        self.setText(text)

    def _tell(self) -> None:
        self._timer.stop()
        if self.text() != self._told:
            self._told = self.text()
            self.text_settled.emit(self._told)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
            self._tell()
            return
        super().keyPressEvent(event)
