"""The words of a prompt around its exemplars."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit, QWidget

from dsbs_gui.kit.form import FormField
from dsbs_gui.kit.layout import boxed, column, row
from dsbs_gui.kit.scroller import Scroller
from dsbs_gui.kit.text_editor import TextEditor
from dsbs_gui.steps.teacher.prompts import stops_as_lines, stops_from_lines

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dsbs_gui.steps.teacher.exemplar_rules import Problem
    from dsbs_gui.steps.teacher.prompts import Prompt

_LINES = {
    "question_prefix": ("Question prefix", "Opens each question"),
    "answer_prefix": ("Answer prefix", "Opens each answer"),
    "trigger": ("Trigger", "Between the rationale and the label; the label is read behind it"),
}
_TALL, _LOW = 132, 76


class WordingPane(Scroller):
    """Signals:
    changed: ``apply`` gives another prompt now.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        self.instruction = TextEditor("Instruction")
        self.stops = TextEditor("Stop strings", mono=True)
        self.lines = {name: QLineEdit() for name in _LINES}
        self._fields = {name: FormField(*_titled(name, line)) for name, line in self.lines.items()}
        self.instruction.setFixedHeight(_TALL)
        self.stops.setFixedHeight(_LOW)
        prefixes = row(self._fields["question_prefix"], self._fields["answer_prefix"], gap="m")
        content = column(
            FormField("Instruction", self.instruction, "Stands before the exemplars; may be empty"),
            prefixes,
            self._fields["trigger"],
            FormField("Stop strings", self.stops, "One a line, \\n for a line end: where the next question begins"),
            None,
            gap="m",
        )
        super().__init__(boxed(content), parent)
        self._showing = False
        for editor in (self.instruction, self.stops):
            editor.textChanged.connect(self._on_changed)
        for line in self.lines.values():
            line.textEdited.connect(self._on_changed)

    def show_prompt(self, prompt: Prompt) -> None:
        """Edit the wording of another prompt; nothing happens if it is shown already."""
        if self._is_shown(prompt):
            return
        self._showing = True
        self._prompt = prompt
        self.instruction.set_text(prompt.instruction)
        self.stops.set_text(stops_as_lines(prompt.stop))
        for name, line in self.lines.items():
            line.setText(getattr(prompt, name))
        self._showing = False

    def apply(self, prompt: Prompt) -> Prompt:
        """``prompt`` with the wording as it stands in the editors."""
        instruction, stops = self.instruction.text_if_modified(), self.stops.text_if_modified()
        words: dict[str, Any] = {name: line.text() for name, line in self.lines.items()}
        return replace(
            prompt,
            instruction=self._prompt.instruction if instruction is None else instruction,
            stop=self._prompt.stop if stops is None else stops_from_lines(stops),
            **words,
        )

    def show_problems(self, problems: Sequence[Problem]) -> None:
        """Say at the fields what is wrong."""
        wrong = {problem.field: problem.text for problem in problems if problem.exemplar is None}
        for name, field in self._fields.items():
            field.set_error(wrong.get(name, ""))

    def _is_shown(self, prompt: Prompt) -> bool:
        return hasattr(self, "_prompt") and self.apply(prompt) == prompt

    def _on_changed(self) -> None:
        if not self._showing:
            self.changed.emit()


def _titled(name: str, line: QLineEdit) -> tuple[str, QLineEdit, str]:
    title, help_text = _LINES[name]
    return title, line, help_text
