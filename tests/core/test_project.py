"""Making, opening, locking and closing a project."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from pysqlite3 import dbapi2 as sqlite3

from dsbs_gui.core import project as project_module
from dsbs_gui.core.errors import ResourceError, UserError
from dsbs_gui.core.project import Project
from dsbs_gui.core.store import project_info, runs
from dsbs_gui.core.store.migrations import VERSION

HOLDER = """
import sys
from pathlib import Path
from dsbs_gui.core.project import Project
project = Project.open(Path(sys.argv[1]))
print("open", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "my project"
    Project.create(folder, "math", "Mine").close()
    return folder


def test_a_closed_project_is_one_plain_database_file(folder: Path) -> None:
    assert not list(folder.glob("project.db-*"))
    assert (folder / "project.db").read_bytes()[:16] == b"SQLite format 3\0"


def test_what_was_said_is_there_after_opening_again(folder: Path) -> None:
    project = Project.open(folder)
    assert (project.name, project.task.name) == ("Mine", "math")
    project.store.write_now(lambda tx: project_info.put(tx, "guidelines", "Be kind “always” ☃"))
    project.close()
    project = Project.open(folder / "project.db")
    assert project_info.get(project.store.reader, "guidelines") == "Be kind “always” ☃"
    project.close()


def test_a_project_open_elsewhere_is_refused_by_name_and_can_be_read(folder: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "open\n"
        with pytest.raises(UserError, match=f"open in another window or command.*{holder.pid}"):
            Project.open(folder)
        reading = Project.open(folder, read_only=True)
        assert reading.name == "Mine"
        with pytest.raises(UserError, match="reading only"):
            reading.store.write_now(lambda tx: project_info.put(tx, "a", 1))
        reading.close()
        os.kill(holder.pid, signal.SIGKILL)
        holder.wait()
    Project.open(folder).close()


def test_a_project_of_a_newer_version_is_refused_and_not_touched(folder: Path) -> None:
    with sqlite3.connect(str(folder / "project.db")) as db:
        db.execute(f"PRAGMA user_version = {VERSION + 1}")
    db.close()
    before = (folder / "project.db").read_bytes()
    with pytest.raises(UserError, match="newer version"):
        Project.open(folder)
    assert (folder / "project.db").read_bytes() == before


@pytest.mark.parametrize(
    "content", [b"", b"hello, I am no database at all" * 40, b"SQLite format 3\0" + b"\xff" * 4096]
)
def test_a_file_that_is_no_project_is_told(folder: Path, content: bytes) -> None:
    (folder / "project.db").write_bytes(content)
    with pytest.raises(UserError, match=r"not a project|damaged"):
        Project.open(folder)
    assert (folder / "project.db").read_bytes() == content


def test_another_sqlite_file_is_no_project(folder: Path) -> None:
    (folder / "project.db").unlink()
    db = sqlite3.connect(str(folder / "project.db"))
    db.execute("CREATE TABLE t (x)")
    db.commit()
    db.close()
    with pytest.raises(UserError, match="not a project"):
        Project.open(folder)


def test_there_is_no_project_where_there_is_none(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no project"):
        Project.open(tmp_path / "nowhere")


def test_a_folder_with_other_files_is_not_taken(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").touch()
    with pytest.raises(UserError, match="not empty"):
        Project.create(tmp_path, "text")
    assert os.listdir(tmp_path) == ["thesis.tex"]


@pytest.mark.parametrize("existed", [True, False])
def test_a_project_that_could_not_be_made_is_not_in_the_way_of_the_next_try(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, existed: bool
) -> None:
    folder = tmp_path / "p"
    if existed:
        folder.mkdir()

    def full(*_: object) -> None:
        raise ResourceError("The disk is full.")

    with monkeypatch.context() as patch:
        patch.setattr(project_info, "put", full)
        with pytest.raises(ResourceError):
            Project.create(folder, "math")
    assert folder.exists() == existed
    Project.create(folder, "math").close()


def test_of_two_who_make_a_project_in_one_folder_the_second_one_takes_nothing_from_the_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first: list[Project] = []

    def come_first(folder: Path) -> None:
        monkeypatch.undo()
        first.append(Project.create(folder, "text"))

    monkeypatch.setattr(project_module, "_make_folders", come_first)
    with pytest.raises(UserError, match="open in another"):
        Project.create(tmp_path / "p", "math")
    assert first[0].task.name == "text"
    first[0].close()
    Project.open(tmp_path / "p").close()


@pytest.mark.parametrize("name", ["../../outside", "..", "a/b", "a\\b", "C:x", ""])
def test_a_project_whose_runs_lead_out_of_its_folder_is_refused(folder: Path, name: str) -> None:
    project = Project.open(folder)
    run = project.store.write_now(
        lambda tx: runs.add(tx, kind="train", title="t", lane="gpu", spec={}, context={}),
    )
    project.store.write_now(lambda tx: tx.execute("UPDATE runs SET id = ? WHERE id = ?", (name, run.id)))
    project.close()
    for read_only in (False, True):
        with pytest.raises(UserError, match="leads out of"):
            Project.open(folder, read_only=read_only)


def test_a_second_project_in_one_folder_is_refused(folder: Path) -> None:
    with pytest.raises(UserError, match="already"):
        Project.create(folder, "math")


def test_a_backup_opens_as_a_project(folder: Path, tmp_path: Path) -> None:
    project = Project.open(folder)
    copy = project.back_up("Before splitting!")
    project.close()
    assert copy.name.endswith("-before-splitting.db")
    (tmp_path / "restored").mkdir()
    (tmp_path / "restored" / "project.db").write_bytes(copy.read_bytes())
    restored = Project.open(tmp_path / "restored")
    assert restored.name == "Mine"
    restored.close()
