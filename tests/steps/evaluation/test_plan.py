from __future__ import annotations

import json
from pathlib import Path

import pytest

from dsbs_gui.core.errors import UserError
from dsbs_gui.core.project import Project
from dsbs_gui.core.store import examples, runs
from dsbs_gui.steps.evaluation import plan


def _learnt(project: Project, name: str, ids: list[int]) -> None:
    folder = project.run_folder("train-1")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"input.{name}.jsonl").write_text("".join(json.dumps({"example_id": i}) + "\n" for i in ids))


def test_rows_that_the_student_learnt_from_or_was_chosen_by_are_no_test(project: Project, tmp_path: Path) -> None:
    project.store.write_now(lambda tx: examples.set_splits(tx, dict.fromkeys((8, 9, 10), "valid")))
    _learnt(project, "train", [101, 102])
    _learnt(project, "valid", [8, 9, 10])
    for split in ("valid", "test"):
        assert plan.predict_request(project, "train-1", student_dir=tmp_path, split=split)
    _learnt(project, "valid", [5, 8])
    with pytest.raises(UserError, match="trained with 1 of the 7 rows that are in test now"):
        plan.predict_request(project, "train-1", student_dir=tmp_path, split="test")
    _learnt(project, "train", [8, 9])
    with pytest.raises(UserError, match="trained with 2 of the 3 rows that are in valid now"):
        plan.predict_request(project, "train-1", student_dir=tmp_path, split="valid")


def test_a_student_that_still_learns_is_not_judged_yet(project: Project, tmp_path: Path) -> None:
    project.store.write_now(lambda tx: runs.set_state(tx, "train-1", "running"))
    with pytest.raises(UserError, match="still being trained"):
        plan.predict_request(project, "train-1", student_dir=tmp_path)
