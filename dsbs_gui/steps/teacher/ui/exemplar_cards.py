"""The exemplars of a prompt as compact cards, one below the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dsbs_gui.core.tasks import task_named
from dsbs_gui.kit.card import Card
from dsbs_gui.kit.layout import boxed, clear, column
from dsbs_gui.kit.plain_label import PlainLabel
from dsbs_gui.kit.scroller import Scroller
from dsbs_gui.kit.words import visible
from dsbs_gui.steps.teacher.prompts import spoken_label

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from dsbs_gui.steps.teacher.prompts import Exemplar, Prompt

_LONGEST = 400


class ExemplarCards(Scroller):
    """Shows a prompt's exemplars; they are made anew only for another prompt."""

    def __init__(self, parent: QWidget | None = None) -> None:
        self._column = column(gap="s")
        self._hash = ""
        super().__init__(boxed(self._column), parent)

    def show_prompt(self, prompt: Prompt) -> None:
        """Replace the cards."""
        if prompt.hash == self._hash:
            return
        self._hash = prompt.hash
        clear(self._column)
        for number, exemplar in enumerate(prompt.exemplars, 1):
            self._column.addWidget(_card(number, exemplar, prompt.task))
        self._column.addStretch(1)


def _card(number: int, exemplar: Exemplar, task_name: str) -> Card:
    task = task_named(task_name)
    label = spoken_label(task, exemplar.label, exemplar.fields)
    return Card(
        f"Exemplar {number}",
        PlainLabel(visible(task.student_input(exemplar.fields), _LONGEST), wrap=True),
        PlainLabel(visible(exemplar.rationale, _LONGEST), tone="muted", wrap=True),
        PlainLabel(f"→ {visible(label, 80)}", type="emphasis", wrap=True),
        gap="xs",
    )
