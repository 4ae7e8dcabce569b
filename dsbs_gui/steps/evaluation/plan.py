"""From a trained student and a split to a prediction job. Plain Python."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from dsbs_gui.core.errors import UserError
from dsbs_gui.core.jobs.request import JobRequest
from dsbs_gui.core.project import Project
from dsbs_gui.core.store import examples, training
from dsbs_gui.core.store.filters import Filter

from .specs import PredictSpec


def predict_request(
    project: Project, run_id: str, *, student_dir: Path, split: str = "test", rationales: bool = False
) -> JobRequest:
    """Ask the student of training run ``run_id`` for every row of ``split``; labels stay here.

    Raises: UserError if the split has no rows, or none with a gold label.
    """
    rows: list[dict[str, Any]] = []
    labelled = 0
    for example in examples.each(project.store.reader, Filter(splits=(split,))):
        rows.append({"example_id": example.id, "input": example.input})
        labelled += bool(example.label)
    if not rows:
        raise UserError(f"The split {split} has no examples.", "Import some into it, or split the data.")
    if not labelled:
        raise UserError(f"No example of {split} has a gold label.", "Without one there is nothing to judge by.")
    spec = PredictSpec(student_dir=str(student_dir), task=project.task.name, split=split, rationales=rationales)
    return JobRequest(
        kind="predict",
        title=f"Evaluate {run_id} on {split}",
        lane="gpu",
        spec=spec,
        inputs={"input.jsonl": rows},
        context={"student": run_id, "split": split},
    )


def best_student(project: Project, run_id: str) -> Path:
    """The folder of the best student that training run ``run_id`` has kept. Raises UserError if there is none."""
    best = [c for c in training.checkpoints(project.store.reader, run_id) if c.best]
    if not best:
        raise UserError(f"{run_id} has no trained student.", "Train again, or choose another run.")
    return project.run_folder(run_id) / best[-1].path
