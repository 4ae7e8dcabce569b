"""The text that reaches the teacher, row by row: the exemplar block is made once. Plain Python."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from .hints import hint
from .prompts import Prompt, prefix, render

if TYPE_CHECKING:
    from dsbs_gui.core.tasks import Fields, Task


class Wording:
    """``head`` is what all rows share; it and what :meth:`tail` gives for a row are its whole prompt."""

    def __init__(self, prompt: Prompt, task: Task) -> None:
        self._bare = replace(prompt, instruction="", exemplars=())
        self._task = task
        self.head = prefix(prompt)

    def tail(self, fields: Fields, told: str | None = None) -> str:
        """The row's own question; ``told`` is its gold label if that is to be told."""
        return render(self._bare, fields, hint(self._task, told, fields) if told else "")

    def text(self, fields: Fields, told: str | None = None) -> str:
        """The whole prompt of a row, as ``prompts.render`` gives it."""
        return self.head + self.tail(fields, told)
