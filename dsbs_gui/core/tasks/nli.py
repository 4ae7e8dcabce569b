"""Natural language inference."""

from __future__ import annotations

from collections.abc import Sequence

from .base import Fields, Task, bare

SEPARATOR = "</s>"
"""Stands between premise and hypothesis; training puts the student's own end token there."""

LABELS = ("entailment", "neutral", "contradiction")
_ALIASES = {
    "entailment": "entailment entails entailed yes true",
    "neutral": "neutral maybe unknown undetermined unclear",
    "contradiction": "contradiction contradictory contradicts contradicted no false",
}
_CANONICAL = {alias: label for label, aliases in _ALIASES.items() for alias in aliases.split()}
_CANONICAL |= {
    "not possible to tell": "neutral",
    "it is not possible to tell": "neutral",
    "impossible to say": "neutral",
    "cannot tell": "neutral",
}


class NliTask(Task):
    """ANLI, e-SNLI and their like."""

    name = "nli"
    title = "Language inference"
    summary = "A premise and a hypothesis; the label is entailment, neutral or contradiction."
    fields = ("premise", "hypothesis")

    def student_input(self, fields: Fields) -> str:
        return f"{fields['premise']}{SEPARATOR}{fields['hypothesis']}"

    def label_problem(self, fields: Fields, label: str) -> str | None:
        if bare(label) not in _CANONICAL:
            return f"The label “{label[:60]}” is none of {', '.join(LABELS)}."
        return None

    def canonical(self, label: str, fields: Fields) -> str:
        return _CANONICAL.get(bare(label)) or super().canonical(label, fields)

    def label_set(self, labels: Sequence[str]) -> tuple[str, ...]:
        return LABELS
