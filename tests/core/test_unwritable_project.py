"""A place that may not be written is the user's to put right, wherever it shows; a full disk is the machine's."""

from __future__ import annotations

import errno
from pathlib import Path

import filelock
import pytest

from dsbs_gui.core.errors import ResourceError, UserError
from dsbs_gui.core.project import Project


@pytest.mark.parametrize(
    ("number", "kind"),
    [(errno.EACCES, UserError), (errno.EROFS, UserError), (errno.ENOSPC, ResourceError), (errno.ENOLCK, ResourceError)],
)
def test_a_project_that_cannot_be_locked_is_told_by_whose_fault_it_is(
    number: int, kind: type[Exception], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Project.create(tmp_path / "p", "text").close()

    def refuse(lock: filelock.FileLock, **_: object) -> None:
        raise OSError(number, "no", str(lock.lock_file))

    monkeypatch.setattr(filelock.FileLock, "acquire", refuse)
    with pytest.raises(kind, match=r"cannot be locked: no.* Copy it to a place that you can write"):
        Project.open(tmp_path / "p")


def test_a_folder_that_cannot_be_made_is_the_users_to_choose_anew(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match=r"cannot be made: .*Choose a place that you can write"):
        Project.create(tmp_path / "file" / "p", "text")
