"""The versions of the prompt as a list, and what can be done with the current one."""

from __future__ import annotations

from array import array
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QLineEdit, QMenu, QWidget

from dsbs_gui.kit.buttons import IconButton
from dsbs_gui.kit.card import Card
from dsbs_gui.kit.form import FormField
from dsbs_gui.kit.plain_label import PlainLabel
from dsbs_gui.kit.record_table.column import Column, Mark
from dsbs_gui.kit.record_table.model import RecordTableModel
from dsbs_gui.kit.record_table.view import RecordTable
from dsbs_gui.kit.words import age, count, plural
from dsbs_gui.steps.teacher.versions import key_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from dsbs_gui.steps.teacher.versions import Entry


class VersionsCard(Card):
    """Signals:
    shown(key): the user went to another version, see ``versions.key_of``.
    note_edited(str): the note of the current version.
    duplicate_asked, import_asked, export_asked, rename_asked, delete_asked: what to do with the current one.
    """

    shown = Signal(str)
    note_edited = Signal(str)
    duplicate_asked = Signal()
    import_asked = Signal()
    export_asked = Signal()
    rename_asked = Signal()
    delete_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        self.more = IconButton("dots-three", "Actions for this version")
        super().__init__("Versions", action=self.more, parent=parent)
        self._entries: tuple[Entry, ...] = ()
        self._asked_with = ""
        self._read_only = False
        self.model = RecordTableModel(self._columns(), self._fetch)
        self.table = RecordTable(self.model, "Versions of the prompt")
        self.origin = PlainLabel(type="caption", tone="muted", wrap=True)
        self.note_line = QLineEdit()
        self.note_line.setPlaceholderText("What is special about it")
        self._note_field = FormField("Note", self.note_line)
        self.add(self.table, self.origin, self._note_field)
        self.body.setStretch(0, 1)
        self._menu = self._make_menu()
        self.more.setMenu(self._menu)
        self.table.current_changed.connect(self._on_current)
        self.note_line.editingFinished.connect(lambda: self.note_edited.emit(self.note_line.text().strip()))
        self._key("F2", "Rename the version", self.rename_asked.emit)
        self._key("Ctrl+D", "Duplicate the version", self.duplicate_asked.emit)
        self._key("Delete", "Delete the version", self.delete_asked.emit)

    def _make_menu(self) -> QMenu:
        menu = QMenu(self)
        self._rename = menu.addAction("Rename…\tF2", self.rename_asked.emit)
        self._duplicate = menu.addAction("Duplicate\tCtrl+D", self.duplicate_asked.emit)
        self._delete = menu.addAction("Delete…\tDel", self.delete_asked.emit)
        menu.addSeparator()
        self._import = menu.addAction("Import a file…", self.import_asked.emit)
        menu.addAction("Export as TOML…", self.export_asked.emit)
        return menu

    def _key(self, keys: str, meaning: str, act: Callable[[], object]) -> None:
        shortcut = QShortcut(QKeySequence(keys), self.table)
        shortcut.setContext(Qt.ShortcutContext.WidgetShortcut)
        shortcut.setWhatsThis(meaning)
        shortcut.activated.connect(lambda: act())

    # ------------------------------------------------------------ what others call

    def show_entries(self, entries: Sequence[Entry], current: str, asked_with: str, *, read_only: bool) -> None:
        """Show the versions with ``current`` in front; ``asked_with`` is marked. Both are keys."""
        self._entries, self._asked_with, self._read_only = tuple(entries), asked_with, read_only
        keys = [key_of(entry) for entry in entries]
        blocked = self.table.blockSignals(True)
        self.model.set_ids(array("q", range(len(keys))))
        if current in keys:
            self.table.set_current_id(keys.index(current))
        self.table.blockSignals(blocked)
        self.set_note(count(len(keys)))
        self._show_current()

    def current(self) -> Entry | None:
        """The version in front."""
        place = self.table.current_id()
        return self._entries[place] if place is not None and place < len(self._entries) else None

    # ------------------------------------------------------------ inside

    def _on_current(self, place: int | None) -> None:
        if place is not None:
            self._show_current()
            self.shown.emit(key_of(self._entries[place]))

    def _show_current(self) -> None:
        entry = self.current()
        own = entry is not None and entry.version_id is not None and not self._read_only
        self._rename.setEnabled(own)
        self._duplicate.setEnabled(entry is not None and not self._read_only)
        self._delete.setEnabled(own and entry is not None and not entry.used)
        self._import.setEnabled(not self._read_only)
        self._note_field.setVisible(own)
        if entry is not None:
            self.origin.setText(_origin(entry))
            if self.note_line.text() != entry.note:
                self.note_line.setText(entry.note)

    def _fetch(self, places: Sequence[int]) -> dict[int, Entry]:
        return {place: self._entries[place] for place in places if place < len(self._entries)}

    def _columns(self) -> list[Column]:
        return [
            Column("name", "Version", lambda e: e.name, stretch=True, lines=2, decoration=self._marks),
            Column("answers", "Answers", lambda e: count(e.answers) if e.answers else "–", 76, align="right",
                   tone=lambda e: "text" if e.answers else "muted", tooltip=lambda e: ""),
        ]  # fmt: skip

    def _marks(self, entry: Entry) -> list[Mark]:
        asked_with = key_of(entry) == self._asked_with
        return [
            Mark("accent", "check-circle-fill" if asked_with else "", "in use: teachers are asked with it")
        ] * asked_with


def _origin(entry: Entry) -> str:
    """*From “Built-in exemplars” · changed 5 minutes ago · 40 answers, so a change makes a new version.*"""
    if entry.version_id is None:
        return "Comes with the program. A change makes a version of your own."
    parts = [f"From “{entry.parent}”"] if entry.parent else []
    parts.append(f"changed {age(datetime.fromtimestamp(entry.changed, UTC))}")
    if entry.answers:
        parts.append(f"{plural(entry.answers, 'answer')}, so a change makes a new version")
    elif entry.used:
        parts.append("a job asks with it, so a change makes a new version")
    text = " · ".join(parts) + "."
    return text[0].upper() + text[1:]
