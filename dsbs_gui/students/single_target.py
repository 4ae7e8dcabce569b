"""Rationale and label in one text: how it is written to be learnt, and read again from an answer.

A text that ends in the label is of no use before it is whole. One that begins with it can be left off there:
see ``stop`` of :func:`~.decoding.generate_batches`.
"""

from __future__ import annotations

from .encoding import encode_targets
from .meta import EXPLANATION, TRIGGER, StudentMeta
from .student import Student

_UNCUT = 1 << 30
_JOINTS = 4
"""Tokens by which a text may be longer than its parts, which some tokenizers join in another way."""


def between(meta: StudentMeta) -> str:
    """The words between rationale and label, or label and rationale."""
    return EXPLANATION if meta.label_first else TRIGGER


def write(meta: StudentMeta, label: str, rationale: str | None) -> str:
    """The text to learn. A label that comes first is followed by its words also where there is no rationale."""
    parts = (label, EXPLANATION, rationale) if meta.label_first else (rationale, TRIGGER, label)
    return " ".join(part for part in parts if part)


def read(meta: StudentMeta, text: str) -> tuple[str, str]:
    """Label and rationale of an answer.

    Where the words between them never came, a label that comes first is the whole text, and the other one is "".
    """
    if meta.label_first:
        label, _, rationale = text.partition(EXPLANATION)
        return label.strip(), rationale.strip()
    rationale, trigger, label = text.rpartition(TRIGGER)
    return (label.strip(), rationale.strip()) if trigger else ("", text.strip())


def limit(student: Student, max_label: int = 0, *, label_alone: bool = False) -> int:
    """Tokens that the text may take; of a label alone, with the words behind it.

    Args:
        max_label: tokens of a label; 0 for the student's own limit.
    """
    meta = student.meta
    words = len(encode_targets(student, [between(meta)], _UNCUT).ids[0])
    return words + _JOINTS + (max_label or meta.max_label) + (0 if label_alone else meta.max_target)
