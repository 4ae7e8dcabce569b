"""What the Training page shows: counts of the rows at hand, runs at a glance, lines to compare with.

Plain Python over the store; called in a background thread.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from dsbs_gui.core.store import agreement, policy, project_info, runs, training, training_rows
from dsbs_gui.core.store.connection import Reader
from dsbs_gui.core.store.runs import Run, RunWarning

from .course import Course, extended
from .data import HELD_OUT, REVIEWED, Counts
from .kept import newest_step
from .memory import Lengths, lengths_of

LEAST_TEACHER_ROWS = 20
MOST_WARNINGS = 3
BASELINES = ("finetune", "distill")
RESUMABLE = ("stopped", "failed", "interrupted")


@dataclass(frozen=True)
class RunView:
    """One run as a line of the list.

    Attributes:
        accuracy: the best on validation, over ``n`` rows; None before the first.
        best_step: of the student that is kept; 0 for none.
        course: the label loss over time.
        checkpoint: step of the newest checkpoint that it can go on from; 0 if there is none.
        resumable: whether it may go on from that; not once another run does, or has done so to its end.
    """

    run: Run
    accuracy: float | None
    n: int
    best_step: int
    course: Course
    checkpoint: int = 0
    resumable: bool = False

    @property
    def losses(self) -> list[float]:
        """The label loss over time, thinned."""
        return self.course.values()

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


@dataclass(frozen=True)
class Baseline:
    """The best validation accuracy of a baseline with the same student, and the run that has it."""

    method: str
    run_id: str
    accuracy: float


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


def lengths(db: Reader, labels: str, rows: str) -> Lengths | None:
    """How many tokens the rows have that would be learnt, as far as bytes tell; None without rows."""
    found = training_rows.lengths(db, labels, REVIEWED if rows == "reviewed" else ())
    return lengths_of(found) if found else None


def run_views(db: Reader, known: Mapping[str, RunView]) -> list[RunView]:
    """All training runs, newest first; one of ``known`` is taken over where nothing has happened to it."""
    found = []
    continued = runs.continued(db)
    for run in runs.all_runs(db, kind="train"):
        earlier = known.get(run.id)
        if earlier is None or (earlier.run.last_seq, earlier.run.state) != (run.last_seq, run.state):
            earlier = _view(db, run, earlier)
        elif earlier.run != run:  # moved in the queue, named, annotated
            earlier = replace(earlier, run=run)
        resumable = run.state in RESUMABLE and earlier.checkpoint > 0 and run.id not in continued
        found.append(earlier if earlier.resumable == resumable else replace(earlier, resumable=resumable))
    return found


def teacher_line(db: Reader) -> TeacherLine | None:
    """On the valid split where the teacher has answered enough of it, else on train; None if it has on neither."""
    for split in ("valid", "train"):
        answered = agreement.teacher_correct(db, split)
        if len(answered) >= LEAST_TEACHER_ROWS:
            return TeacherLine(split, sum(answered.values()) / len(answered))
    return None


def baselines(views: Sequence[RunView], shown: Collection[str]) -> list[Baseline]:
    """The best run of each standard baseline that is not among those shown, with the student of one of them."""
    students = {view.run.context.get("student") for view in views if view.id in shown}
    found = []
    for method in BASELINES:
        others = [
            Baseline(method, view.id, view.accuracy)
            for view in views
            if view.run.spec.get("method") == method and view.id not in shown and view.accuracy is not None
            and view.run.context.get("student") in students
        ]  # fmt: skip
        if others:
            found.append(max(others, key=lambda baseline: baseline.accuracy))
    return found


def warned(db: Reader) -> dict[str, RunWarning]:
    """``RUN NUMBER`` → one of the last few warnings of a run that is at work, oldest first."""
    found: dict[str, RunWarning] = {}
    for run in runs.all_runs(db, "train", runs.LIVE):
        told = list(enumerate(runs.warnings(db, run.id)))
        found |= {f"{run.id} {number}": warning for number, warning in told[-MOST_WARNINGS:]}
    return found


def _view(db: Reader, run: Run, earlier: RunView | None) -> RunView:
    best = max(training.scores(db, run.id), key=lambda e: (e.accuracy, e.step), default=None)
    kept = training.best_checkpoint(db, run.id)
    # Asked of the disk: the store keeps one checkpoint a step, and where that is the best student, says so instead.
    checkpoint = 0 if run.state in ("queued", "done") else newest_step(project_info.folder(db) / "runs" / run.id)
    return RunView(
        run,
        best.accuracy if best else None,
        best.n if best else 0,
        kept.step if kept else 0,
        extended(db, run.id, "label_loss", earlier.course if earlier is not None else Course()),
        checkpoint,
    )
