"""How good a student's predictions on a split are. Plain Python over the store."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dsbs_gui.core.errors import UserError
from dsbs_gui.core.statistics import wilson
from dsbs_gui.core.store import examples, predictions
from dsbs_gui.core.store.connection import Reader
from dsbs_gui.core.tasks import Fields, Task


@dataclass(frozen=True)
class Judged:
    """A prediction beside the gold label of its example."""

    example_id: int
    prediction: str
    gold: str
    fields: Fields
    correct: bool


def judged(db: Reader, run_id: str, split: str) -> list[Judged]:
    """The predictions of a student on rows of ``split`` that have a gold label, in example order. [] if there are none.

    A row that was put into another split since is left out: others are not asked it any more.
    """
    found = [p for p in predictions.of_run(db, run_id, split) if p.correct is not None]
    known = examples.page(db, [p.example_id for p in found])
    rows = ((p, known.get(p.example_id)) for p in found)
    return [
        Judged(p.example_id, p.prediction, e.label or "", e.fields, bool(p.correct))
        for p, e in rows
        if e is not None and e.split == split
    ]


def report(db: Reader, task: Task, run_id: str, split: str = "test") -> dict[str, Any]:
    """What ``dsbs evaluate`` prints.

    Returns:
        ``{"n", "accuracy", "ci": [low, high], "macro_f1", "invalid"}``: fractions; the interval is Wilson's at
        95 %; ``invalid`` is the part of predictions that cannot be a label at all.
    Raises: UserError if there are no predictions, or no gold labels to judge them by.
    """
    rows = judged(db, run_id, split)
    if not rows:
        raise UserError(
            f"There are no judged predictions of {run_id} on {split}.",
            f"Run “dsbs evaluate … {run_id} --split {split}”; the split needs gold labels.",
        )
    return summary(rows, task)


def summary(rows: Sequence[Judged], task: Task) -> dict[str, Any]:
    """Figures of at least one judged prediction."""
    correct = sum(row.correct for row in rows)
    invalid = sum(is_invalid(row, task) for row in rows)
    return {
        "n": len(rows),
        "accuracy": correct / len(rows),
        "ci": list(wilson(correct, len(rows))),
        "macro_f1": macro_f1(rows, task),
        "invalid": invalid / len(rows),
    }


def is_invalid(row: Judged, task: Task) -> bool:
    """Whether the text cannot be an answer to its example, whatever is right."""
    return not row.prediction.strip() or task.label_problem(row.fields, row.prediction) is not None


def macro_f1(rows: Sequence[Judged], task: Task) -> float:
    """F1 averaged over the labels that occur as gold labels, each counting the same.

    Says little where labels are open (a number, a choice's text): there each answer is a label of its own.
    """
    gold = Counter(task.canonical(row.gold, row.fields) for row in rows)
    hit = Counter(task.canonical(row.gold, row.fields) for row in rows if row.correct)
    said: Counter[str] = Counter()
    for row in rows:
        # A prediction that counts as right also counts as its gold label, however it is spelt.
        said[task.canonical(row.gold if row.correct else row.prediction, row.fields)] += 1
    return sum(2 * hit[label] / (n + said[label]) for label, n in gold.items()) / len(gold)


def majority(rows: Sequence[Judged], task: Task) -> float:
    """Accuracy of always giving the commonest gold label of these rows: the least that a student should beat."""
    counts = Counter(task.canonical(row.gold, row.fields) for row in rows)
    return counts.most_common(1)[0][1] / len(rows)
