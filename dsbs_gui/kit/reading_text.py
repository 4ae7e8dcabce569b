"""Text to be read: reading type with generous lines, plain, and faithful to the byte when copied or asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QMimeData
from PySide6.QtGui import QColor, QFont, QTextBlockFormat, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QTextEdit, QWidget
from typing_extensions import override

from dsbs_gui.kit.text_positions import document_position, shown_text
from dsbs_gui.kit.theme.apply import current, theme
from dsbs_gui.kit.theme.roles import set_type
from dsbs_gui.kit.theme.tokens import Tone

# Laying out a giant blocks the window for seconds; what is longer is shown in part and says so.
READ_CHARACTERS = 100_000


@dataclass(frozen=True)
class Span:
    """Characters `start` to `end` of the source with a mark: a soft ground in the tone, or struck through."""

    start: int
    end: int
    tone: Tone = "accent"
    struck: bool = False


class ReadingText(QTextEdit):
    """Read-only. `QTextEdit` and not `QPlainTextEdit` because the latter knows no line height; it is only ever
    given plain text. `source()` is exactly what was set, whatever Qt makes of it on the screen.
    """

    def __init__(self, name: str, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "reading")
        self.setReadOnly(True)
        self.setAcceptRichText(False)
        self.setUndoRedoEnabled(False)
        self.document().setDocumentMargin(0)
        self.setAccessibleName(name)
        set_type(self, "reading")
        self._source, self._size = "", current().type.reading
        self._spans: tuple[Span, ...] = ()
        theme().changed.connect(self._mark)
        self.set_source(text)

    def set_source(self, text: str) -> None:
        """Show another text; marks are taken away."""
        self._source, self._spans = text, ()
        shown = shown_text(text[:READ_CHARACTERS])
        if len(text) > READ_CHARACTERS:
            shown += f"\n… ({len(text) - READ_CHARACTERS:,} more characters are not shown)"
        self.setPlainText(shown)
        self._set_line_height()
        self._mark()

    def set_large(self, large: bool) -> None:
        """In larger type, for somebody who reads nothing else now."""
        set_type(self, "large" if large else "reading")
        self._size = current().type.large if large else current().type.reading
        self._set_line_height()

    def source(self) -> str:
        """The text as it was set."""
        return self._source

    def mark(self, spans: Sequence[Span]) -> None:
        """Mark parts, e.g. the words that an edit changed. Indexes count characters of the source."""
        self._spans = tuple(spans)
        self._mark()

    def _set_line_height(self) -> None:
        cursor = QTextCursor(self.document())
        cursor.select(QTextCursor.SelectionType.Document)
        block = QTextBlockFormat()
        # Of the type size, not of the font's own line, and at least that: taller scripts and emoji keep their room.
        height = self._size * current().type.reading_line_height / 100
        block.setLineHeight(height, QTextBlockFormat.LineHeightTypes.MinimumHeight.value)
        cursor.mergeBlockFormat(block)
        cursor.clearSelection()
        self.moveCursor(QTextCursor.MoveOperation.Start)

    def _mark(self) -> None:
        self.setExtraSelections([self._selection(span) for span in self._spans])

    def _selection(self, span: Span) -> QTextEdit.ExtraSelection:
        meaning, selection = current().meaning(span.tone), QTextEdit.ExtraSelection()
        form = QTextCharFormat()
        form.setBackground(QColor(meaning.soft))
        form.setForeground(QColor(meaning.text))
        form.setFontStrikeOut(span.struck)
        form.setFontWeight(QFont.Weight.Normal)
        cursor = QTextCursor(self.document())
        last = self.document().characterCount() - 1
        cursor.setPosition(min(last, document_position(self._source, span.start)))
        cursor.setPosition(min(last, document_position(self._source, span.end)), QTextCursor.MoveMode.KeepAnchor)
        selection.format, selection.cursor = form, cursor
        return selection

    @override
    def createMimeDataFromSelection(self) -> QMimeData:
        data, cursor = QMimeData(), self.textCursor()
        length = cursor.selectionEnd() - cursor.selectionStart()
        whole = length >= self.document().characterCount() - 1
        data.setText(self._source if whole else cursor.selection().toPlainText())
        return data
