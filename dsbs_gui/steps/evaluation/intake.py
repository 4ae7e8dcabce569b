"""What the owner keeps of a prediction job: predictions, judged here, where the labels are. Store thread only.

Predictions come longest input first, so that half a split says nothing about the whole: they are taken when the last
one is there, all in one transaction. Until then what was predicted before stands.
"""

from __future__ import annotations

import getpass
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from dsbs_gui.core.jobs.folder import RunFolder
from dsbs_gui.core.jobs.tail import Tail
from dsbs_gui.core.protocol import Event, Finished, Predicted, Started
from dsbs_gui.core.store import examples, predictions, project_info
from dsbs_gui.core.store.database import Transaction
from dsbs_gui.core.store.predictions import Prediction
from dsbs_gui.core.store.runs import Run
from dsbs_gui.core.tasks import task_named


def take(tx: Transaction, run: Run, event: Event) -> None:
    """Store what one message brings. Starting on the test split counts as opening it."""
    student, split = str(run.context["student"]), str(run.context["split"])
    match event.message:
        case Started() if split == "test":
            predictions.record_opening(tx, student, _who())
        case Finished(status="done"):
            rows = list(_predicted(RunFolder(project_info.folder(tx) / "runs" / run.id)))
            predictions.clear(tx, student, split)
            predictions.put(tx, _judge(tx, student, split, rows))


def _predicted(folder: RunFolder) -> Iterator[Mapping[str, Any]]:
    """Everything that the worker has said of the split."""
    said = Tail(folder.events)
    while events := said.read():
        for event in events:
            if isinstance(event.message, Predicted):
                yield from event.message.rows


def _judge(tx: Transaction, student: str, split: str, rows: Sequence[Mapping[str, Any]]) -> Iterator[Prediction]:
    task = task_named(str(project_info.get(tx, "task", "text")))
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
