"""An editor that gives back exactly what it was given but for what the user changed.

Qt rewrites some characters of a text that passes through a document. So the original is kept apart, an untouched editor
answers None, and of a changed one only the change is taken (`text_changes`). A long text is edited part by part
(`text_parts`): the document holds one part, the others wait as they are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QMimeData, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QPlainTextEdit, QWidget
from typing_extensions import override

from dsbs_gui.kit.part_bar import PartBar
from dsbs_gui.kit.text_changes import merged
from dsbs_gui.kit.text_parts import WHOLE, cut, is_short
from dsbs_gui.kit.text_positions import shown_text
from dsbs_gui.kit.theme.roles import set_type

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent, QResizeEvent

_PARAGRAPH = "\u2029"
_ON = (Qt.Key.Key_Down, Qt.Key.Key_PageDown, Qt.Key.Key_Right)
_BACK = (Qt.Key.Key_Up, Qt.Key.Key_PageUp, Qt.Key.Key_Left)


class TextEditor(QPlainTextEdit):
    """Plain-text editor for a rationale or a prompt. Tab moves the focus on; Ctrl+Return submits.

    In a text of more than 50,000 characters, or 20,000 in a line, a bar below leads to its parts, as do Ctrl+PgUp,
    Ctrl+PgDown and the arrows at the ends of a part. Undo takes back typing in the part that is shown.

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
        self._original = self._shown = ""
        self._parts: list[str] = [""]
        self._at = 0
        self._changed_elsewhere = self._told = self._loading = False
        self._whole: str | None = None
        self.part_bar = PartBar(self)
        self.part_bar.hide()
        self.part_bar.part_asked.connect(self.show_part)
        self.textChanged.connect(self._forget_whole)
        self.document().modificationChanged.connect(self._tell)
        self.set_text(text)

    def set_text(self, text: str) -> None:
        """Start editing another text; undo history is emptied."""
        self._original, self._parts = text, cut(text)
        self._changed_elsewhere = False
        self._load(0)

    def put_text(self, text: str) -> None:
        """Replace what is in the editor as typing would: the original stays what it was."""
        if len(self._parts) == 1 and is_short(text):
            cursor = QTextCursor(self.document())
            cursor.select(QTextCursor.SelectionType.Document)
            cursor.insertText(text)
            return
        self._parts, self._changed_elsewhere = cut(text), True
        self._load(0)

    def original(self) -> str:
        """The text as it was set."""
        return self._original

    def text_if_modified(self) -> str | None:
        """The new text, or None if the user changed nothing; line ends stay CRLF where all of them were."""
        if not (self._changed_elsewhere or self.document().isModified()):
            return None
        if self._whole is None:
            self._whole = "".join([*self._parts[: self._at], self._part(), *self._parts[self._at + 1 :]])
        return None if self._whole == self._original else self._whole

    def mark_saved(self) -> None:
        """Take the present text as the original, after it was saved; undo history stays."""
        text = self.text_if_modified()
        if text is not None:
            self._original = text
        self._parts[self._at], self._shown = self._part(), self._raw()
        self._changed_elsewhere = False
        self.document().setModified(False)
        self._tell()

    def part(self) -> tuple[int, int]:
        """Which part is shown, from 0, and how many there are."""
        return self._at, len(self._parts)

    def show_part(self, number: int, *, at_end: bool = False) -> None:
        """Go to a part; what was typed in the one shown stays. Nothing happens if there is no such part."""
        if number == self._at or not 0 <= number < len(self._parts):
            return
        part = self._part()
        self._changed_elsewhere |= part != self._parts[self._at]
        self._parts[self._at] = part
        self._load(number)
        if at_end:
            self.moveCursor(QTextCursor.MoveOperation.End)

    def _load(self, number: int) -> None:
        """Put a part into the document."""
        self._at = number
        self._loading = True
        with QSignalBlocker(self):  # whoever asks while the document is half changed would get a mixture
            self.setPlainText(shown_text(self._parts[number]))
            self._shown = self._raw()
            self.document().setModified(False)
        self._loading, self._whole = False, None
        self._show_bar()
        self._tell()
        self.textChanged.emit()

    def _show_bar(self) -> None:
        several = len(self._parts) > 1
        height = self.part_bar.sizeHint().height() if several else 0
        if self.viewportMargins().bottom() != height:
            self.setViewportMargins(0, 0, 0, height)
        if several:
            self.part_bar.show_part(self._at, len(self._parts), sum(map(len, self._parts)))
        self.part_bar.setVisible(several)
        self._place_bar()

    def _part(self) -> str:
        """The part shown, with what was typed in it."""
        kept = self._parts[self._at]
        return merged(kept, self._shown, self._raw()) if self.document().isModified() else kept

    def _raw(self) -> str:
        return self.document().toRawText().replace(_PARAGRAPH, "\n")

    def _forget_whole(self) -> None:
        self._whole = None

    def _tell(self) -> None:
        modified = self._changed_elsewhere or self.document().isModified()
        if modified != self._told and not self._loading:
            self._told = modified
            self.modified_changed.emit(modified)

    def _place_bar(self) -> None:
        area = self.viewport().geometry()
        self.part_bar.setGeometry(area.left(), area.bottom() + 1, area.width(), self.part_bar.sizeHint().height())

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_bar()

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        control, key = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier), event.key()
        if control and key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.submitted.emit()
        elif control and key in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown) and len(self._parts) > 1:
            self.show_part(self._at + (1 if key == Qt.Key.Key_PageDown else -1))
        elif control and key in (Qt.Key.Key_Home, Qt.Key.Key_End) and len(self._parts) > 1:
            self.show_part(0 if key == Qt.Key.Key_Home else len(self._parts) - 1)
            super().keyPressEvent(event)
        else:
            before = self.textCursor()
            super().keyPressEvent(event)
            if len(self._parts) > 1 and not event.modifiers() and self.textCursor() == before:
                self._leave_part(key)

    def _leave_part(self, key: int) -> None:
        """An arrow at the end of a part leads into the next one."""
        cursor = self.textCursor()
        if key in _ON and (cursor.atEnd() or key != Qt.Key.Key_Right):
            self.show_part(self._at + 1)
        elif key in _BACK and (cursor.atStart() or key != Qt.Key.Key_Left):
            self.show_part(self._at - 1, at_end=True)

    @override
    def insertFromMimeData(self, source: QMimeData) -> None:
        pasted = source.text()
        if self.isReadOnly() or (is_short(pasted) and len(pasted) + self.document().characterCount() <= WHOLE):
            super().insertFromMimeData(source)
            return
        # Too long to be laid out in one: it comes in as parts, and undo in the editor cannot take it back.
        before, after = self._around_cursor()
        raw = merged(self._parts[self._at], self._shown, before + shown_text(pasted) + after)
        self.put_text("".join([*self._parts[: self._at], raw, *self._parts[self._at + 1 :]]))

    def _around_cursor(self) -> tuple[str, str]:
        """What the document holds before and after the selection."""
        cursor, texts = self.textCursor(), []
        for start, end in ((0, cursor.selectionStart()), (cursor.selectionEnd(), self.document().characterCount() - 1)):
            part = QTextCursor(self.document())
            part.setPosition(start)
            part.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
            texts.append(part.selectedText().replace(_PARAGRAPH, "\n"))
        return texts[0], texts[1]
