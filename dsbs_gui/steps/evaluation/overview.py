"""What the Evaluation page shows of a split. Plain Python over the store; called in a background thread."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dsbs_gui.core.store import agreement, examples, predictions, runs, training
from dsbs_gui.core.store.connection import Reader
from dsbs_gui.core.store.filters import Filter
from dsbs_gui.core.tasks import Task

from .comparison import TEACHER, compare
from .metrics import judged

MOST_FLIPPED = 500


@dataclass(frozen=True)
class StudentRow:
    """A trained student; ``figures`` as in ``metrics.report``, or None before it was asked.

    ``missing`` rows of the split with a gold label have no prediction of it: they came into the split since.
    """

    run_id: str
    number: int
    name: str
    figures: dict[str, Any] | None
    missing: int = 0


@dataclass(frozen=True)
class Overview:
    """One split.

    Attributes:
        rows: examples of the split; ``labelled`` of them have a gold label.
        students: newest first.
        comparison: of those that have predictions (``comparison.compare``); None without one.
        openings: how often the test split was opened.
    """

    split: str
    rows: int
    labelled: int
    students: list[StudentRow]
    comparison: dict[str, Any] | None
    openings: int

    @property
    def split_rows(self) -> str:
        """What one row of the split is called."""
        return "validation row" if self.split == "valid" else f"{self.split} row"

    def waiting(self) -> list[StudentRow]:
        """Students that have not been asked for every row yet."""
        return [student for student in self.students if student.figures is None or student.missing]

    def same_rows(self) -> bool:
        """Whether all who are compared have answered every row that can be judged."""
        return self.comparison is not None and all(row["n"] == self.labelled for row in self.comparison["rows"])

    def name_of(self, key: str) -> str:
        """What a run or the teacher is called."""
        if key == TEACHER:
            return "Teacher"
        return next((student.name for student in self.students if student.run_id == key), key)


@dataclass(frozen=True)
class Flipped:
    """An example that only one of two has right. ``b`` is empty where it is the teacher's."""

    example_id: int
    input: str
    gold: str
    a: str
    b: str
    a_right: bool


def overview(db: Reader, task: Task, split: str) -> Overview:
    """The students of this project on ``split``; a run that still trains has none to judge yet."""
    ended = runs.all_runs(db, "train", runs.ENDED)
    trained = [run for run in ended if training.best_checkpoint(db, run.id)]
    names = _names([(run.id, run.title) for run in trained])
    asked = set(predictions.evaluated(db, split))
    judgeable = [run.id for run in reversed(trained) if run.id in asked and judged(db, run.id, split)]
    said = {run_id: f"“{name}”" for run_id, name in names.items()} | {TEACHER: "the teacher"}
    found = compare(db, task, judgeable, split, said) if judgeable else None
    figures = {row["run"]: row for row in found["rows"]} if found else {}
    here = Filter(splits=(split,))
    rows = examples.count(db, here)
    labelled = rows - examples.counts(db, "label", here).get("", 0)
    students = [
        StudentRow(
            run.id,
            run.number,
            names[run.id],
            figures.get(run.id),
            labelled - figures[run.id]["n"] if run.id in figures else 0,
        )
        for run in trained
    ]
    return Overview(split, rows, labelled, students, found, len(predictions.openings(db)))


def flipped(db: Reader, a: str, b: str, split: str, most: int = MOST_FLIPPED) -> list[Flipped]:
    """Examples that only one of two students has right, those that only ``a`` has first. ``b`` may be the teacher."""
    first = {row.example_id: row for row in judged(db, a, split)}
    second = {row.example_id: row for row in judged(db, b, split)} if b != TEACHER else {}
    right = agreement.teacher_correct(db, split) if b == TEACHER else {i: row.correct for i, row in second.items()}
    known = examples.page(db, list(first))
    found = [
        Flipped(i, known[i].input, row.gold, row.prediction, second[i].prediction if i in second else "", row.correct)
        for i, row in first.items()
        if i in right and i in known and row.correct != right[i]
    ]
    return sorted(found, key=lambda item: not item.a_right)[:most]


def _names(titles: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Run → its title, with the run's id where two are called the same."""
    often = Counter(title for _, title in titles)
    return {run: title if often[title] == 1 else f"{title} ({run})" for run, title in titles}
