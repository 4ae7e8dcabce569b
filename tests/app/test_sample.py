"""The sample project says of every rationale who wrote it."""

from __future__ import annotations

from pathlib import Path

import pytest

from dsbs_gui.app import sample
from dsbs_gui.core import resources
from dsbs_gui.core.errors import UserError
from dsbs_gui.core.files import read_jsonl
from dsbs_gui.core.project import Project
from dsbs_gui.core.store import answers, decisions, examples
from dsbs_gui.core.store.filters import Filter


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sample.ensure(tmp_path_factory.mktemp("sample") / "project")


def test_it_has_train_valid_and_test_and_a_task(folder: Path) -> None:
    project = Project.open(folder)
    assert project.task.name == "math"
    assert examples.counts(project.store.reader, "split") == {"train": 1000, "valid": 100, "test": 100}
    project.close()


def test_textbook_rationales_are_accepted_and_named_as_such_and_teacher_answers_wait_for_review(folder: Path) -> None:
    taught = list(read_jsonl(resources.path("sample/teacher_answers.jsonl")))
    assert len(taught) >= 40
    project = Project.open(folder)
    db = project.store.reader
    assert examples.counts(db, "origin") == {"textbook": 1200 - len(taught), "teacher": len(taught)}
    assert examples.count(db, Filter(states=("unreviewed",))) == len(taught)
    assert {e.origin for e in examples.each(db, Filter(states=("accepted",)))} == {"textbook"}
    first = next(examples.each(db, Filter(states=("unreviewed",))))
    assert answers.of_example(db, first.id)[0].raw == taught[0]["raw"]
    assert decisions.undoable(db) is None, "nothing was done that a person could take back"
    project.close()


def test_ensuring_it_again_changes_nothing(folder: Path) -> None:
    before = (folder / "project.db").read_bytes()
    assert sample.ensure(folder) == folder
    assert (folder / "project.db").read_bytes() == before


def test_a_folder_with_other_files_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(UserError, match="not empty"):
        sample.create(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]
