"""What the owner keeps of a prediction job: predictions, judged here, where the labels are. Store thread only."""

from __future__ import annotations

import getpass
from collections.abc import Iterable, Mapping
from typing import Any

from dsbs_gui.core.protocol import Event, Failed, Finished, Predicted, Started
from dsbs_gui.core.store import examples, predictions, project_info
from dsbs_gui.core.store.database import Transaction
from dsbs_gui.core.store.predictions import Prediction
from dsbs_gui.core.store.runs import Run
from dsbs_gui.core.tasks import task_named


def take(tx: Transaction, run: Run, event: Event) -> None:
    """Store one message. Starting on the test split counts as opening it; half a split is not kept."""
    student, split = str(run.context["student"]), str(run.context["split"])
    match event.message:
        case Started():
            predictions.clear(tx, student, split)
            if split == "test":
                predictions.record_opening(tx, student, _who())
        case Predicted(rows=rows):
            predictions.put(tx, list(_judge(tx, student, split, rows)))
        case Failed() | Finished(status="stopped"):
            predictions.clear(tx, student, split)


def _judge(tx: Transaction, student: str, split: str, rows: Iterable[Mapping[str, Any]]) -> Iterable[Prediction]:
    task = task_named(str(project_info.get(tx, "task", "text")))
    rows = list(rows)
    known = examples.page(tx, [row["example_id"] for row in rows])
    for row in rows:
        example = known.get(row["example_id"])
        if example is not None:
            correct = task.same(row["prediction"], example.label, example.fields) if example.label else None
            yield Prediction(student, split, example.id, row["prediction"], row.get("rationale"), correct)


def _who() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):  # no name for this user id, as in some containers
        return "unknown"
