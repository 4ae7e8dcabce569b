"""What the Training page shows: counts of the rows at hand, runs at a glance, new points of curves.

Plain Python over the store; called in a background thread.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dsbs_gui.core.store import agreement, policy, project_info, runs, training, training_rows
from dsbs_gui.core.store.connection import Reader
from dsbs_gui.core.store.runs import Run, RunWarning

from .data import HELD_OUT, REVIEWED, Counts
from .kept import newest_step

LEAST_TEACHER_ROWS = 20
MOST_WARNINGS = 3
LOSSES = {"label_loss": "label loss", "rationale_loss": "rationale loss"}
RESUMABLE = ("stopped", "failed", "interrupted")


@dataclass(frozen=True)
class RunView:
    """One run as a line of the list.

    Attributes:
        accuracy: the best on validation.
        losses: the label loss over time.
        checkpoint: step of the newest checkpoint that it can go on from; 0 if there is none.
    """

    run: Run
    accuracy: float | None
    n: int
    best_step: int
    losses: list[float]
    resumable: bool
    checkpoint: int = 0

    @property
    def id(self) -> str:
        return self.run.id

    @property
    def lost_steps(self) -> int:
        """Steps that were done and have to be done again."""
        return max(0, self.run.done - self.checkpoint) if self.run.unit == "steps" else 0


@dataclass(frozen=True)
class TeacherLine:
    """The teacher's accuracy and the split it was measured on."""

    split: str
    accuracy: float


Points = tuple[Sequence[float], Sequence[float]]


def counts(db: Reader, labels: str, rows: str) -> Counts:
    """What :func:`~.data.collect` would find, without loading a row."""
    states = REVIEWED if rows == "reviewed" else ()
    rules = policy.of_project(db)
    tally = training_rows.tally(db, labels, states, rules)
    valid = training_rows.valid(db, labels)
    train = tally["train"]
    held_out = not valid and train >= 2 / HELD_OUT
    if held_out:
        valid = max(1, round(train * HELD_OUT))
        train -= valid
    return Counts(
        train,
        valid,
        held_out,
        tally["no_label"],
        training_rows.rationales(db, labels, states, rules),
        tally["rejected"],
        tally["conflicts"] if labels == "gold" else 0,
        tally["masked"],
        tally["dropped"],
    )


def run_views(db: Reader, known: Mapping[str, RunView]) -> list[RunView]:
    """All training runs, newest first; one of ``known`` is taken over where nothing has happened to it."""
    found = []
    for run in runs.all_runs(db, kind="train"):
        earlier = known.get(run.id)
        same = earlier is not None and (earlier.run.last_seq, earlier.run.state) == (run.last_seq, run.state)
        found.append(earlier if same and earlier is not None else _view(db, run))
    return found


def teacher_line(db: Reader) -> TeacherLine | None:
    """On the valid split where the teacher has answered enough of it, else on train; None if it has on neither."""
    for split in ("valid", "train"):
        answered = agreement.teacher_correct(db, split)
        if len(answered) >= LEAST_TEACHER_ROWS:
            return TeacherLine(split, sum(answered.values()) / len(answered))
    return None


def new_points(db: Reader, run_id: str, after: Mapping[str, float]) -> dict[str, Points]:
    """Points behind the last ones drawn, by ``label_loss``, ``rationale_loss`` and ``accuracy``."""
    found: dict[str, Points] = {}
    for name in LOSSES:
        steps, values = training.series(db, run_id, name, int(after.get(name, -1)))
        if steps:
            found[name] = (steps, values)
    evaluated = [e for e in training.evaluations(db, run_id) if e.step > after.get("accuracy", -1)]
    if evaluated:
        found["accuracy"] = ([e.step for e in evaluated], [e.accuracy for e in evaluated])
    return found


def samples(db: Reader, run_id: str) -> tuple[int, list[dict[str, Any]]]:
    """Step and answers of the last validation; (0, []) before the first."""
    evaluated = training.evaluations(db, run_id)
    return (evaluated[-1].step, evaluated[-1].samples) if evaluated else (0, [])


def warned(db: Reader) -> dict[str, RunWarning]:
    """``RUN NUMBER`` → one of the last few warnings of a run that is at work, oldest first."""
    found: dict[str, RunWarning] = {}
    for run in runs.all_runs(db, "train", runs.LIVE):
        told = list(enumerate(runs.warnings(db, run.id)))
        found |= {f"{run.id} {number}": warning for number, warning in told[-MOST_WARNINGS:]}
    return found


def _view(db: Reader, run: Run) -> RunView:
    best = max(training.evaluations(db, run.id), key=lambda e: (e.accuracy, e.step), default=None)
    _, losses = training.series(db, run.id, "label_loss")
    kept = training.best_checkpoint(db, run.id)
    # Asked of the disk: the store keeps one checkpoint a step, and where that is the best student, says so instead.
    checkpoint = 0 if run.state in ("queued", "done") else newest_step(project_info.folder(db) / "runs" / run.id)
    return RunView(
        run,
        best.accuracy if best else None,
        best.n if best else 0,
        kept.step if kept else 0,
        losses,
        run.state in RESUMABLE and checkpoint > 0,
        checkpoint,
    )
