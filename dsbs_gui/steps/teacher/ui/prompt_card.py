"""The prompt as the teacher reads it for one row, and which row that is."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from dsbs_gui.core.store.examples import Example
from dsbs_gui.kit.buttons import IconButton, LinkButton
from dsbs_gui.kit.card import Card
from dsbs_gui.kit.code_text import CodeText
from dsbs_gui.kit.layout import row
from dsbs_gui.kit.plain_label import PlainLabel
from dsbs_gui.kit.words import count, plural
from dsbs_gui.steps.teacher.prompts import Prompt, render

_CHARACTERS_A_TOKEN = 4
"""Of English text, roughly; the engine counts exactly."""


class PromptCard(Card):
    """Signals:
    step_asked(+1 or -1): show the next or the previous row.
    file_chosen(path): use the exemplars of this file; an empty text: our own.
    """

    step_asked = Signal(int)
    file_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Prompt", parent=parent)
        self.back = IconButton("caret-left", "Previous row")
        self.forth = IconButton("caret-right", "Next row")
        self.which = PlainLabel(tone="muted")
        self.text = CodeText("Prompt of this row")
        self.length = PlainLabel(type="caption", tone="muted")
        self.own = LinkButton("Use own exemplars…")
        self.ours = LinkButton("Use the built-in ones")
        self.ours.hide()
        self.add(row(self.back, self.forth, self.which, None), self.text, row(self.length, None, self.ours, self.own))
        self.body.setStretchFactor(self.text, 1)
        self.back.clicked.connect(lambda: self.step_asked.emit(-1))
        self.forth.clicked.connect(lambda: self.step_asked.emit(1))
        self.own.clicked.connect(self._on_own_asked)
        self.ours.clicked.connect(lambda: self.file_chosen.emit(""))

    def show_row(self, prompt: Prompt, example: Example, place: int, total: int, file: str) -> None:
        """Show what the teacher reads for ``example``, number ``place`` (from 1) of ``total``."""
        text = render(prompt, example.fields)
        self.text.set_source(text)
        bar = self.text.verticalScrollBar()
        bar.setValue(bar.maximum())  # the row's own question stands at the end
        self.which.setText(f"Row {count(place)} of {count(total)}")
        self.set_note(f"{plural(len(prompt.exemplars), 'exemplar')}{f' from {Path(file).name}' if file else ''}")
        self.length.setText(f"{count(len(text))} characters, roughly {count(len(text) // _CHARACTERS_A_TOKEN)} tokens")
        self.ours.setVisible(bool(file))
        self.back.setEnabled(place > 1)
        self.forth.setEnabled(place < total)

    def _on_own_asked(self) -> None:
        kinds = "Exemplars (*.toml *.jsonl)"
        path, _ = QFileDialog.getOpenFileName(self, "Choose a file of exemplars", "", kinds)
        if path:
            self.file_chosen.emit(path)
