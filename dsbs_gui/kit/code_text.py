"""Monospaced read-only text: prompts, raw answers, logs."""

from __future__ import annotations

from PySide6.QtCore import QMimeData
from PySide6.QtWidgets import QApplication, QPlainTextEdit, QWidget
from typing_extensions import override

from dsbs_gui.kit.text_positions import shown_text
from dsbs_gui.kit.theme.roles import set_type

_LIMIT = 500_000


class CodeText(QPlainTextEdit):
    """`source()` is exactly what was set; Ctrl+C with everything selected copies exactly that."""

    def __init__(self, name: str, text: str = "", *, wrap: bool = True, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "code")
        self.setReadOnly(True)
        self.setUndoRedoEnabled(False)
        self.setAccessibleName(name)
        mode = QPlainTextEdit.LineWrapMode
        self.setLineWrapMode(mode.WidgetWidth if wrap else mode.NoWrap)
        set_type(self, "mono")
        self._source = ""
        self.set_source(text)

    def set_source(self, text: str) -> None:
        """Show another text."""
        self._source = text
        shown = shown_text(text[:_LIMIT])
        if len(text) > _LIMIT:
            shown += f"\n… ({len(text) - _LIMIT:,} more characters are not shown)"
        self.setPlainText(shown)

    def source(self) -> str:
        """The text as it was set."""
        return self._source

    def copy_source(self) -> None:
        """Put the whole source on the clipboard."""
        QApplication.clipboard().setText(self._source)

    @override
    def createMimeDataFromSelection(self) -> QMimeData:
        data, cursor = QMimeData(), self.textCursor()
        length = cursor.selectionEnd() - cursor.selectionStart()
        whole = length >= self.document().characterCount() - 1
        data.setText(self._source if whole else cursor.selection().toPlainText())
        return data
