"""Validation while training: greedy label accuracy, loss, and a few answers to look at. Never the test split."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dsbs_gui.core.protocol import ShouldStop
from dsbs_gui.core.tasks import task_named
from dsbs_gui.steps.training.rows import Row
from dsbs_gui.students.answering import answer_batches
from dsbs_gui.students.student import Student

from .batches import Example
from .losses import mean_loss

SAMPLES = 8


@dataclass(frozen=True)
class Validation:
    """``label_loss`` is that of the label alone, which a student never writes that reasons in the same text first.

    ``samples``: ``{"example_id", "input", "label", "prediction", "rationale", "correct"}`` each."""

    n: int
    correct: int
    label_loss: float
    samples: tuple[dict[str, Any], ...]

    @property
    def accuracy(self) -> float:
        return self.correct / self.n


def validate(
    student: Student, rows: Sequence[Row], examples: Sequence[Example], batch_size: int, should_stop: ShouldStop
) -> Validation | None:
    """Ask the student for every row; None if it was stopped on the way.

    Args:
        rows: with at least one row.
        examples: the same rows, encoded.
    """
    task = task_named(student.meta.task)
    predictions = [""] * len(rows)
    for batch in answer_batches(student, [row.input for row in rows], batch_size=batch_size):
        for answer in batch:
            predictions[answer.place] = answer.prediction
        if should_stop():
            return None
    correct = [task.same(predicted, row.label, row.fields) for predicted, row in zip(predictions, rows, strict=True)]
    loss = mean_loss(student, [example.label for example in examples], batch_size)
    return Validation(len(rows), sum(correct), loss, _samples(student, rows, predictions, correct, batch_size))


def _samples(
    student: Student, rows: Sequence[Row], predictions: Sequence[str], correct: Sequence[bool], batch_size: int
) -> tuple[dict[str, Any], ...]:
    """The same first rows each time, so that one can watch them get better."""
    shown = rows[:SAMPLES]
    asked = answer_batches(student, [row.input for row in shown], explain=True, batch_size=batch_size)
    rationales = {answer.place: answer.rationale for batch in asked for answer in batch}
    return tuple(
        {
            "example_id": row.example_id,
            "input": row.input,
            "label": row.label,
            "prediction": predictions[index],
            "rationale": rationales[index],
            "correct": correct[index],
        }
        for index, row in enumerate(shown)
    )
