"""Undo inside an editor takes back typing; when there is none left, it takes back the last act of the page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit
from typing_extensions import override

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget


class PassUndoOn(QObject):
    """An editor claims Ctrl+Z for itself even when it has nothing to undo; then the page shall have it."""

    def __init__(self, editor: QPlainTextEdit | QLineEdit) -> None:
        super().__init__(editor)
        self._editor = editor
        editor.installEventFilter(self)

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() != QEvent.Type.ShortcutOverride or not isinstance(event, QKeyEvent):
            return False
        undo, redo = self._available()
        standard = QKeySequence.StandardKey
        mine = (event.matches(standard.Undo) and undo) or (event.matches(standard.Redo) and redo)
        asked = event.matches(standard.Undo) or event.matches(standard.Redo)
        if asked and not mine:
            event.ignore()
            return True
        return False

    def _available(self) -> tuple[bool, bool]:
        editor: QWidget = self._editor
        if isinstance(editor, QLineEdit):
            return editor.isUndoAvailable(), editor.isRedoAvailable()
        assert isinstance(editor, QPlainTextEdit)
        return editor.document().isUndoAvailable(), editor.document().isRedoAvailable()
