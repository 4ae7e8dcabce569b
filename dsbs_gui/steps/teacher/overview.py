"""What the Teacher page shows of the store, in one reading each. Plain Python, for a background thread."""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dsbs_gui.core.statistics import wilson
from dsbs_gui.core.store import answers, examples, runs
from dsbs_gui.core.store.filters import Filter

if TYPE_CHECKING:
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
    """How fast a run of the past went, and what an answer cost in tokens, prompt included."""

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

    @property
    def failed(self) -> int:
        return sum(self.tally["failed"].values())

    def agreement(self) -> tuple[float, float, float] | None:
        """Share of answers that agree with gold, with Wilson's interval at 95 %; None if none can be compared."""
        compared = self.tally["compared"]
        if not compared:
            return None
        low, high = wilson(self.tally["agree"], compared)
        return self.tally["agree"] / compared, low, high


@dataclass(frozen=True, slots=True)
class Rows:
    """How many examples are in each split, and the ids of one split in order."""

    counts: dict[str, int]
    ids: array[int]


def rows(db: Reader, split: str) -> Rows:
    """Everything one can ask about."""
    return Rows(examples.counts(db, "split"), examples.ids(db, Filter(splits=(split,))))


def newest_run(db: Reader) -> RunState | None:
    """The run that goes on or waits, else the newest one; trials do not count."""
    found = [run for run in runs.all_runs(db, KIND) if not run.context.get(TRIAL)]
    newest = next((run for run in found if run.live), found[0] if found else None)
    return None if newest is None else _state(db, newest)


def newest_answer(db: Reader, example_id: int) -> Answer | None:
    """The newest answer that a teacher gave to a row."""
    return next((answer for answer in answers.of_example(db, example_id) if answer.source == "teacher"), None)


def last_pace(db: Reader, teacher: str) -> Pace | None:
    """How fast the newest run of this teacher went that is long enough to go by."""
    for run in runs.all_runs(db, KIND, runs.ENDED):
        summary, seconds = run.summary, float(run.summary.get("seconds") or 0)
        n = int(summary.get("done") or 0) + sum((summary.get("failed") or {}).values())
        if run.context.get("teacher") == teacher and n >= _FEWEST_TO_GO_BY and seconds > 0:
            tokens = int(summary.get("tokens_in") or 0) + int(summary.get("tokens_out") or 0)
            return Pace(run.id, n / seconds, tokens / n)
    return None


def _state(db: Reader, run: Run) -> RunState:
    last = answers.newest_of_run(db, run.id, LAST)
    found = examples.page(db, [answer.example_id for answer in last])
    pairs = tuple(RowAnswer(answer, found[answer.example_id]) for answer in last if answer.example_id in found)
    return RunState(run, answers.tally(db, run.id), pairs)
