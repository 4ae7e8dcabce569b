"""The search line of the Review page: words or a regular expression, with the searches of the past in a menu."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QMenu, QWidget
from typing_extensions import override

from dsbs_gui.core.store import search
from dsbs_gui.core.store.search import Search
from dsbs_gui.kit.search_field import SearchField
from dsbs_gui.kit.theme.icons import set_icon
from dsbs_gui.kit.words import tooltip, visible, without_mnemonic

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_HINTS = {
    "words": "Words in any order, in input, rationale, labels and notes; “in quotes” they follow one another",
    "regex": "A regular expression, found in input, rationale, labels or notes",
}
_PLACEHOLDERS = {"words": "Search", "regex": "Regular expression"}
_LONGEST = 60


class SearchBox(SearchField):
    """Down or a click on the glass shows the searches of the past; Escape clears, and once more leaves.

    Signals:
        search_asked(text, mode): what to search for, with a mode of ``core.store.search.MODES``.
        problem_found(str): why the pattern is none, in a sentence; empty once it is one.
        used(text, mode): a search that somebody worked with.
        left: Escape in an empty line.
    """

    search_asked = Signal(str, str)
    problem_found = Signal(str)
    used = Signal(str, str)
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("", name="Search in texts and labels", parent=parent)
        self._recent: Callable[[], Sequence[Search]] = tuple
        self._asked = Search("")
        self._used = Search("")
        self.menu = QMenu(self)
        self.pattern = QAction("Regular expression", self, checkable=True)
        self.addAction(self.pattern, QLineEdit.ActionPosition.TrailingPosition)
        self.glass.setToolTip(tooltip("Searches of the past · Down"))
        self._show_mode()
        self.pattern.toggled.connect(self._on_pattern_toggled)
        self.glass.triggered.connect(self.show_past)
        self.text_settled.connect(self._ask)
        self.editingFinished.connect(self._note_use)

    def set_past(self, recent: Callable[[], Sequence[Search]]) -> None:
        """Where the searches of the past come from; asked each time the menu is opened."""
        self._recent = recent

    def mode(self) -> str:
        """How the text is meant."""
        return "regex" if self.pattern.isChecked() else "words"

    def take(self, past: Search) -> None:
        """Search again for what was searched for."""
        self.pattern.setChecked(past.mode == "regex")
        self.setText(past.text)
        self._tell()
        self._ask()

    def show_past(self) -> None:
        """Open the menu."""
        self.fill_menu()
        self.menu.popup(self.mapToGlobal(QPoint(0, self.height())))

    def fill_menu(self) -> None:
        """One entry a search, newest first."""
        self.menu.clear()
        past = self._recent()
        for found in past:
            text = without_mnemonic(visible(found.text, _LONGEST))
            entry = self.menu.addAction(f"{text}   (pattern)" if found.mode == "regex" else text)
            entry.triggered.connect(lambda _=False, found=found: self.take(found))
        if not past:
            self.menu.addAction("Nothing was searched for yet").setEnabled(False)

    @override
    def set_text_silently(self, text: str) -> None:
        super().set_text_silently(text)
        self._asked = Search(text, self.mode())
        self.problem_found.emit("")

    def _ask(self) -> None:
        wanted = Search(self.text(), self.mode())
        problem = search.problem(wanted.text, wanted.mode)
        self.problem_found.emit(problem)
        if not problem and wanted != self._asked:
            self._asked = wanted
            self.search_asked.emit(wanted.text, wanted.mode)

    def _note_use(self) -> None:
        if self._asked.text.strip() and self._asked.text == self.text() and self._asked != self._used:
            self._used = self._asked
            self.used.emit(self._asked.text, self._asked.mode)

    def _on_pattern_toggled(self) -> None:
        self._show_mode()
        self._ask()

    def _show_mode(self) -> None:
        mode = self.mode()
        set_icon(self.pattern, "asterisk", 16, "accent" if mode == "regex" else "muted")
        self.pattern.setToolTip(tooltip(f"Regular expression: {'on' if mode == 'regex' else 'off'}"))
        self.setPlaceholderText(_PLACEHOLDERS[mode])
        self.setToolTip(tooltip(_HINTS[mode]))

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Down:
            self.show_past()
        elif event.key() == Qt.Key.Key_Escape and not self.text():
            self.left.emit()
        else:
            if event.key() == Qt.Key.Key_Escape:
                self._note_use()
            super().keyPressEvent(event)
