"""Projects opened lately: remembered in the settings, looked into without opening them. Plain Python."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from dsbs_gui.core.settings import Settings

MOST = 8


@dataclass(frozen=True)
class Glance:
    """What a project looks like from outside.

    Attributes:
        problem: why it cannot be opened; empty if it can.
        changed: when its database last changed.
    """

    folder: Path
    name: str
    examples: int = 0
    students: int = 0
    changed: datetime | None = None
    problem: str = ""


def remember(settings: Settings, folder: Path) -> None:
    """Put a project first among the recent ones and open it at the next start."""
    others = [path for path in settings.recent if Path(path) != folder]
    settings.recent = [str(folder), *others][:MOST]
    settings.last = str(folder)


def forget(settings: Settings, folder: Path) -> None:
    """Take a project off the list; its files stay."""
    settings.recent = [path for path in settings.recent if Path(path) != folder]
    if settings.last == str(folder):
        settings.last = ""


def glance(folder: Path) -> Glance:
    """Look into a project without locking or changing it. Any thread but the window's: a disk may be slow."""
    from dsbs_gui.core.failures import known
    from dsbs_gui.core.project import DATABASE, Project
    from dsbs_gui.core.store import examples, runs

    try:
        changed = datetime.fromtimestamp((folder / DATABASE).stat().st_mtime, UTC)
    except OSError:
        return Glance(folder, folder.name, problem="Not found. It was moved, deleted, or its disk is not there.")
    try:
        project = Project.open(folder, read_only=True)
        try:
            db = project.store.reader
            students = len(runs.all_runs(db, kind="train", states=("done", "stopped")))
            return Glance(folder, project.name, examples.count(db), students, changed)
        finally:
            project.close()
    except Exception as error:
        if (understood := known(error)) is None:
            raise
        return Glance(folder, folder.name, changed=changed, problem=understood.message)
