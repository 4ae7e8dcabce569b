"""What the project keeps of an import: examples, rejected rows, and the answers that came with the file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dsbs_gui.core.files import read_jsonl
from dsbs_gui.core.protocol import Finished, RowsRead, RowsRejected
from dsbs_gui.core.store import answers, examples, imports, project_info, runs
from dsbs_gui.core.store.answers import NewAnswer
from dsbs_gui.core.store.imports import RejectedRow
from dsbs_gui.core.tasks import Task, task_named

if TYPE_CHECKING:
    from dsbs_gui.core.jobs.follower import Intake
    from dsbs_gui.core.protocol import Event
    from dsbs_gui.core.store.database import Transaction
    from dsbs_gui.core.store.runs import Run

Parse = Callable[[str, Task, Mapping[str, Any], "str | None"], dict[str, Any]]
"""Raw answer, task, fields and gold label → the parsed parts of a ``NewAnswer``."""

TEACHER_SAMPLE, RATIONALE_SAMPLE = 0, 1


def make(parse: Parse) -> Intake:
    """The intake of import runs.

    Args:
        parse: reads raw teacher answers; injected, because it belongs to another step.
    """

    def take(tx: Transaction, run: Run, event: Event) -> None:
        message = event.message
        if isinstance(message, RowsRead):
            _take_rows(tx, run, message, parse)
        elif isinstance(message, RowsRejected):
            rejected = (RejectedRow(int(r["line"]), str(r["reason"]), str(r["excerpt"])) for r in message.rows)
            imports.reject(tx, _import_of(tx, run), rejected)
        elif isinstance(message, Finished):
            _finish(tx, run, message)

    return take


def _import_of(tx: Transaction, run: Run) -> int:
    context = run.context
    mapping = {name: str(column) for name, column in context.get("mapping", {}).items()}
    return imports.start(
        tx, run.id, str(context["source"]), str(run.spec["split"]), mapping, context.get("sha256") or None
    )


def _take_rows(tx: Transaction, run: Run, message: RowsRead, parse: Parse) -> None:
    import_id = _import_of(tx, run)
    folder = project_info.folder(tx) / "runs" / run.id
    rows = list(read_jsonl(folder / Path(message.chunk).name))
    added, duplicates = examples.add(tx, rows, split=str(run.spec["split"]), import_id=import_id)
    blank = sum(row["label"] is None for row in rows)
    imports.count_up(tx, import_id, imported=len(added), duplicates=duplicates, blank_labels=blank)
    task = task_named(str(run.spec["task"]))
    for example_id, row in zip(added, rows, strict=True):
        for answer in _answers(run, example_id, row, task, parse):
            answers.add(tx, answer)


def _answers(run: Run, example_id: int, row: Mapping[str, Any], task: Task, parse: Parse) -> list[NewAnswer]:
    """What the row brings of a teacher; the raw answer comes last and so is the one that stands."""
    found = []
    if row["rationale"] is not None:
        found.append(
            NewAnswer(
                example_id=example_id,
                run_id=run.id,
                source=str(run.context.get("rationale_source", "import")),
                teacher=_author(run),
                raw=row["rationale"],
                sample=RATIONALE_SAMPLE,
                rationale=row["rationale"],
                label=row["label"],
            )
        )
    if row["teacher"] is not None:
        parts = parse(row["teacher"], task, row["fields"], row["label"])
        found.append(
            NewAnswer(
                example_id=example_id,
                run_id=run.id,
                source="import",
                teacher=_author(run),
                raw=row["teacher"],
                sample=TEACHER_SAMPLE,
                **parts,
            )
        )
    return found


def _author(run: Run) -> str:
    """Nobody says who wrote a column, so the file stands for its author."""
    return str(run.context.get("author") or Path(str(run.context["source"])).name)


def _finish(tx: Transaction, run: Run, message: Finished) -> None:
    _import_of(tx, run)  # also an import that took nothing is remembered
    known = imports.summary(tx, run.id)
    summary = {**message.summary, "duplicates": known["duplicates"], "labels": known["labels"]}
    runs.set_summary(tx, run.id, summary)
