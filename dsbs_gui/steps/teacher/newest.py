"""The newest generation run and what came of it so far, read in the background. Plain Python."""

from __future__ import annotations

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

LAST_ANSWERS = 6


@dataclass(frozen=True, slots=True)
class RunFigures:
    """``tally`` as ``answers.tally``; ``last``: the newest answers with their examples, newest first."""

    run: Run
    tally: dict[str, Any]
    last: tuple[tuple[Answer, Example | None], ...]

    @property
    def failed(self) -> int:
        return sum(self.tally["failed"].values())

    def agreement(self) -> tuple[float, float, float] | None:
        """Share of answers that agree with gold, with Wilson's interval; None where nothing can be compared."""
        compared = self.tally["compared"]
        if not compared:
            return None
        low, high = wilson(self.tally["agree"], compared)
        return self.tally["agree"] / compared, low, high


def newest_run(db: Reader) -> RunFigures | None:
    """Figures of the newest generation run; None if there was none."""
    made = runs.all_runs(db, "generate")
    if not made:
        return None
    newest = answers.newest_of_run(db, made[0].id, LAST_ANSWERS)
    found = examples.page(db, [answer.example_id for answer in newest])
    last = tuple((answer, found.get(answer.example_id)) for answer in newest)
    return RunFigures(made[0], answers.tally(db, made[0].id), last)


def rows(db: Reader, split: str) -> list[int]:
    """Ids of a split's examples, in order."""
    return list(examples.ids(db, Filter(splits=(split,))))
