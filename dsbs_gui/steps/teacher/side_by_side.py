"""What several teachers say of the same rows: a cell a teacher and row, and the rows that deserve a look.

A cell is the teacher's newest group of samples for the row: what one run, or several with the same teacher, prompt
and parameters, brought. Plain Python; for a background thread, but for ``rows``, which takes a millisecond.
"""

from __future__ import annotations

from array import array
from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

from dsbs_gui.core.errors import Stopped
from dsbs_gui.core.statistics import wilson
from dsbs_gui.core.store import examples, verdicts
from dsbs_gui.core.votes import Ballot, Vote, vote

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from dsbs_gui.core.store.connection import Reader
    from dsbs_gui.core.store.examples import Example
    from dsbs_gui.core.store.verdicts import Verdict
    from dsbs_gui.core.tasks import Fields, Task

ALL, FAILED, NO_LABEL, DIFFERS, DISAGREE, TIED, HINTED = (
    "all", "failed", "no-label", "differs", "disagree", "tied", "hinted",
)  # fmt: skip
KINDS = (ALL, FAILED, NO_LABEL, DIFFERS, DISAGREE, TIED, HINTED)
CAUSE = "cause:"
RUNG = "rung:"


@dataclass(frozen=True, slots=True)
class Cell:
    """What a teacher says of a row.

    Attributes:
        shown: the answer voted for, or a failed one where none is usable.
        vote: the vote among the honest usable samples; None for one sample and for what was imported.
        n: honest samples, failed ones included.
        causes: why samples failed that have not been answered usably since.
        told: whether the gold label was told for one of them.
    """

    shown: Verdict
    vote: Vote | None = None
    n: int = 1
    causes: tuple[str, ...] = ()
    told: bool = False

    @property
    def failed(self) -> bool:
        return self.shown.failure is not None

    @property
    def tied(self) -> bool:
        return self.vote is not None and self.vote.tied


@dataclass(frozen=True, slots=True)
class Row:
    """An example with the cells of those teachers that answered it."""

    example: Example
    cells: dict[str, Cell]


@dataclass(slots=True)
class Standing:
    """How a teacher did over all rows. Without a label it is wrong; what it was told is not compared with gold."""

    rows: int = 0
    right: int = 0
    compared: int = 0
    labelled: int = 0
    failed: int = 0

    @property
    def accuracy(self) -> tuple[float, float, float] | None:
        """Share with Wilson's interval at 95 %; None if nothing can be compared."""
        return (self.right / self.compared, *wilson(self.right, self.compared)) if self.compared else None


@dataclass(slots=True)
class Survey:
    """All rows that were answered.

    Attributes:
        teachers: name → how it did, the one with most rows first.
        ids: kind of row (``KINDS``, ``cause:…``, ``rung:…``) → ids of examples in order.
        causes: reason → samples that failed so.
        voted, unanimous: cells with several samples that have a label, and those whose samples all give the same.
    """

    teachers: dict[str, Standing] = field(default_factory=dict)
    ids: dict[str, array[int]] = field(default_factory=dict)
    causes: Counter[str] = field(default_factory=Counter)
    voted: int = 0
    unanimous: int = 0

    def of(self, kind: str) -> array[int]:
        """The ids of a kind; empty if there is no such row."""
        return self.ids.get(kind, array("q"))

    def count(self, kind: str) -> int:
        return len(self.of(kind))


def survey(db: Reader, task: Task, should_stop: Callable[[], bool] = lambda: False) -> Survey:
    """Look at every row once; about a second for 20,000 answers. Raises Stopped."""
    found = Survey()
    sources = _Fields(db)
    for page in verdicts.each_example(db):
        if should_stop():
            raise Stopped
        sources.turn_to(page)
        for example_id, given in page.items():
            fields = sources.of(example_id)
            _note(found, example_id, cells(given, task, fields), task, fields)
    found.teachers = dict(sorted(found.teachers.items(), key=lambda item: (-item[1].rows, item[0])))
    return found


def rows(db: Reader, task: Task, wanted: Sequence[int]) -> dict[int, Row]:
    """Some hundred rows by id, for a table."""
    given = verdicts.of_examples(db, wanted)
    return {
        example.id: Row(example, cells(given.get(example.id, ()), task, example.fields))
        for example in examples.page(db, wanted).values()
    }


