"""From a trained student and a split to a prediction job. Plain Python.

A student is never judged on rows that it has learnt from or, on the test split, was chosen by.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from dsbs_gui.core.errors import UserError
from dsbs_gui.core.files import read_jsonl
from dsbs_gui.core.jobs.request import JobRequest
from dsbs_gui.core.project import Project
from dsbs_gui.core.store import examples, runs, training
from dsbs_gui.core.store.filters import Filter

from .specs import PredictSpec

SEEN = {"valid": ("input.train.jsonl",), "test": ("input.train.jsonl", "input.valid.jsonl")}
"""Split → the files of a training run that name rows which spoil it. Training on train rows is no secret."""


def predict_request(
    project: Project, run_id: str, *, student_dir: Path, split: str = "test", rationales: bool = False
) -> JobRequest:
    """Ask the student of training run ``run_id`` for every row of ``split``; labels stay here.

    Raises: UserError if the split has no rows, none with a gold label, or some that the student has seen; if the
        student is still being trained.
    """
    if runs.get(project.store.reader, run_id).live:
        raise UserError(f"{run_id} is still being trained.", "Evaluate it when it has ended, or stop it first.")
    rows: list[dict[str, Any]] = []
    labelled = 0
    for example in examples.each(project.store.reader, Filter(splits=(split,))):
        rows.append({"example_id": example.id, "input": example.input})
        labelled += bool(example.label)
    if not rows:
        raise UserError(f"The split {split} has no examples.", "Import some into it, or split the data.")
    if not labelled:
        raise UserError(f"No example of {split} has a gold label.", "Without one there is nothing to judge by.")
    _refuse_seen(project.run_folder(run_id), run_id, split, {row["example_id"] for row in rows})
    spec = PredictSpec(student_dir=str(student_dir), task=project.task.name, split=split, rationales=rationales)
    return JobRequest(
        kind="predict",
        title=f"Evaluate {run_id} on {split}",
        lane="gpu",
        spec=spec,
        inputs={"input.jsonl": rows},
        context={"student": run_id, "split": split},
    )


def _refuse_seen(folder: Path, run_id: str, split: str, asked: set[int]) -> None:
    """Raises UserError where the split was changed after training, so that rows of it are known to the student."""
    files = [folder / name for name in SEEN.get(split, ())]
    seen = {row["example_id"] for path in files if path.is_file() for row in read_jsonl(path)} & asked
    if seen:
        raise UserError(
            f"{run_id} was trained with {len(seen)} of the {len(asked)} rows that are in {split} now: its accuracy "
            "there would flatter it.",
            "The split was changed after training. Train again on the split as it is now, then evaluate that run.",
        )


def best_student(project: Project, run_id: str) -> Path:
    """The folder of the best student that training run ``run_id`` has kept. Raises UserError if there is none."""
    best = training.best_checkpoint(project.store.reader, run_id)
    if best is None:
        raise UserError(f"{run_id} has no trained student.", "Train again, or choose another run.")
    return project.run_folder(run_id) / best.path
