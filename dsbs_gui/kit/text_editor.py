"""An editor that gives back exactly what it was given unless the user changed it.

Qt rewrites no-break spaces, line separators and CRLF when a text passes through a document. So the original is
kept apart, an untouched editor answers None, and a changed text is read in the raw form that keeps those characters.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QPlainTextEdit, QWidget
from typing_extensions import override

from dsbs_gui.kit.text_positions import shown_text
from dsbs_gui.kit.theme.roles import set_type

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent

_PARAGRAPH = "\u2029"
_LONGEST = 200_000
_SHOWN = 50_000
# Qt lays a line out whole: ten megabytes without a line end would stop the window for ten seconds.


class TextEditor(QPlainTextEdit):
    """Plain-text editor for a rationale or a prompt. Tab moves the focus on; Ctrl+Return submits.

    A text of more than 200,000 characters is shown in part and cannot be changed.

    Signals:
        modified_changed(bool): the text differs from the original or no longer does (after undo).
        submitted: Ctrl+Return was pressed.
    """

    modified_changed = Signal(bool)
    submitted = Signal()

    def __init__(self, name: str, text: str = "", *, mono: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setTabChangesFocus(True)
        set_type(self, "mono" if mono else "reading")
        self._original = ""
        self._locked = self._in_part = False
        self.document().modificationChanged.connect(self.modified_changed)
        self.set_text(text)

    def set_text(self, text: str) -> None:
        """Start editing another text; undo history is emptied."""
        self._original, self._in_part = text, len(text) > _LONGEST
        shown = shown_text(text[:_SHOWN] if self._in_part else text)
        if self._in_part:
            shown += (
                f"\n… ({len(text) - _SHOWN:,} more characters are not shown; a text this long cannot be edited here)"
            )
        super().setReadOnly(self._locked or self._in_part)
        self.setPlainText(shown)
        self.document().setModified(False)

    @override
    def setReadOnly(self, read_only: bool) -> None:
        self._locked = read_only
        super().setReadOnly(read_only or self._in_part)

    def original(self) -> str:
        """The text as it was set."""
        return self._original

    def text_if_modified(self) -> str | None:
        """The new text, or None if the user changed nothing; the line ends stay CRLF where all of them were."""
        if self._in_part or not self.document().isModified():
            return None
        text = self.document().toRawText().replace(_PARAGRAPH, "\n")
        ends = self._original.count("\r\n")
        if ends and ends == self._original.count("\n") == self._original.count("\r"):
            text = text.replace("\n", "\r\n")
        return None if text == self._original else text

    def mark_saved(self) -> None:
        """Take the present text as the original, after it was saved; undo history stays."""
        text = self.text_if_modified()
        if text is not None:
            self._original = text
        self.document().setModified(False)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        control = event.modifiers() & Qt.KeyboardModifier.ControlModifier
        if control and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.submitted.emit()
            return
        super().keyPressEvent(event)
