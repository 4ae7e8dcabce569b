"""Questions with lettered answer choices."""

from __future__ import annotations

import string
from collections.abc import Sequence

from .base import Fields, Task, bare


class ChoiceTask(Task):
    """CommonsenseQA and its like. The label is the text of a choice, not its letter."""

    name = "choice"
    title = "Multiple choice"
    summary = "A question with lettered choices; the label is the text of one choice."
    fields = ("question", "choices")
    list_fields = ("choices",)

    def student_input(self, fields: Fields) -> str:
        lines = [f"({letter}) {text}" for letter, text in lettered(fields["choices"])]
        return "\n".join([str(fields["question"]), "Answer Choices:", *lines])

    def problem(self, fields: Fields, label: str | None) -> str | None:
        choices = fields.get("choices")
        if isinstance(choices, str) or not isinstance(choices, Sequence) or len(choices) < 2:
            return "There are fewer than two choices."
        if len(choices) > len(string.ascii_lowercase):
            return "There are more than 26 choices."
        if not all(isinstance(text, str) and text.strip() for text in choices):
            return "A choice is empty."
        return super().problem(fields, label)

    def label_problem(self, fields: Fields, label: str) -> str | None:
        if self.choice_of(label, fields["choices"]) is None:
            return f"The label “{label[:60]}” is none of the choices."
        return None

    def canonical(self, label: str, fields: Fields) -> str:
        return bare(label) or super().canonical(label, fields)

    def choice_of(self, text: str, choices: Sequence[str]) -> str | None:
        """The choice whose text ``text`` is, exactly or without articles and punctuation."""
        for choice in choices:
            if choice == text:
                return choice
        wanted = bare(text)
        return next((choice for choice in choices if wanted and bare(choice) == wanted), None)


def lettered(choices: Sequence[str]) -> list[tuple[str, str]]:
    """``[("a", first), ("b", second), …]``."""
    return list(zip(string.ascii_lowercase, choices, strict=False))
