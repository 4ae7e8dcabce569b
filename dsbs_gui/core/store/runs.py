"""Runs: one row a job, from queued to its end."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from dsbs_gui.core.errors import UserError

from . import project_info
from .connection import Reader, Row
from .database import Transaction

_HIGHEST = "highest_run"
_HELD = "held_lanes"
LANES = ("gpu", "network", "disk")
LIVE = ("queued", "running", "paused", "stopping")
ENDED = ("done", "stopped", "failed", "interrupted")
NOTE, DELETED = "note", "deleted"
"""Keys of a run's context: what a person wrote about it, and when he deleted it."""


@dataclass(frozen=True, slots=True)
class Run:
    """``context`` holds what the owner must remember and the worker need not know (teacher's name, data hash …).

    ``done`` of ``total`` ``unit`` of ``phase`` is the last progress; ``reason`` and ``hint`` say why it ended badly.
    """

    id: str
    number: int
    kind: str
    title: str
    lane: str
    state: str
    position: float
    spec: dict[str, Any]
    context: dict[str, Any]
    created: float
    started: float | None
    ended: float | None
    phase: str
    done: int
    total: int | None
    unit: str
    summary: dict[str, Any]
    reason: str
    hint: str
    report: str
    last_seq: int

    @property
    def live(self) -> bool:
        return self.state in LIVE

    @property
    def note(self) -> str:
        return str(self.context.get(NOTE, ""))


@dataclass(frozen=True, slots=True)
class RunWarning:
    t: float
    text: str
    hint: str


def _run(row: Row) -> Run:
    values = dict(row)
    for name in ("spec", "context", "summary"):
        values[name] = json.loads(values[name])
    return Run(**values)


def get(db: Reader, run_id: str) -> Run:
    """Raises UserError if there is no such run."""
    row = db.execute("SELECT * FROM runs WHERE id = ?", (run_id,)).fetchone()
    if row is None:
        known = [r[0] for r in db.execute("SELECT id FROM runs ORDER BY number DESC LIMIT 8")]
        hint = f"There are: {', '.join(known)}." if known else "Nothing has run in this project yet."
        raise UserError(f"There is no run “{run_id}”.", hint)
    return _run(row)


def all_runs(db: Reader, kind: str | None = None, states: tuple[str, ...] = ()) -> list[Run]:
    """Newest first; without those that were deleted."""
    marks = ", ".join("?" * len(states))
    where = f" AND state IN ({marks})" if states else ""
    where += f" AND json_extract(context, '$.{DELETED}') IS NULL"
    rows = db.execute(
        f"SELECT * FROM runs WHERE (? IS NULL OR kind = ?){where} ORDER BY number DESC", (kind, kind, *states)
    )
    return [_run(row) for row in rows]


def misnamed(db: Reader) -> str | None:
    """The id of a run that would lead out of the project's folder; no program of ours gives such ids."""
    row = db.execute("SELECT id FROM runs WHERE id GLOB '*[/\\:]*' OR id LIKE '.%' OR id = '' LIMIT 1").fetchone()
    return None if row is None else str(row[0])


def queue(db: Reader, lane: str) -> list[Run]:
    """Runs of a lane that wait, the next one first."""
    rows = db.execute("SELECT * FROM runs WHERE state = 'queued' AND lane = ? ORDER BY position", (lane,))
    return [_run(row) for row in rows]


def held(db: Reader, lane: str) -> bool:
    """Whether a person holds the queue of a lane: what works goes on, nothing new begins."""
    return lane in project_info.get(db, _HELD, [])


def hold(tx: Transaction, lane: str, on: bool) -> None:
    others = [name for name in project_info.get(tx, _HELD, []) if name != lane]
    project_info.put(tx, _HELD, [*others, lane] if on else others)
    tx.touch("runs")


def add(
    tx: Transaction, *, kind: str, title: str, lane: str, spec: Mapping[str, Any], context: Mapping[str, Any]
) -> Run:
    """A new run at the end of its lane's queue; its id is ``<kind>-<number>``."""
    if lane not in LANES:
        raise ValueError(lane)
    newest = tx.execute("SELECT coalesce(max(number), 0) FROM runs").fetchone()[0]
    # A number is never given twice: exports and notes name runs that may have been deleted since.
    number = max(int(newest), int(project_info.get(tx, _HIGHEST, 0))) + 1
    run_id = f"{kind}-{number}"
    tx.insert(
        "runs",
        id=run_id,
        number=number,
        kind=kind,
        title=title,
        lane=lane,
        state="queued",
        position=float(number),
        spec=json.dumps(dict(spec), ensure_ascii=False),
        context=json.dumps(dict(context), ensure_ascii=False),
        created=time.time(),
    )
    tx.touch("runs", [run_id])
    return get(tx, run_id)


def set_state(tx: Transaction, run_id: str, state: str, *, reason: str = "", hint: str = "", report: str = "") -> None:
    """Move a run to ``state``; an ended one gets its end time and reason."""
    if state not in LIVE + ENDED:
        raise ValueError(state)
    now = time.time()
    tx.execute(
        "UPDATE runs SET state = ?, reason = ?, hint = ?, report = ?, started = CASE WHEN ? THEN coalesce(started, ?)"
        " ELSE started END, ended = ? WHERE id = ?",
        (state, reason, hint, report, state == "running", now, now if state in ENDED else None, run_id),
    )
    tx.touch("runs", [run_id])


