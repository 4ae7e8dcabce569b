"""The guidelines beside the rows: read as Markdown, edited as text, with their earlier versions."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QMenu, QStackedWidget, QWidget

from dsbs_gui.kit.buttons import IconButton, LinkButton, PrimaryButton, SecondaryButton
from dsbs_gui.kit.layout import column, px, row
from dsbs_gui.kit.markdown_view import MarkdownView
from dsbs_gui.kit.plain_label import PlainLabel
from dsbs_gui.kit.text_editor import TextEditor
from dsbs_gui.kit.words import age, visible, without_mnemonic

from .undo_keys import PassUndoOn

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dsbs_gui.core.store.guidelines import Version

_MOST_LISTED = 20
_NARROWEST = 240


class GuidelinesPane(QWidget):
    """Only shows and edits; the page stores.

    Signals:
        save_asked(text): put this text in force.
        close_asked: fold the pane away.
        typed: the text in the editor was changed.
        left: the editor was closed, after saving or without.
    """

    save_asked = Signal(str)
    close_asked = Signal()
    typed = Signal()
    left = Signal()

    def __init__(self, read_only: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Guidelines")
        self.setMinimumWidth(_NARROWEST)
        self._read_only = read_only
        self._versions: Sequence[Version] = ()
        self.view = MarkdownView("Guidelines")
        self.editor = TextEditor("Guidelines, as Markdown", mono=True)
        self.editor.setPlaceholderText("What makes a rationale good? When is one rejected?\n\nHeadings begin with #.")
        self._passing_on = PassUndoOn(self.editor)
        self.edit, self.earlier = LinkButton("Edit"), LinkButton("Earlier versions")
        self.menu = QMenu(self)
        self.close_button = IconButton("x", "Fold the guidelines away")
        self.save, self.cancel = PrimaryButton("Save"), SecondaryButton("Cancel")
        self.save.set_tooltip("Undo brings the earlier text back · Ctrl+Return")
        self.none = PlainLabel(
            "There are none yet. Write down what makes a rationale good: whoever reviews this project sees it here, and"
            " it goes out with the exported data.",
            tone="muted",
            wrap=True,
        )
        self.write = SecondaryButton("Write guidelines")
        self._build()
        self._connect()
        self.show_versions(())

    def _build(self) -> None:
        title = PlainLabel("Guidelines", type="emphasis")
        head = row(title, None, self.earlier, self.edit, self.close_button, gap="s")
        reading, editing, empty = QWidget(), QWidget(), QWidget()
        column(self.view, parent=reading)
        column(self.editor, row(self.save, self.cancel, None, gap="s"), gap="s", parent=editing)
        column(self.none, row(self.write, None), None, gap="m", parent=empty)
        self.stack = QStackedWidget()
        self._reading, self._editing, self._empty = reading, editing, empty
        for page in (reading, editing, empty):
            self.stack.addWidget(page)
        column(head, self.stack, gap="s", parent=self).setContentsMargins(px("m"), 0, 0, 0)

    def _connect(self) -> None:
        self.edit.clicked.connect(self.start_editing)
        self.write.clicked.connect(self.start_editing)
        self.earlier.clicked.connect(self._open_menu)
        self.close_button.clicked.connect(self.close_asked)
        self.save.clicked.connect(self.finish)
        self.editor.submitted.connect(self.finish)
        self.editor.textChanged.connect(lambda: self.typed.emit() if self.is_editing() else None)
        self.cancel.clicked.connect(self.drop)

    def show_versions(self, versions: Sequence[Version]) -> None:
        """Show the newest of these; what is being typed stays."""
        self._versions = versions
        if self.view.source_text() != self.text():
            self.view.set_text(self.text())
        if not self.is_editing():
            self._show_reading()

    def text(self) -> str:
        """The guidelines in force."""
        return self._versions[0].text if self._versions else ""

    def is_editing(self) -> bool:
        return self.stack.currentWidget() is self._editing

    def start_editing(self) -> None:
        """Put the text into the editor."""
        if not self._read_only:
            self.editor.set_text(self.text())
            self.stack.setCurrentWidget(self._editing)
            self._show_head()
            self.editor.setFocus()

    def finish(self) -> None:
        """Save what was typed, if anything was, and show the guidelines."""
        if self.is_editing():
            typed = self.editor.text_if_modified()
            if typed is not None:
                self.save_asked.emit(typed)
            self.drop()

    def drop(self) -> None:
        """Show the guidelines; what was typed and not saved is gone."""
        had_focus = self.editor.hasFocus() or self.save.hasFocus() or self.cancel.hasFocus()
        self._show_reading()
        self.editor.set_text("")
        self.left.emit()
        if had_focus:
            (self.view if self.text() else self.write).setFocus()

    def put_back(self, text: str) -> None:
        """A text that was not saved stands in the editor again."""
        self.start_editing()
        self.editor.put_text(text)

    def _show_reading(self) -> None:
        self.stack.setCurrentWidget(self._reading if self.text() else self._empty)
        self._show_head()

    def _show_head(self) -> None:
        can_edit = not self._read_only and not self.is_editing()
        self.edit.setVisible(can_edit and bool(self.text()))
        self.write.setVisible(can_edit)
        self.earlier.setVisible(can_edit and len(self._versions) > (1 if self.text() else 0))

    def _open_menu(self) -> None:
        self.fill_menu()
        self.menu.popup(self.earlier.mapToGlobal(self.earlier.rect().bottomLeft()))

    def fill_menu(self) -> None:
        """One entry an earlier version; choosing one puts it in force again."""
        self.menu.clear()
        for version in self._versions[1 : _MOST_LISTED + 1]:
            when = age(datetime.fromtimestamp(version.t, UTC))
            said = visible(version.text, 40) or "no guidelines"
            entry = self.menu.addAction(without_mnemonic(f"{when}, {version.who}: {said}"))
            entry.triggered.connect(lambda _=False, text=version.text: self.save_asked.emit(text))
