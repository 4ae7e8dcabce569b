"""The input of an example, for reading: hidden characters are seen, and copying gives the text as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QMimeData
from typing_extensions import override

from dsbs_gui.kit.reading_text import READ_CHARACTERS, ReadingText, Span
from dsbs_gui.steps.review.hidden import reveal

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

_MOST_MARKS = 500


class InputText(ReadingText):
    """Shows a text with signs for its hidden characters."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        self._raw = ""
        super().__init__(name, "", parent)

    def show_text(self, text: str) -> None:
        """Show another text."""
        self._raw = text
        # Only what is shown is looked through; the rest is there to be counted.
        revealed = reveal(text[:READ_CHARACTERS])
        self.set_source(revealed.text + text[READ_CHARACTERS:])
        self.mark([Span(start, end, "attention") for start, end in revealed.marks[:_MOST_MARKS]])

    def raw(self) -> str:
        """The text as it is."""
        return self._raw

    @override
    def createMimeDataFromSelection(self) -> QMimeData:
        cursor = self.textCursor()
        whole = cursor.selectionEnd() - cursor.selectionStart() >= self.document().characterCount() - 1
        if not whole:
            return super().createMimeDataFromSelection()
        data = QMimeData()
        data.setText(self._raw)
        return data
