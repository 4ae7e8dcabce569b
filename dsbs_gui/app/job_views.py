"""A run as one line of the job strip: what it does, how far it is, or how it ended. Pure."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, cast

from dsbs_gui.core.jobs.supervisor import CAPACITY
from dsbs_gui.core.rates import Rate
from dsbs_gui.kit import words
from dsbs_gui.kit.job_row import LIVE, STATE_LOOK, JobState, JobView

if TYPE_CHECKING:
    from dsbs_gui.core.store.runs import Run

MOST_SHOWN = 100


def in_order(all_runs: Iterable[Run]) -> list[Run]:
    """Working ones first, then the queue in its order, then the ended ones, newest first."""
    runs = list(all_runs)
    working = [run for run in runs if run.state in LIVE]
    queued = sorted((run for run in runs if run.state == "queued"), key=lambda run: run.position)
    ended = sorted((run for run in runs if not run.live), key=lambda run: run.ended or run.created, reverse=True)
    return [*working, *queued, *ended][:MOST_SHOWN]


def view(run: Run, rate: Rate | None, ahead: int = 0, now: float | None = None) -> JobView:
    """What the strip shows of a run.

    Args:
        rate: its pace, if it was seen to move.
        ahead: how many runs of its lane are to be finished before it.
        now: Unix time in seconds.
    """
    now = time.time() if now is None else now
    state = cast("JobState", run.state)
    live = state in LIVE
    fraction = min(1.0, run.done / run.total) if live and run.total else None
    sentence = _live_sentence(run, rate, now) if live else _queued(ahead) if run.live else ended_sentence(run, now)
    return JobView(run.id, run.title, state, sentence, fraction, can_pause=live)


def _live_sentence(run: Run, rate: Rate | None, now: float) -> str:
    moving = rate if run.state == "running" else None
    progress = words.Progress(
        run.phase or "Starting",
        run.done,
        run.total,
        moving.per_second(now) if moving else None,
        moving.seconds_left(run.total, now) if moving else None,
        run.unit or "rows",
    )
    lead = {"paused": "Paused", "stopping": "Stopping at the next step"}.get(run.state)
    return " · ".join(part for part in (lead, progress.sentence()) if part)


def _queued(ahead: int) -> str:
    if not ahead:
        return "Starts next"
    return f"Waits for {words.plural(ahead, 'other job')}"


def ended_sentence(run: Run, now: float) -> str:
    """`Done · 5 minutes ago · took 12 s`, or the reason why it is not done."""
    word = STATE_LOOK[cast("JobState", run.state)][2]
    parts = [word]
    if run.ended is not None:
        parts.append(words.age(datetime.fromtimestamp(run.ended, UTC), datetime.fromtimestamp(now, UTC)))
    if run.state in ("done", "stopped") and run.started and run.ended:
        parts.append(f"took {words.duration(run.ended - run.started)}")
    if run.reason:
        parts.append(run.reason)
    return " · ".join(parts)


def views(all_runs: Iterable[Run], rates: Mapping[str, Rate], now: float | None = None) -> list[JobView]:
    """All lines of the strip, in the order in which it shows them."""
    made: list[JobView] = []
    busy: dict[str, int] = {}
    for run in in_order(all_runs):
        ahead = max(0, busy.get(run.lane, 0) - CAPACITY[run.lane] + 1)
        made.append(view(run, rates.get(run.id), ahead, now))
        if run.live:
            busy[run.lane] = busy.get(run.lane, 0) + 1
    return made
