"""What the Teacher page shows of the store, in one reading each. Plain Python, for a background thread."""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dsbs_gui.core.store import answers, examples, runs
from dsbs_gui.core.store.filters import Filter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dsbs_gui.core.store.answers import Answer
    from dsbs_gui.core.store.connection import Reader
    from dsbs_gui.core.store.examples import Example
    from dsbs_gui.core.store.runs import Run

KIND = "generate"
TRIAL = "trial"
"""Key in the context of a run that asks about one row only, to try a teacher."""
LAST = 30
_FEWEST_TO_GO_BY = 5


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast a run went, and what an answer cost in tokens, prompt included."""

    run_id: str
    answers_per_s: float
    tokens_per_answer: float


@dataclass(frozen=True, slots=True)
class RowAnswer:
    """An answer beside the example that it answers."""

    answer: Answer
    example: Example


@dataclass(frozen=True, slots=True)
class RunState:
    """A run with its counts (``answers.tally``) and its last answers, newest first."""

    run: Run
    tally: dict[str, Any]
    last: tuple[RowAnswer, ...]


@dataclass(frozen=True, slots=True)
class Overview:
    """Examples by split, the ids of one split, and where generation stands.

    Attributes:
        live: the run that goes on or waits; None if there is none.
        newest: the newest run that is no trial, live or not.
    """

    counts: dict[str, int]
    ids: array[int]
    live: Run | None
    newest: RunState | None


def overview(db: Reader, split: str) -> Overview:
    """Raises nothing of its own."""
    found = runs.all_runs(db, KIND)
    live = next((run for run in found if run.live and not run.context.get(TRIAL)), None)
    newest = live or next((run for run in found if not run.context.get(TRIAL)), None)
    state = None if newest is None else run_state(db, newest.id)
    return Overview(examples.counts(db, "split"), examples.ids(db, Filter(splits=(split,))), live, state)


def run_state(db: Reader, run_id: str) -> RunState:
    """Raises UserError if there is no such run."""
    last = answers.newest_of_run(db, run_id, LAST)
    rows = examples.page(db, [answer.example_id for answer in last])
    pairs = tuple(RowAnswer(answer, rows[answer.example_id]) for answer in last if answer.example_id in rows)
    return RunState(runs.get(db, run_id), answers.tally(db, run_id), pairs)


def newest_answer(db: Reader, example_id: int) -> Answer | None:
    """The newest answer that a teacher gave to a row."""
    return next((answer for answer in answers.of_example(db, example_id) if answer.source == "teacher"), None)


def last_pace(db: Reader, teacher: str) -> Pace | None:
    """How fast the newest run of this teacher went that is long enough to go by."""
    return _pace([run for run in runs.all_runs(db, KIND, runs.ENDED) if run.context.get("teacher") == teacher])


def _pace(ended: Sequence[Run]) -> Pace | None:
    for run in ended:
        summary, seconds = run.summary, float(run.summary.get("seconds") or 0)
        n = int(summary.get("done") or 0) + sum((summary.get("failed") or {}).values())
        if n >= _FEWEST_TO_GO_BY and seconds > 0:
            tokens = int(summary.get("tokens_in") or 0) + int(summary.get("tokens_out") or 0)
            return Pace(run.id, n / seconds, tokens / n)
    return None
