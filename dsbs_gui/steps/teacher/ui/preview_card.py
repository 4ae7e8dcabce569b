"""What the teacher reads for one row, and how long that is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal

from dsbs_gui.kit.buttons import IconButton
from dsbs_gui.kit.card import Card
from dsbs_gui.kit.code_text import CodeText
from dsbs_gui.kit.layout import boxed, column, row
from dsbs_gui.kit.plain_label import PlainLabel
from dsbs_gui.kit.progress_line import ProgressBar
from dsbs_gui.kit.words import THIN, count, plural
from dsbs_gui.steps.teacher.prompts import prefix, render
from dsbs_gui.steps.teacher.tokens import Length, estimate

NARROW = "\u202f"

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from dsbs_gui.core.store.examples import Example
    from dsbs_gui.steps.teacher.prompts import Prompt


class PreviewCard(Card):
    """Signals:
    step_asked(+1 or -1): show the next or the previous row.
    text_changed(str): another prompt is shown; whoever can count its tokens answers by ``set_tokens``.
    """

    step_asked = Signal(int)
    text_changed = Signal(str)

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        self.back = IconButton("caret-left", "Previous row", shortcut="Alt+Left")
        self.forth = IconButton("caret-right", "Next row", shortcut="Alt+Right")
        self.which = PlainLabel(tone="muted")
        super().__init__(title, action=boxed(row(self.which, self.back, self.forth, gap="xs")), parent=parent)
        self.text = CodeText("Prompt of this row")
        self.length = PlainLabel(type="caption", tone="muted", wrap=True)
        self.bar = ProgressBar("Share of the context that prompt and answer may fill")
        self.foot = boxed(column(self.bar, self.length, gap="xs"))
        self.bar.hide()
        self._tokens = Length(0)
        self._limits = (0, 0)
        self.back.clicked.connect(lambda: self.step_asked.emit(-1))
        self.forth.clicked.connect(lambda: self.step_asked.emit(1))
        self.text.verticalScrollBar().rangeChanged.connect(lambda *_: self.go_to_end())

    def show_prompt(self, prompt: Prompt, example: Example, place: int, total: int) -> None:
        """Show what the teacher reads for ``example``, number ``place`` (from 1) of ``total``."""
        text = render(prompt, example.fields)
        self.which.setText(f"Row {count(place)} of {count(total)}")
        self.back.setEnabled(place > 1)
        self.forth.setEnabled(place < total)
        self._show_text(text)

    def _show_text(self, text: str) -> None:
        if text != self.text.source():
            self.text.set_source(text)
            self.go_to_end()
            self._tokens = estimate(text)
            self._show_length()
            self.text_changed.emit(text)

    def show_nothing(self, prompt: Prompt) -> None:
        """There is no row: show what comes before its question."""
        self.which.setText("No rows in train")
        self.back.setEnabled(False)
        self.forth.setEnabled(False)
        self._show_text(prefix(prompt).rstrip())

    def show_length(self, max_tokens: int, context: int) -> None:
        """Set what the prompt is measured against: the answer's limit and the context (0: unknown), in tokens."""
        self._limits = (max_tokens, context)
        self._show_length()

    def set_tokens(self, text: str, length: Length) -> None:
        """Say how long ``text`` is, if it is still shown."""
        if text == self.text.source():
            self._tokens = length
            self._show_length()

    def _show_length(self) -> None:
        (tokens, exact), (max_tokens, context) = self._tokens, self._limits
        parts = [plural(tokens, "token") if exact else f"≈ {plural(tokens, 'token')}, at about 4 characters each"]
        parts.append(f"up to {count(max_tokens)} for the answer")
        if context:
            full = tokens + max_tokens > context
            parts.append(f"too long: only {count(context)} fit" if full else f"{count(context)} fit")
            self.bar.set_fraction(min(1.0, (tokens + max_tokens) / context))
            self.bar.set_meaning("bad" if full else "")
        self.bar.setVisible(bool(context))
        # A thin space may end a line, in the middle of a number.
        self.length.setText(" · ".join(parts).replace(THIN, NARROW))

    def go_to_end(self) -> None:
        """The row's own question stands at the end, also when there is less room for it."""
        bar = self.text.verticalScrollBar()
        bar.setValue(bar.maximum())
