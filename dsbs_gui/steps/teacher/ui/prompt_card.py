"""The middle column: which version of the prompt is asked with, what the teacher reads for one row, the exemplars."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFileDialog, QMenu, QWidget

from dsbs_gui.kit.buttons import LinkButton, SecondaryButton
from dsbs_gui.kit.layout import row
from dsbs_gui.kit.segmented_control import SegmentedControl
from dsbs_gui.kit.words import plural, without_mnemonic
from dsbs_gui.steps.teacher.versions import key_of

from .exemplar_cards import ExemplarCards
from .preview_card import PreviewCard

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dsbs_gui.core.store.examples import Example
    from dsbs_gui.steps.teacher.versions import Entry

FILES = "Exemplars (*.toml *.jsonl *.json)"
_WIDEST = 176


class PromptCard(PreviewCard):
    """Signals:
    version_chosen(key): ask with this version, see ``versions.key_of``.
    file_chosen(path): make a version of this file of exemplars and ask with it.
    edit_asked: the user wants to change the prompt.
    """

    version_chosen = Signal(str)
    file_chosen = Signal(str)
    edit_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Prompt", parent)
        self.view = SegmentedControl([("prompt", "Text"), ("exemplars", "Exemplars")], "prompt", "Show")
        self.exemplars = ExemplarCards()
        self.version = SecondaryButton("")
        self.version.setMaximumWidth(_WIDEST)
        self.version.setAccessibleName("Version of the prompt")
        self._menu = QMenu(self)
        self.version.set_menu(self._menu)
        self.edit = LinkButton("Edit", tooltip="Change the prompt and compare versions under “Prompts”")
        self.add(row(self.version, self.edit, None, self.view, gap="xs"), self.text, self.exemplars, self.foot)
        self.body.setStretch(1, 1)
        self.body.setStretch(2, 1)
        self.exemplars.hide()
        self.view.chosen.connect(self._on_view_chosen)
        self.edit.clicked.connect(self.edit_asked)

    def show_row(self, entry: Entry, example: Example, place: int, total: int) -> None:
        """Show the prompt of ``example``, number ``place`` (from 1) of ``total``."""
        self.show_prompt(entry.prompt, example, place, total)
        self.exemplars.show_prompt(entry.prompt)
        self.set_note(plural(len(entry.prompt.exemplars), "exemplar"))

    def show_versions(self, entries: Sequence[Entry], chosen: Entry) -> None:
        """Fill the menu of versions."""
        metrics = self.version.fontMetrics()
        shown = metrics.elidedText(chosen.name, Qt.TextElideMode.ElideRight, _WIDEST - 40)
        self.version.setText(without_mnemonic(shown))
        self.version.set_tooltip(f"Asked with “{chosen.name}”")
        self._menu.clear()
        for entry in entries:
            action = QAction(without_mnemonic(entry.name), self._menu, checkable=True)
            action.setChecked(entry.prompt.hash == chosen.prompt.hash and entry.version_id == chosen.version_id)
            action.triggered.connect(partial(self._on_version_chosen, key_of(entry)))
            self._menu.addAction(action)
        self._menu.addSeparator()
        self._menu.addAction("Use a file…", self._on_file_asked)
        self._menu.addAction("Edit in Prompts", self.edit_asked.emit)

    def _on_version_chosen(self, key: str) -> None:
        self.version_chosen.emit(key)

    def _on_view_chosen(self, view: str) -> None:
        self.text.setVisible(view == "prompt")
        self.foot.setVisible(view == "prompt")
        self.exemplars.setVisible(view == "exemplars")

    def _on_file_asked(self) -> None:
        path, _ = QFileDialog.getOpenFileName(self, "Choose a file of exemplars", filter=FILES)
        if path:
            self.file_chosen.emit(path)
