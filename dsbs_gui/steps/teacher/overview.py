"""What the view “Ask” shows of the store, in one reading each. Plain Python, for a background thread."""

from __future__ import annotations

from array import array
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dsbs_gui.core.statistics import wilson
from dsbs_gui.core.store import answers, examples, runs, standing, tally
from dsbs_gui.core.store.filters import Filter
from dsbs_gui.core.store.tally import Tally

from . import prices
from .ledger import Usage
from .prices import FREE, Price

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dsbs_gui.core.store.answers import Answer
    from dsbs_gui.core.store.connection import Reader
    from dsbs_gui.core.store.examples import Example
    from dsbs_gui.core.store.runs import Run
    from dsbs_gui.core.votes import Vote

KIND = "generate"
TRIAL = "trial"
"""Key in the context of a run that asks about one row only, to try a teacher."""
PILOT = "pilot"
"""Key in the context of a run that asks about the first rows only, to see what all would take."""
LAST = 30
_FEWEST_TO_GO_BY = 5
_ROWS_TO_VOTE = 300


@dataclass(frozen=True, slots=True)
class Evidence:
    """A run of the past by which one can say what more of the same will take.

    Attributes:
        same: whether it asked with the very settings that are chosen now; else only the teacher is the same.
        n, n_failed: answers, and those of no use among them.
        agreement: share that agrees with gold, with its interval; None if none can be compared.
        price: what tokens cost now.
    """

    run_id: str
    ended: float
    same: bool
    pilot: bool
    n: int
    n_failed: int
    agreement: tuple[float, float, float] | None
    seconds: float
    usage: Usage
    price: Price = FREE

    @property
    def cost(self) -> float | None:
        """None where no price is known."""
        return self.price.of(self.usage) if self.price.known else None

    def seconds_for(self, n: int) -> float:
        return self.seconds / self.n * n

    def tokens_for(self, n: int) -> float:
        return self.usage.tokens / self.n * n

    def cost_for(self, n: int) -> float | None:
        return None if self.cost is None else self.cost / self.n * n


@dataclass(frozen=True, slots=True)
class RowAnswer:
    """An answer beside the example that it answers."""

    answer: Answer
    example: Example


@dataclass(frozen=True, slots=True)
class RunState:
    """A run with its counts and its last answers, newest first.

    Attributes:
        cost: at the price that the run was made under; None if there was none.
        votes: how many of the samples of a row give its commonest label → rows, of the last rows that have all
            their samples; {} where one sample is asked for.
    """

    run: Run
    tally: Tally
    last: tuple[RowAnswer, ...]
    cost: float | None = None
    votes: Mapping[tuple[int, int], int] = field(default_factory=dict)

    def agreement(self) -> tuple[float, float, float] | None:
        """Share of answers that agree with gold, with Wilson's interval at 95 %; None if none can be compared."""
        return share(self.tally)


def share(counted: Tally) -> tuple[float, float, float] | None:
    """``agree`` of ``compared`` with its interval."""
    if not counted.compared:
        return None
    low, high = wilson(counted.agree, counted.compared)
    return counted.agree / counted.compared, low, high


@dataclass(frozen=True, slots=True)
class Rows:
    """How many examples are in each split, and the ids of one split in order."""

    counts: dict[str, int]
    ids: array[int]


def rows(db: Reader, split: str) -> Rows:
    """Everything one can ask about."""
    return Rows(examples.counts(db, "split"), examples.ids(db, Filter(splits=(split,))))


def newest_run(db: Reader, before: RunState | None = None) -> RunState | None:
    """The run that goes on or waits, else the newest one; trials do not count.

    Args:
        before: what was last seen: of the same run, as long as it goes on, only what is new is counted.
    """
    found = [run for run in runs.all_runs(db, KIND) if not run.context.get(TRIAL)]
    newest = next((run for run in found if run.live), found[0] if found else None)
    if newest is None:
        return None
    known = before.tally if before is not None and before.run.id == newest.id and newest.live else tally.NOTHING
    return _state(db, newest, known)


def newest_answer(db: Reader, example_id: int) -> tuple[Answer | None, Vote | None]:
    """The newest answer that a teacher gave to a row; of several samples the one voted for, and their vote."""
    given = [answer for answer in answers.of_example(db, example_id) if answer.source == "teacher"]
    if not given or given[0].failure or given[0].hinted:
        return (given[0] if given else None), None
    fellows = [a for a in given if a.run_id == given[0].run_id or (a.cache_key and a.cache_key == given[0].cache_key)]
    vote = standing.vote_of(db, [answer.id for answer in fellows])
    if vote is None:
        return given[0], None
    return next(answer for answer in fellows if answer.id == vote.chosen.answer_id), vote


def evidence(db: Reader, teacher: str, cache_key: str, price: Price = FREE) -> Evidence | None:
    """The newest run with these settings that is long enough to go by, else the newest one of this teacher."""
    of_teacher: Evidence | None = None
    for run in runs.all_runs(db, KIND, runs.ENDED):
        if run.context.get("teacher") != teacher:
            continue
        same = run.context.get("cache_key") == cache_key
        if (same or of_teacher is None) and (found := _evidence(db, run, same, price)) is not None:
            if same:
                return found
            of_teacher = found
    return of_teacher


def _evidence(db: Reader, run: Run, same: bool, price: Price) -> Evidence | None:
    seconds, reused = float(run.summary.get("seconds") or 0), int(run.summary.get("reused") or 0)
    if seconds <= 0:
        return None
    counted = tally.go_on(db, run.id)
    n = counted.answers - reused
    if n < _FEWEST_TO_GO_BY:
        return None
    return Evidence(
        run_id=run.id,
        ended=run.ended or run.created,
        same=same,
        pilot=bool(run.context.get(PILOT)),
        n=n,
        n_failed=counted.n_failed,
        agreement=share(counted),
        seconds=seconds,
        usage=Usage(counted.tokens_in, counted.tokens_out),
        price=price,
    )


def _state(db: Reader, run: Run, known: Tally) -> RunState:
    last = answers.newest_of_run(db, run.id, LAST)
    found = examples.page(db, [answer.example_id for answer in last])
    pairs = tuple(RowAnswer(answer, found[answer.example_id]) for answer in last if answer.example_id in found)
    counted, price = tally.go_on(db, run.id, known), prices.of_spec(run.spec)
    cost = price.of(Usage(counted.tokens_in, counted.tokens_out)) if price.known else None
    return RunState(run, counted, pairs, cost, _votes(db, run))


def _votes(db: Reader, run: Run) -> dict[tuple[int, int], int]:
    samples = int(run.context.get("samples") or 1)
    if samples < 2:
        return {}
    newest = answers.newest_of_run(db, run.id, _ROWS_TO_VOTE)
    counted = tally.votes(db, run.id, list(dict.fromkeys(answer.example_id for answer in newest)))
    whole = [(votes[0], samples) for votes in counted.values() if sum(votes) == samples]
    return dict(Counter(whole))
