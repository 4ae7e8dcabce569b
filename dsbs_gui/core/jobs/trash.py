"""Deleted runs: hidden at once, gone for good when the project is closed, or opened the next time."""

from __future__ import annotations

import shutil
from functools import partial
from pathlib import Path

from dsbs_gui.core.store import runs
from dsbs_gui.core.store.database import Store


def empty(store: Store, runs_folder: Path) -> list[str]:
    """Remove hidden runs with their files; returns their ids. A kill in between leaves the rest to the next time.

    Raises: ResourceError if the database cannot be written.
    """
    found = runs.deleted(store.reader)
    for run_id in found:
        shutil.rmtree(runs_folder / run_id, ignore_errors=True)
        store.write_now(partial(runs.remove, run_id=run_id))
    return found


def size(runs_folder: Path, run_id: str) -> int:
    """Bytes that the files of a run take."""
    return sum(path.lstat().st_size for path in (runs_folder / run_id).rglob("*") if path.is_file())
