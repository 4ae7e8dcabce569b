"""What the Export page shows: students that can be taken away, earlier exports, and rows to choose from. No Qt."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dsbs_gui.core.store import examples, exports, runs, training
from dsbs_gui.core.store.filters import Filter

if TYPE_CHECKING:
    from dsbs_gui.core.store.connection import Reader
    from dsbs_gui.core.store.exports import Export


@dataclass(frozen=True)
class Candidate:
    """A training run that has a student.

    Attributes:
        accuracy: on the validation rows, as a fraction; None if it was not measured.
    """

    run_id: str
    title: str
    created: float
    accuracy: float | None


@dataclass(frozen=True)
class Overview:
    """``states`` and ``splits`` count all rows of the project."""

    students: tuple[Candidate, ...] = ()
    exports: tuple[Export, ...] = ()
    states: dict[str, int] = field(default_factory=dict)
    splits: dict[str, int] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        return sum(self.splits.values())


def overview(db: Reader) -> Overview:
    """Everything at once; any thread."""
    return Overview(
        students=tuple(_students(db)),
        exports=tuple(exports.all_exports(db)),
        states=examples.counts(db, "state"),
        splits=examples.counts(db, "split"),
    )


def chosen_rows(db: Reader, states: tuple[str, ...], splits: tuple[str, ...]) -> int:
    """How many rows a data export with these choices would have."""
    return examples.count(db, Filter(splits=splits, states=states))


def _students(db: Reader) -> list[Candidate]:
    """Ended runs that left a student, newest first."""
    found = []
    for run in runs.all_runs(db, "train", runs.ENDED):
        if training.best_checkpoint(db, run.id):
            accuracy = run.summary.get("valid_accuracy")
            shown = float(accuracy) if isinstance(accuracy, int | float) else None
            found.append(Candidate(run.id, run.title, run.created, shown))
    return found
