"""Asking a student for labels, and for rationales where it learnt to write them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from . import single_target
from .decoding import generate, generate_batches
from .student import Student


class Answer(NamedTuple):
    """Answer to ``inputs[place]``; ``rationale`` is None where none was asked for or learnt."""

    place: int
    prediction: str
    rationale: str | None


def answer_batches(
    student: Student, inputs: Sequence[str], explain: bool = False, batch_size: int = 32, max_tokens: int = 0
) -> Iterator[list[Answer]]:
    """Answers batch by batch, not in the order of ``inputs``.

    The label comes from the label task alone, as in the paper: a rationale is asked for apart and
    never read. A student with a single target writes both; where its label comes first and no rationale is
    asked for, it stops behind the label, which is the same either way.

    Args:
        max_tokens: of a label; 0 for the student's own limit.
    """
    meta = student.meta
    if meta.single_target:
        yield from _of_one_text(student, inputs, explain, batch_size, max_tokens)
        return
    for batch in generate_batches(student, inputs, meta.label_prefix, max_tokens or meta.max_label, batch_size):
        rationales: Sequence[str | None] = [None] * len(batch)
        if explain and meta.explains:
            asked = [inputs[index] for index, _ in batch]
            rationales = generate(student, asked, meta.rationale_prefix, meta.max_target, batch_size)
        yield [Answer(index, text, why) for (index, text), why in zip(batch, rationales, strict=True)]


def _of_one_text(
    student: Student, inputs: Sequence[str], explain: bool, batch_size: int, max_tokens: int
) -> Iterator[list[Answer]]:
    meta = student.meta
    label_alone = meta.label_first and not explain
    limit = single_target.limit(student, max_tokens, label_alone=label_alone)
    stop = single_target.between(meta) if label_alone else ""
    for batch in generate_batches(student, inputs, meta.label_prefix, limit, batch_size, stop):
        parts = [(index, *single_target.read(meta, text)) for index, text in batch]
        yield [Answer(index, label, rationale if explain else None) for index, label, rationale in parts]


def answers(student: Student, inputs: Sequence[str], explain: bool = False, batch_size: int = 32) -> list[Answer]:
    """One answer for each input, in their order."""
    found = [answer for batch in answer_batches(student, inputs, explain, batch_size) for answer in batch]
    return sorted(found, key=lambda answer: answer.place)
