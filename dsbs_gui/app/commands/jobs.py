"""``dsbs jobs`` and ``stop``: both work while the window, or another command, owns the project."""

from __future__ import annotations

import contextlib
import time
from argparse import Namespace
from typing import Any

from dsbs_gui.core.jobs import process
from dsbs_gui.core.jobs.folder import RunFolder
from dsbs_gui.core.jobs.follower import Patience
from dsbs_gui.core.jobs.tail import last_event
from dsbs_gui.core.project import Project, ProjectInUse
from dsbs_gui.core.protocol import Failed, Finished
from dsbs_gui.core.store import runs
from dsbs_gui.core.store.runs import Run

from .common import opened, reading


def list_(arguments: Namespace) -> dict[str, Any]:
    with reading(arguments.project) as project:
        db = project.store.reader
        places = {run.id: place for lane in runs.LANES for place, run in enumerate(runs.queue(db, lane), 1)}
        rows = [_row(project, run, places.get(run.id)) for run in runs.all_runs(db)]
        held = [lane for lane in runs.LANES if runs.held(db, lane)]
    text = "\n".join(_line(row) for row in rows)
    if held:
        text += f"\nHeld in the window, so that nothing waiting begins: {', '.join(held)}."
    return {"jobs": rows, **({"held": held} if held else {}), "_text": text or "Nothing has run in this project yet."}


def _line(row: dict[str, Any]) -> str:
    state = f"{row['state']} {row['place']}" if row["place"] else row["state"]
    return f"{row['run']:<18} {state:<12} {row['title']}  {row['note'] or row['reason']}".rstrip()


def _row(project: Project, run: Run, place: int | None) -> dict[str, Any]:
    state, reason, hint = _standing(project, run)
    return {
        "run": run.id,
        "kind": run.kind,
        "title": run.title,
        "note": run.note,
        "state": state,
        "place": place,
        "phase": run.phase,
        "done": run.done,
        "total": run.total,
        "created": run.created,
        "ended": run.ended,
        "reason": reason,
        "hint": hint,
    }


def _standing(project: Project, run: Run) -> tuple[str, str, str]:
    """State, reason and hint. A worker may have gone since somebody last looked: then its last word counts."""
    if not run.live or run.state == "queued" or _lives(project, run):
        return run.state, run.reason, run.hint
    last = last_event(RunFolder(project.run_folder(run.id)).events)
    if last is not None and isinstance(last.message, Finished):
        return last.message.status, run.reason, run.hint
    if last is not None and isinstance(last.message, Failed):
        return "failed", last.message.message, last.message.hint
    return "interrupted", run.reason, run.hint


def _lives(project: Project, run: Run) -> bool:
    """Whether its worker is there; one that was started a moment ago has had no time to say so."""
    state = RunFolder(project.run_folder(run.id)).read_state()
    return process.alive(state) if state else time.time() - (run.started or 0.0) < Patience().start_s


def stop(arguments: Namespace) -> dict[str, Any]:
    with reading(arguments.project) as project:
        run = runs.get(project.store.reader, arguments.run_id)
        folder = RunFolder(project.run_folder(run.id))
        if run.state == "queued":
            folder.ask("stop")  # whoever has the project open takes it out of the queue
            return _take_out(arguments)
        if not run.live or not _lives(project, run):
            state = _standing(project, run)[0]
            return {"run": run.id, "state": state, "asked": False, "_text": f"{run.id} does not run."}
        folder.ask("stop")
    return {
        "run": run.id,
        "state": "stopping",
        "asked": True,
        "_text": f"{run.id} stops at its next unit of work.",
    }


def _take_out(arguments: Namespace) -> dict[str, Any]:
    """Take a run that waits out of the queue, unless another program owns the project: then that does it."""
    with contextlib.suppress(ProjectInUse), opened(arguments.project) as project:
        project.jobs.stop(arguments.run_id)
    return {
        "run": arguments.run_id,
        "state": "stopped",
        "asked": True,
        "_text": f"{arguments.run_id} is taken out of the queue before it begins.",
    }
