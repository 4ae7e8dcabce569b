"""What runs leave behind and nobody needs: it goes when the project is closed, or when it is closed the next time."""

from __future__ import annotations

import shutil
from contextlib import suppress
from functools import partial
from pathlib import Path

from dsbs_gui.core.store import runs
from dsbs_gui.core.store.database import Store

MADE_ANEW = ("signals", "sketch", "lift", "agreement", "export-data")
"""Kinds of run whose ``input.jsonl`` is written from the database each time, also to go on where one was cut short."""
STEPS = ("step-", ".unfinished-", ".replaced-")
"""How names of checkpoints begin that serve going on alone, and what a kill while one was written leaves."""


def empty(store: Store, runs_folder: Path) -> list[str]:
    """Remove hidden runs with their files; returns their ids. A kill in between leaves the rest to the next time.

    One that works all the same, or that a live run goes on from, stays until that has ended: a worker uses its folder.

    Raises: ResourceError if the database cannot be written.
    """
    needed = runs.continued(store.reader, runs.LIVE)
    hidden = (runs.get(store.reader, run_id) for run_id in runs.deleted(store.reader))
    found = [run.id for run in hidden if not run.live and run.id not in needed]
    for run_id in found:
        shutil.rmtree(runs_folder / run_id, ignore_errors=True)
        store.write_now(partial(runs.remove, run_id=run_id))
    return found


def drop_inputs(store: Store, runs_folder: Path) -> int:
    """Remove the inputs of runs that have ended and could be asked for again; returns how many there were.

    They hold the texts of all examples once more. Those of trainings stay: their rows are frozen.
    """
    dropped = 0
    for kind in MADE_ANEW:
        for run in runs.all_runs(store.reader, kind, runs.ENDED):
            with suppress(OSError):
                (runs_folder / run.id / "input.jsonl").unlink()
                dropped += 1
    return dropped


def drop_checkpoints(store: Store, runs_folder: Path) -> None:
    """Remove what nobody goes on from any more: the steps of a finished training, and of those it went on from.

    Their best students stay. So does what a live run may still need, and all of a run whose continuation was deleted.
    """
    done, needed = (runs.continued(store.reader, states) for states in (("done",), runs.LIVE))
    for run in runs.all_runs(store.reader, "train", runs.ENDED):
        if (run.state == "done" or run.id in done) and run.id not in needed:
            for path in (runs_folder / run.id / "checkpoints").glob("*"):
                if path.name.startswith(STEPS):
                    shutil.rmtree(path, ignore_errors=True)


def size(runs_folder: Path, run_id: str) -> int:
    """Bytes that the files of a run take."""
    return sum(path.lstat().st_size for path in (runs_folder / run_id).rglob("*") if path.is_file())
