"""The sample project: our own problems with textbook rationales, and answers of the embedded teacher.

Textbook rationales come from the generator and are accepted, so one can train at once. A few dozen
training problems stand with the embedded teacher's real answer instead, unreviewed: something to review.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from dsbs_gui.core import resources
from dsbs_gui.core.errors import UserError
from dsbs_gui.core.files import read_jsonl, sha256
from dsbs_gui.core.project import Project
from dsbs_gui.core.store import answers, examples, imports, project_info
from dsbs_gui.core.store.answers import NewAnswer
from dsbs_gui.core.store.database import Transaction
from dsbs_gui.core.tasks import TASKS
from dsbs_gui.steps.teacher.intake import parse_for_import

from .wiring import intakes

NAME = "Sample: word problems"
TASK = TASKS["math"]
SPLITS = ("train", "valid", "test")
TEXTBOOK = "textbook (the problem generator)"


def ensure(folder: Path) -> Path:
    """The sample project in ``folder``, made on first use. Raises as ``Project.create`` does."""
    if not (folder / "project.db").exists():
        create(folder)
    return folder


def create(folder: Path) -> None:
    """Make the sample project; a half-made one is removed again."""
    existed = folder.exists()
    project = Project.create(folder, TASK.name, NAME, intakes=intakes())
    try:
        project.store.write_now(_fill)
    except BaseException:
        project.close()
        if not existed:
            shutil.rmtree(folder, ignore_errors=True)
        raise
    project.close()


def _fill(tx: Transaction) -> None:
    taught = _teacher_answers()
    for split in SPLITS:
        source = resources.path(f"sample/{split}.jsonl")
        if not source.is_file():
            raise UserError(f"The sample data {source.name} is missing.", "Install the program again.")
        rows = list(read_jsonl(source))
        run_id = f"sample-{split}"
        mapping = {name: name for name in ("id", "input", "label", "rationale")}
        import_id = imports.start(tx, run_id, source.name, split, mapping, sha256(source))
        ids, duplicates = examples.add(tx, map(_example, rows), split=split, import_id=import_id)
        imports.count_up(tx, import_id, imported=len(ids), duplicates=duplicates)
        _add_answers(tx, run_id, zip(ids, rows, strict=True), taught)
    project_info.put(tx, "sample", True)


def _example(row: dict[str, Any]) -> dict[str, Any]:
    fields = {"input": row["input"]}
    return {"id": row["id"], "fields": fields, "input": TASK.student_input(fields), "label": row["label"]}


def _add_answers(
    tx: Transaction, run_id: str, rows: Iterable[tuple[int, dict[str, Any]]], taught: dict[str, dict[str, Any]]
) -> None:
    textbook: list[int] = []
    for example_id, row in rows:
        answer = taught.get(row["id"])
        if answer is None:
            answers.add(tx, _from_textbook(example_id, run_id, row))
            textbook.append(example_id)
        else:
            answers.add(tx, _from_teacher(example_id, run_id, row, answer))
    examples.accept_as_given(tx, textbook)


def _from_textbook(example_id: int, run_id: str, row: dict[str, Any]) -> NewAnswer:
    return NewAnswer(
        example_id,
        run_id,
        "textbook",
        TEXTBOOK,
        row["rationale"],
        rationale=row["rationale"],
        label=row["label"],
        rung="given",
        agree=True,
    )


def _from_teacher(example_id: int, run_id: str, row: dict[str, Any], answer: dict[str, Any]) -> NewAnswer:
    parsed = parse_for_import(answer["raw"], TASK, {"input": row["input"]}, row["label"])
    return NewAnswer(
        example_id,
        run_id,
        "teacher",
        answer["teacher"],
        answer["raw"],
        finish_reason=answer["finish_reason"],
        tokens_in=answer["tokens_in"],
        tokens_out=answer["tokens_out"],
        seconds=answer["seconds"],
        mean_logprob=answer["mean_logprob"],
        **parsed,
    )


def _teacher_answers() -> dict[str, dict[str, Any]]:
    """Real answers of the embedded teacher by example key; made by ``resources/sample/make_answers.py``."""
    path = resources.path("sample/teacher_answers.jsonl")
    return {row["id"]: row for row in read_jsonl(path)} if path.is_file() else {}
