"""What a signal is computed from, and what it says."""

from __future__ import annotations

from dataclasses import dataclass

from dsbs_gui.core.tasks import Fields

VERSION = 1
"""Raised whenever a signal would say something else of the same text: then all rows are checked again."""


@dataclass(frozen=True, slots=True)
class Subject:
    """One example under review.

    Attributes:
        task: name of the task.
        fields: the source fields; ``choices`` is a sequence of texts.
        input: as the student reads it.
        rationale: never None; an example without one is not checked.
        label: the label under review, "" if there is none.
        agree: whether it means the gold label; None if either is missing.
        cut: the teacher stopped at its token limit, and nobody has edited since.
        hinted: the teacher was told the gold label.
    """

    task: str
    fields: Fields
    input: str
    rationale: str
    label: str = ""
    agree: bool | None = None
    cut: bool = False
    hinted: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """A signal that holds. ``detail`` is the place in the text or the figure that made it hold; may be empty."""

    signal: str
    detail: str = ""


LONGEST_DETAIL = 120


def excerpt(text: str) -> str:
    """A text in one line, no longer than a detail may be."""
    line = " ".join(text[: 4 * LONGEST_DETAIL].split())
    return line if len(line) <= LONGEST_DETAIL else f"{line[: LONGEST_DETAIL - 1]}…"
