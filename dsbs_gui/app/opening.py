"""Opening a project beside the window: the imports, the lock, the migration and the check all take time."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from dsbs_gui.core.settings import data_folder

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dsbs_gui.core.jobs.follower import Intake
    from dsbs_gui.core.project import Project


def sample_folder() -> Path:
    """Where the sample project of this person lies."""
    return data_folder() / "sample-project"


def open_project(folder: Path, *, read_only: bool = False) -> Project:
    """Open a project with all intakes. Its jobs are not begun. Any thread.

    Raises: UserError, ResourceError as ``Project.open`` does.
    """
    from dsbs_gui.app import session  # noqa: F401 - loaded here so that the window does not wait for it
    from dsbs_gui.core.errors import UserError
    from dsbs_gui.core.project import DATABASE, Project

    folder = folder.expanduser().absolute()
    if folder.name == DATABASE:
        folder = folder.parent
    if not (folder / DATABASE).is_file():
        raise UserError(*_absent(folder))
    return Project.open(folder, read_only=read_only, intakes=_intakes())


def open_sample() -> Project:
    """Open the sample project, made on first use. Any thread."""
    from dsbs_gui.app import sample

    return open_project(sample.ensure(sample_folder()))


def create_project(folder: Path, task: str, name: str) -> Project:
    """Make a project and open it. Any thread. Raises as ``Project.create`` does."""
    from dsbs_gui.app import session  # noqa: F401
    from dsbs_gui.core.project import Project

    return Project.create(folder, task, name, intakes=_intakes())


def _intakes() -> Mapping[str, Intake]:
    from dsbs_gui.app.wiring import intakes

    return intakes()


def _absent(folder: Path) -> tuple[str, str]:
    if not folder.exists():
        return (
            f"The project {folder} is not there.",
            "It was moved or deleted, or its disk is not connected. Open it from where it is now.",
        )
    return (
        f"There is no project in {folder}.",
        "A project is a folder with a file project.db in it. Choose that folder, or make a new project.",
    )