def set_progress(tx: Transaction, run_id: str, phase: str, done: int, total: int | None, unit: str) -> None:
    tx.execute(
        "UPDATE runs SET phase = ?, done = ?, total = ?, unit = ? WHERE id = ?",
        (phase, done, total, unit, run_id),
    )
    tx.touch("runs", [run_id])


def set_summary(tx: Transaction, run_id: str, summary: Mapping[str, Any]) -> None:
    tx.execute("UPDATE runs SET summary = ? WHERE id = ?", (json.dumps(dict(summary), ensure_ascii=False), run_id))
    tx.touch("runs", [run_id])


def set_context(tx: Transaction, run_id: str, context: Mapping[str, Any]) -> None:
    tx.execute("UPDATE runs SET context = ? WHERE id = ?", (json.dumps(dict(context), ensure_ascii=False), run_id))
    tx.touch("runs", [run_id])


def describe(tx: Transaction, run_id: str, title: str, note: str) -> None:
    """What a person calls a run and writes about it. An empty title leaves the one it has."""
    run = get(tx, run_id)
    if title.strip():
        tx.execute("UPDATE runs SET title = ? WHERE id = ?", (title.strip(), run_id))
    rest = {key: value for key, value in run.context.items() if key != NOTE}
    set_context(tx, run_id, rest | ({NOTE: note.strip()} if note.strip() else {}))


def delete(tx: Transaction, run_id: str) -> None:
    """Hide an ended run from every list; :func:`restore` brings it back until :func:`remove`.

    Raises: UserError if it works or waits, or if a run that does goes on from it, directly or through others.
    """
    run = get(tx, run_id)
    if run.live:
        raise UserError(f"{run_id} is {run.state}.", "Stop it first.")
    if later := continued(tx, LIVE).get(run_id):
        raise UserError(f"{later} goes on from {run_id}.", f"Wait until {later} has ended.")
    set_context(tx, run_id, run.context | {DELETED: time.time()})


def restore(tx: Transaction, run_id: str) -> None:
    """Take a deletion back."""
    run = get(tx, run_id)
    set_context(tx, run_id, {key: value for key, value in run.context.items() if key != DELETED})


def chain(db: Reader, run: Run) -> Iterator[Run]:
    """What a run goes on from, and what that went on from, the nearest first; without those that are gone."""
    seen = {run.id}
    while (earlier := run.context.get("resumed")) and earlier not in seen:
        row = db.execute("SELECT * FROM runs WHERE id = ?", (earlier,)).fetchone()
        if row is None:
            return
        run = _run(row)
        seen.add(run.id)
        yield run


def continued(db: Reader, states: tuple[str, ...] = (*LIVE, "done")) -> dict[str, str]:
    """Run that others go on from, directly or through others → the newest of these that is in one of ``states``.

    As it stands, those that must not be resumed a second time.
    """
    oldest_first = reversed(all_runs(db, "train", states))
    return {earlier.id: run.id for run in oldest_first for earlier in chain(db, run)}


def deleted(db: Reader) -> list[str]:
    """Ids of runs that are hidden."""
    rows = db.execute(f"SELECT id FROM runs WHERE json_extract(context, '$.{DELETED}') IS NOT NULL ORDER BY number")
    return [row[0] for row in rows]


def remove(tx: Transaction, run_id: str) -> None:
    """Take a hidden run out for good, with its curves, validations, predictions and warnings."""
    project_info.put(tx, _HIGHEST, max(get(tx, run_id).number, int(project_info.get(tx, _HIGHEST, 0))))
    for table in ("warnings", "metrics", "evaluations", "checkpoints", "predictions"):
        tx.execute(f"DELETE FROM {table} WHERE run_id = ?", (run_id,))
    tx.execute("DELETE FROM runs WHERE id = ?", (run_id,))
    tx.touch("runs", [run_id])


def set_last_seq(tx: Transaction, run_id: str, seq: int) -> None:
    tx.execute("UPDATE runs SET last_seq = ? WHERE id = ?", (seq, run_id))


def move(tx: Transaction, run_id: str, before: str | None) -> None:
    """Put a queued run in front of another of its lane, or last."""
    run = get(tx, run_id)
    if before is None:
        position = tx.execute("SELECT max(position) + 1 FROM runs").fetchone()[0]
    else:
        at = get(tx, before).position
        under = tx.execute(
            "SELECT max(position) FROM runs WHERE position < ? AND id <> ? AND lane = ?",
            (at, run_id, run.lane),
        ).fetchone()[0]
        position = (at + (at - 1 if under is None else under)) / 2
    tx.execute("UPDATE runs SET position = ? WHERE id = ? AND state = 'queued'", (position, run_id))
    tx.touch("runs", [run_id])


def shift(tx: Transaction, run_id: str, step: int) -> None:
    """Move a waiting run some places up (negative) or down its lane's queue; nothing where that is impossible."""
    order = [run.id for run in queue(tx, get(tx, run_id).lane)]
    if run_id not in order:
        return
    at = order.index(run_id)
    to = min(max(at + step, 0), len(order) - 1)
    rest = [other for other in order if other != run_id]
    if to != at:
        move(tx, run_id, rest[to] if to < len(rest) else None)


def warn(tx: Transaction, run_id: str, text: str, hint: str = "") -> None:
    tx.insert("warnings", run_id=run_id, t=time.time(), text=text, hint=hint)
    tx.touch("runs", [run_id])


def warnings(db: Reader, run_id: str) -> list[RunWarning]:
    rows = db.execute("SELECT t, text, hint FROM warnings WHERE run_id = ? ORDER BY id", (run_id,))
    return [RunWarning(*row) for row in rows]
