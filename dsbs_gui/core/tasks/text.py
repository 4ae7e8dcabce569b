"""Free text in, free text or a class name out."""

from __future__ import annotations

from collections.abc import Sequence

from .base import Task

MOST_LABELS = 50
LEAST_REPEATS = 3


class TextTask(Task):
    """Any text with any label; labels are compared without regard to case and white space."""

    name = "text"
    title = "Free text"
    summary = "Any text; the label is a class name or a short answer."

    def label_set(self, labels: Sequence[str]) -> tuple[str, ...]:
        """The labels seen, when they are few and recur: then they are classes."""
        seen = sorted(set(labels))
        return tuple(seen) if len(seen) <= MOST_LABELS and len(seen) * LEAST_REPEATS <= len(labels) else ()