def cells(given: Iterable[Verdict], task: Task, fields: Fields) -> dict[str, Cell]:
    """Teacher → cell, of the verdicts on one example, newest first."""
    by_teacher: dict[str, list[Verdict]] = {}
    for verdict in given:
        by_teacher.setdefault(verdict.teacher, []).append(verdict)
    return {teacher: _cell(mine, task, fields) for teacher, mine in by_teacher.items()}


def _cell(mine: Sequence[Verdict], task: Task, fields: Fields) -> Cell:
    newest = next((verdict for verdict in mine if verdict.failure is None), mine[0])
    group = [v for v in mine if v.run_id == newest.run_id or (v.cache_key and v.cache_key == newest.cache_key)]
    usable = [v for v in group if v.failure is None]
    honest, told = [v for v in usable if not v.hinted], any(v.hinted for v in usable)
    n, causes = len({v.sample for v in group if not v.hinted}), _causes(group)
    if len(honest) < 2 or newest.source != "teacher":
        first = min(honest or usable or group, key=lambda v: (abs(v.sample), -v.id))
        return Cell(first, None, n, causes, told)
    held = vote((Ballot(v.id, v.sample, v.label, v.mean_logprob) for v in honest), lambda a, b: task.same(a, b, fields))
    assert held is not None
    return Cell(next(v for v in honest if v.id == held.chosen.answer_id), held, n, causes, told)


def _causes(group: Sequence[Verdict]) -> tuple[str, ...]:
    """Of each sample that only failed, the newest reason."""
    answered = {v.sample for v in group if v.failure is None}
    newest: dict[int, str] = {}
    for verdict in group:  # newest first
        if verdict.failure is not None and verdict.sample not in answered:
            newest.setdefault(verdict.sample, verdict.failure)
    return tuple(newest.values())


def disagree(row: dict[str, Cell], task: Task, fields: Fields) -> bool:
    """Whether two teachers give labels that mean different things."""
    labels = [cell.shown.label for cell in row.values() if cell.shown.label and not cell.shown.hinted]
    return any(not task.same(a, b, fields) for a, b in pairwise(labels))


def _note(found: Survey, example_id: int, row: dict[str, Cell], task: Task, fields: Fields) -> None:
    kinds = {ALL}
    for teacher, cell in row.items():
        _count(found.teachers.setdefault(teacher, Standing()), cell)
        kinds |= kinds_of(cell)
        found.causes.update(cell.causes)
        if cell.vote is not None and cell.vote.parties:
            found.voted += 1
            found.unanimous += len(cell.vote.parties) == 1
    if disagree(row, task, fields):
        kinds.add(DISAGREE)
    for kind in kinds:
        found.ids.setdefault(kind, array("q")).append(example_id)


def _count(standing: Standing, cell: Cell) -> None:
    shown = cell.shown
    standing.rows += 1
    standing.failed += cell.failed
    standing.labelled += shown.label is not None
    if shown.has_gold and not shown.hinted:
        standing.compared += 1
        standing.right += bool(shown.agree)


def kinds_of(cell: Cell) -> set[str]:
    """The kinds of row that this cell alone makes its row."""
    shown = cell.shown
    kinds = {CAUSE + cause for cause in cell.causes} | ({FAILED} if cell.causes else set())
    if shown.failure is not None:
        return kinds
    kinds.add(RUNG + (shown.rung or ""))
    if shown.label is None:
        kinds.add(NO_LABEL)
    elif shown.agree is False:
        kinds.add(DIFFERS)
    if cell.tied:
        kinds.add(TIED)
    if cell.told:
        kinds.add(HINTED)
    return kinds


class _Fields:
    """The source fields of a page of examples, read only where labels have to be compared."""

    def __init__(self, db: Reader) -> None:
        self._db = db
        self._page: dict[int, Example] = {}

    def turn_to(self, page: dict[int, list[Verdict]]) -> None:
        several = [i for i, given in page.items() if len({verdict.label for verdict in given}) > 1]
        self._page = examples.page(self._db, several)

    def of(self, example_id: int) -> Fields:
        example = self._page.get(example_id)
        return {} if example is None else example.fields
