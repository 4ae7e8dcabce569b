"""The list of runs in the order in which they come, and how long what waits may take. Plain Python."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any

from dsbs_gui.core.store.runs import Run

from .methods import METHODS


def in_order(found: Sequence[Run]) -> list[Run]:
    """What works, what waits in the order of the queue, then what has ended, the newest first."""
    working = [run for run in found if run.live and run.state != "queued"]
    waiting = sorted((run for run in found if run.state == "queued"), key=lambda run: run.position)
    ended = sorted((run for run in found if not run.live), key=lambda run: -run.number)
    return [*working, *waiting, *ended]


def seconds(earlier: Sequence[Run], choices: Mapping[str, Any], rows: int = 0) -> float | None:
    """How long a run may take, by the rate of finished runs of this student on this machine; None if there are none.

    Runs of the same method count alone where there are any: learning rationales takes longer.

    Args:
        choices: of ``train_request``, complete; ``student`` as the runs' context names it.
        rows: training rows, for a run that counts epochs.
    """
    done = [
        run for run in earlier if run.state == "done" and _rate(run) and run.context.get("chosen") == choices["student"]
    ]
    same = [run for run in done if run.spec.get("method") == choices["method"]]
    like = [run for run in done if _learns(run.spec.get("method")) == _learns(choices["method"])]
    chosen = same or like or done
    work = examples(choices, rows)
    return work / median(_rate(run) for run in chosen) if chosen and work else None


def examples(choices: Mapping[str, Any], rows: int) -> float:
    """Rows that a run goes through in all its steps."""
    if choices.get("steps"):
        return float(choices["steps"] * choices["batch_size"])
    return float(choices.get("epochs") or 0) * rows * float(choices.get("fraction", 1))


def waiting_seconds(found: Sequence[Run]) -> float | None:
    """How long all that waits may take; None if no finished run tells it of each."""
    parts = []
    for run in found:
        if run.state == "queued":
            rows = int((run.context.get("counts") or {}).get("train", 0))
            parts.append(seconds(found, run.spec | {"student": run.context.get("chosen")}, rows))
    known = [part for part in parts if part is not None]
    return sum(known) if known and len(known) == len(parts) else None


def _rate(run: Run) -> float:
    """Rows a second, validations and loading included; 0 where it cannot be told."""
    if run.started is None or run.ended is None or "resumed" in run.context:
        return 0.0
    steps = int(run.summary.get("steps") or 0)
    return steps * int(run.spec.get("batch_size") or 0) / max(1e-9, run.ended - run.started)


def _learns(method: object) -> bool:
    known = METHODS.get(str(method))
    return known is not None and known.uses_rationales
