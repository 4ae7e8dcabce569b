"""Markdown to be read. It may come from anybody: no HTML, no pictures, and no link opens without being asked about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QUrl, Signal
from PySide6.QtGui import QTextBlockFormat, QTextCharFormat, QTextCursor, QTextDocument, QTextFormat
from PySide6.QtWidgets import QFrame, QTextBrowser, QWidget
from typing_extensions import override

from dsbs_gui.kit.layout import px
from dsbs_gui.kit.reading_text import READ_CHARACTERS
from dsbs_gui.kit.theme.apply import theme
from dsbs_gui.kit.theme.roles import set_type

if TYPE_CHECKING:
    from collections.abc import Mapping

_FEATURES = QTextDocument.MarkdownFeature.MarkdownDialectGitHub | QTextDocument.MarkdownFeature.MarkdownNoHTML
_WEB: Mapping[str, bool] = {"http": True, "https": True}


class MarkdownView(QTextBrowser):
    """Read-only; ``source_text`` is exactly what was set. Of a giant only the beginning is shown.

    Signals:
        link_asked(url): a web address was clicked; others do nothing.
    """

    link_asked = Signal(str)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text = ""
        self.setProperty("kind", "reading")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setAccessibleName(name)
        self.setOpenLinks(False)
        self.setUndoRedoEnabled(False)
        self.document().setDocumentMargin(0)
        set_type(self, "reading")
        self.anchorClicked.connect(self._on_link_clicked)
        # Qt writes the colours of links and code into the text.
        theme().changed.connect(self._show)

    def set_text(self, text: str) -> None:
        """Show another text."""
        self._text = text
        self._show()

    def source_text(self) -> str:
        """The text as it was set."""
        return self._text

    def _show(self) -> None:
        shown = self._text[:READ_CHARACTERS]
        if len(self._text) > READ_CHARACTERS:
            shown += f"\n\n… ({len(self._text) - READ_CHARACTERS:,} more characters are not shown)"
        self.document().setMarkdown(shown, _FEATURES)
        self._space()

    def _space(self) -> None:
        """Headings that are no posters, and room between paragraphs."""
        block = self.document().begin()
        while block.isValid():
            level = block.blockFormat().headingLevel()
            spaced, cursor = QTextBlockFormat(), QTextCursor(block)
            spaced.setTopMargin(px("m" if level and block.blockNumber() else "none"))
            spaced.setBottomMargin(px("xs" if level or block.textList() else "s"))
            cursor.mergeBlockFormat(spaced)
            if level:
                sized = QTextCharFormat()
                sized.setProperty(QTextFormat.Property.FontSizeAdjustment, 1 if level == 1 else 0)
                cursor.movePosition(QTextCursor.MoveOperation.EndOfBlock, QTextCursor.MoveMode.KeepAnchor)
                cursor.mergeCharFormat(sized)
            block = block.next()

    def _on_link_clicked(self, url: QUrl) -> None:
        if _WEB.get(url.scheme()):
            self.link_asked.emit(url.toString())

    @override
    def loadResource(self, type: int, name: QUrl | str) -> Any:
        return None
