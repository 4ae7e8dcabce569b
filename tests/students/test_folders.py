from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from dsbs_gui.students import folders
from dsbs_gui.students.folders import UNFINISHED, clear_unfinished, is_whole, write_folder


def _write(text: str):
    def fill(folder: Path) -> None:
        (folder / "a.txt").write_text(text)
        (folder / "inner").mkdir()
        (folder / "inner" / "b.txt").write_text("b")

    return fill


def test_a_folder_is_whole_with_its_manifest_and_not_after_any_change(tmp_path: Path) -> None:
    target = tmp_path / "step"
    write_folder(target, _write("one"))
    assert is_whole(target)
    (target / "a.txt").write_text("two")  # same size, other bytes
    assert not is_whole(target)
    write_folder(target, _write("new"))
    assert is_whole(target)
    (target / "inner" / "b.txt").unlink()
    assert not is_whole(target)


def test_the_disk_has_the_names_of_all_folders_that_were_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[Path] = []
    monkeypatch.setattr(folders, "sync_folder", synced.append)
    run, checkpoints = tmp_path / "run", tmp_path / "run" / "checkpoints"
    write_folder(checkpoints / "step", _write("one"))
    assert {tmp_path, run, checkpoints} <= set(synced)
    synced.clear()
    write_folder(checkpoints / "step-2", _write("two"))
    assert checkpoints in synced
    assert run not in synced, "it was there"


def test_a_failure_on_the_way_leaves_the_old_folder_and_no_rubbish(tmp_path: Path) -> None:
    target = tmp_path / "step"
    write_folder(target, _write("old"))

    def fail(folder: Path) -> None:
        (folder / "a.txt").write_text("half")
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        write_folder(target, fail)
    assert is_whole(target)
    assert (target / "a.txt").read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["step"]


def test_what_a_kill_left_behind_is_never_whole_and_is_cleared(tmp_path: Path) -> None:
    left = tmp_path / f"{UNFINISHED}step-1"
    left.mkdir()
    (left / "a.txt").write_text("half")
    assert not is_whole(left)
    clear_unfinished(tmp_path)
    assert not left.exists()


@pytest.mark.parametrize("renames", [0, 1])
def test_a_kill_between_the_renames_leaves_a_whole_folder_that_gets_its_name(
    renames: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target, right, done = tmp_path / "best-000200", os.replace, []
    write_folder(target, _write("old"))

    def killed(source: Path, to: Path) -> None:
        if target in (Path(source), Path(to)):
            if len(done) == renames:
                monkeypatch.setattr(shutil, "rmtree", lambda *_, **__: None)  # nobody tidies up after a kill
                raise KeyboardInterrupt
            done.append(to)
        right(source, to)

    monkeypatch.setattr(os, "replace", killed)
    with pytest.raises(KeyboardInterrupt):
        write_folder(target, _write("new"))
    monkeypatch.undo()
    assert target.exists() == (renames == 0)
    clear_unfinished(tmp_path)
    assert is_whole(target)
    assert (target / "a.txt").read_text() == ("old" if renames == 0 else "new")
    assert [path.name for path in tmp_path.iterdir()] == ["best-000200"]


@pytest.mark.parametrize("manifest", ["", "{}", '{"files": {}}', '{"files": {"a.txt": 3}}', "[1]"])
def test_a_broken_manifest_is_not_whole(tmp_path: Path, manifest: str) -> None:
    (tmp_path / "a.txt").write_text("a")
    (tmp_path / "manifest.json").write_text(manifest)
    assert not is_whole(tmp_path)
