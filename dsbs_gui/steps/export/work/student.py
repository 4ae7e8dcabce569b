"""The job *export-student*: the student as safetensors with tokenizer, model card and manifest, then verified.

It counts as exported only after a fresh process without a network has loaded it and given the same answers, and was
as sure of them.
"""

from __future__ import annotations

import math
from dataclasses import asdict
from datetime import UTC, datetime
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dsbs_gui.core.errors import ResourceError, Stopped, UserError
from dsbs_gui.core.files import read_jsonl
from dsbs_gui.core.protocol import Emit, Finished, Progress, ShouldStop
from dsbs_gui.steps.export.card import model_card
from dsbs_gui.steps.export.specs import STUDENT_FORMATS, ExportStudentSpec

from .placing import MANIFEST, check_free, file_entries, need_space, new_folder, write_manifest
from .verifying import Given, ask, ask_afresh

if TYPE_CHECKING:
    from dsbs_gui.students.student import Student

CARD = "README.md"
PHASES = 4
TOLERANCE = 1e-3
"""Nats by which a score may differ: processes add up in another order."""


def run(spec: ExportStudentSpec, emit: Emit, should_stop: ShouldStop) -> None:
    """Export ``spec.student_dir`` to ``spec.out``.

    Raises:
        UserError: for an unknown format, a folder without a student, a target that holds other files.
        ResourceError: for a full disk, or if the export does not answer as the student does.
    """
    if spec.format not in STUDENT_FORMATS:
        raise UserError(f"Students cannot be exported as “{spec.format}”.", f"Choose {' or '.join(STUDENT_FORMATS)}.")
    out = Path(spec.out).expanduser()
    check_free(out)
    inputs = [str(row["input"]) for row in read_jsonl(Path(spec.run_dir) / "input.jsonl")]
    try:
        summary = _export(spec, out, inputs, emit, should_stop)
    except Stopped:
        emit(Finished("stopped", {"format": spec.format, "path": str(out), "verified": False}))
        return
    emit(Finished("done", summary))


def _export(
    spec: ExportStudentSpec, out: Path, inputs: list[str], emit: Emit, should_stop: ShouldStop
) -> dict[str, Any]:
    from dsbs_gui.students.loading import load_student
    from dsbs_gui.students.saving import write_files

    def begin(phase: str, done: int) -> None:
        emit(Progress(phase, done, PHASES, "steps"))
        if should_stop():
            raise Stopped

    begin("Loading the student", 0)
    student = load_student(spec.student_dir)
    need_space(out, 2 * 4 * sum(weights.numel() for weights in student.model.parameters()))
    begin("Asking it the probe inputs", 1)
    expected = ask(student, inputs)
    with new_folder(out) as folder:
        begin("Writing", 2)
        write_files(student, folder, student.meta)
        (folder / CARD).write_text(model_card(_facts(spec, student), asdict(student.meta), out.name), "utf-8")
        begin("Verifying in a fresh process without a network", 3)
        _verify(folder, inputs, expected, Path(spec.run_dir), should_stop)
        files = file_entries(folder)
        write_manifest(
            folder / MANIFEST,
            files,
            kind="student",
            format=spec.format,
            created=datetime.now(UTC).isoformat(timespec="seconds"),
            student=asdict(student.meta),
            verified={"same_answers": True, "probes": len(inputs), "network": "closed"},
            **spec.origin,
        )
    emit(Progress("Done", PHASES, PHASES, "steps"))
    return {
        "format": spec.format,
        "path": str(out),
        "files": [*files, MANIFEST],
        "bytes": sum(entry["size"] for entry in files.values()),
        "verified": True,
        "probes": len(inputs),
    }


def _facts(spec: ExportStudentSpec, student: Student) -> dict[str, Any]:
    import torch
    import transformers

    from dsbs_gui.students.single_target import between

    versions = {"transformers": transformers.__version__, "torch": torch.__version__}
    return {"base": student.meta.base, **spec.card, "versions": versions, "between": between(student.meta)}


def _verify(folder: Path, inputs: list[str], expected: Given, scratch: Path, should_stop: ShouldStop) -> None:
    given = ask_afresh(folder, inputs, scratch, should_stop)
    differing = sum(a != b for a, b in zip_longest(given.answers, expected.answers))
    scores = zip_longest(given.scores, expected.scores, fillvalue=math.nan)
    unsure = sum(not math.isclose(a, b, rel_tol=0, abs_tol=TOLERANCE) for a, b in scores)
    if differing or unsure:
        what = f"gives another answer to {differing}" if differing else f"is not as sure of its answer to {unsure}"
        raise ResourceError(
            f"The exported student {what} of {len(inputs)} inputs.",
            "Nothing was exported. Try again; if it happens again, report it with the log of this job.",
        )
