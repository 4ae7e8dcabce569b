"""The job *predict*: a student's answers to the rows of a split. It never sees a label."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import torch

from dsbs_gui.core.errors import ResourceError, UserError
from dsbs_gui.core.files import read_jsonl
from dsbs_gui.core.protocol import Emit, Finished, Predicted, Progress, ShouldStop
from dsbs_gui.steps.evaluation.specs import PredictSpec
from dsbs_gui.students.answering import answer_batches
from dsbs_gui.students.loading import load_student
from dsbs_gui.students.student import Student


def run(spec: PredictSpec, emit: Emit, should_stop: ShouldStop) -> None:
    """Emit a ``Predicted`` a batch.

    Raises: UserError if there is no student or no row, ResourceError if memory runs out.
    """
    rows = list(read_jsonl(Path(spec.run_dir) / "input.jsonl"))
    if not rows:
        raise UserError(f"The split {spec.split} has no examples.", "Import some, or split the data.")
    emit(Progress("Loading the student"))
    student = ready_student(spec)
    began = time.monotonic()
    inputs = [str(row["input"]) for row in rows]
    done = 0
    emit(Progress("Predicting", 0, len(rows), "rows"))
    try:
        for batch in answer_batches(student, inputs, spec.rationales, spec.batch_size, spec.max_tokens):
            answered = tuple(
                {
                    "example_id": rows[answer.place]["example_id"],
                    "prediction": answer.prediction,
                    "rationale": answer.rationale,
                }
                for answer in batch
            )
            emit(Predicted(spec.split, answered))
            done += len(answered)
            emit(Progress("Predicting", done, len(rows), "rows"))
            if done < len(rows) and should_stop():
                break
    except torch.OutOfMemoryError as error:
        raise ResourceError(
            f"Memory ran out with {spec.batch_size} inputs at a time.",
            "Choose a smaller batch size, or close what else uses the GPU.",
        ) from error
    seconds = time.monotonic() - began
    summary = {"n": done, "seconds": round(seconds, 2), "examples_per_s": round(done / max(seconds, 1e-9), 2)}
    emit(Finished("done" if done == len(rows) else "stopped", summary))


def ready_student(spec: PredictSpec) -> Student:
    """The student on the GPU where there is one, with the limits that the spec gives."""
    student = load_student(spec.student_dir)
    meta = student.meta
    student.meta = replace(meta, task=spec.task or meta.task, max_input=spec.max_input or meta.max_input)
    if torch.cuda.is_available():
        student.model = student.model.to("cuda")
    return student
