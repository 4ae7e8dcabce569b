"""The middle column: what the teacher reads for one row, the exemplars in it, and how long that is."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from dsbs_gui.kit.buttons import IconButton, LinkButton
from dsbs_gui.kit.card import Card
from dsbs_gui.kit.code_text import CodeText
from dsbs_gui.kit.layout import boxed, column, row
from dsbs_gui.kit.plain_label import PlainLabel
from dsbs_gui.kit.progress_line import ProgressBar
from dsbs_gui.kit.segmented_control import SegmentedControl
from dsbs_gui.kit.words import count, plural
from dsbs_gui.steps.teacher.prompts import render

from .exemplar_cards import ExemplarCards

if TYPE_CHECKING:
    from dsbs_gui.core.store.examples import Example
    from dsbs_gui.steps.teacher.prompts import Prompt

CHARACTERS_A_TOKEN = 4
"""Of English text, roughly. The engine counts exactly."""


class PromptCard(Card):
    """Signals:
    step_asked(+1 or -1): show the next or the previous row.
    file_chosen(path): use the exemplars of this file; an empty text: our own.
    """

    step_asked = Signal(int)
    file_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        self.back = IconButton("caret-left", "Previous row", shortcut="Alt+Left")
        self.forth = IconButton("caret-right", "Next row", shortcut="Alt+Right")
        self.which = PlainLabel(tone="muted")
        super().__init__("Prompt", action=boxed(row(self.which, self.back, self.forth, gap="xs")), parent=parent)
        self.view = SegmentedControl([("prompt", "Whole prompt"), ("exemplars", "Exemplars")], "prompt", "Show")
        self.text = CodeText("Prompt of this row")
        self.exemplars = ExemplarCards()
        self.length = PlainLabel(type="caption", tone="muted", wrap=True)
        self.bar = ProgressBar("Share of the context that prompt and answer may fill")
        self.own = LinkButton("Use a file…", tooltip="Exemplars of your own, TOML or JSON lines")
        self.ours = LinkButton("Use the built-in ones")
        self.add(row(self.view, None, self.ours, self.own), self.text, self.exemplars)
        self._foot = boxed(column(self.bar, self.length, gap="xs"))
        self.add(self._foot)
        self.body.setStretch(1, 1)
        self.body.setStretch(2, 1)
        self.exemplars.hide()
        self.ours.hide()
        self.bar.hide()
        self._connect()

    def _connect(self) -> None:
        self.back.clicked.connect(lambda: self.step_asked.emit(-1))
        self.forth.clicked.connect(lambda: self.step_asked.emit(1))
        self.text.verticalScrollBar().rangeChanged.connect(lambda *_: self._go_to_end())
        self.view.chosen.connect(self._on_view_chosen)
        self.own.clicked.connect(self._on_own_asked)
        self.ours.clicked.connect(lambda: self.file_chosen.emit(""))

    def show_row(self, prompt: Prompt, example: Example, place: int, total: int, file: str) -> None:
        """Show what the teacher reads for ``example``, number ``place`` (from 1) of ``total``."""
        text = render(prompt, example.fields)
        if text != self.text.source():
            self.text.set_source(text)
            self._go_to_end()
        self.exemplars.show_prompt(prompt)
        self.which.setText(f"Row {count(place)} of {count(total)}")
        self.set_note(f"{plural(len(prompt.exemplars), 'exemplar')}{f' of {Path(file).name}' if file else ''}")
        self.ours.setVisible(bool(file))
        self.back.setEnabled(place > 1)
        self.forth.setEnabled(place < total)

    def show_length(self, max_tokens: int, context: int) -> None:
        """Say how long the prompt is about, beside the answer's limit and the context (0: unknown), in tokens."""
        characters = len(self.text.source())
        tokens = round(characters / CHARACTERS_A_TOKEN)
        parts = [f"{plural(characters, 'character')}, ≈ {plural(tokens, 'token')} at about 4 characters each"]
        parts.append(f"up to {count(max_tokens)} for the answer")
        if context:
            parts.append(f"{count(context)} fit")
            self.bar.set_fraction(min(1.0, (tokens + max_tokens) / context))
            self.bar.set_meaning("bad" if tokens + max_tokens > context else "")
        self.bar.setVisible(bool(context))
        self.length.setText(" · ".join(parts))

    def _go_to_end(self) -> None:
        """The row's own question stands at the end, also when there is less room for it."""
        bar = self.text.verticalScrollBar()
        bar.setValue(bar.maximum())

    def _on_view_chosen(self, view: str) -> None:
        self.text.setVisible(view == "prompt")
        self._foot.setVisible(view == "prompt")
        self.exemplars.setVisible(view == "exemplars")

    def _on_own_asked(self) -> None:
        kinds = "Exemplars (*.toml *.jsonl *.json)"
        path, _ = QFileDialog.getOpenFileName(self, "Choose a file of exemplars", filter=kinds)
        if path:
            self.file_chosen.emit(path)
