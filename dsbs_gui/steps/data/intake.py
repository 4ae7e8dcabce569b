"""What the project keeps of an import: examples, rejected rows, and the answers that came with the file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dsbs_gui.core.protocol import Finished, RowsRead, RowsRejected
from dsbs_gui.core.store import answers, examples, imports, project_info, runs
from dsbs_gui.core.store.answers import NewAnswer
from dsbs_gui.core.store.imports import RejectedRow
from dsbs_gui.core.tasks import Task, task_named

from . import chunks

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
    """All rows of a chunk or none: one that is damaged raises, and the transaction is rolled back."""
    import_id = _import_of(tx, run)
    path = project_info.folder(tx) / "runs" / run.id / Path(message.chunk).name
    task, split = task_named(str(run.spec["task"])), str(run.spec["split"])
    imported = duplicates = blank = 0
    for rows in chunks.read(path, message.rows):
        added, twins = examples.insert(tx, [row[:6] for row in rows], split=split, import_id=import_id)
        imported, duplicates = imported + len(added), duplicates + twins
        blank += sum(row[3] is None for row in rows)
        for example_id, row in zip(added, rows, strict=True):
            if row[6] is not None or row[7] is not None:
                for answer in _answers(run, example_id, row, task, parse):
                    answers.add(tx, answer)
    imports.count_up(tx, import_id, imported=imported, duplicates=duplicates, blank_labels=blank)


def _answers(run: Run, example_id: int, row: chunks.Row, task: Task, parse: Parse) -> list[NewAnswer]:
    """What the row brings of a teacher; the raw answer comes last and so is the one that stands."""
    _, fields, text, label, _, _, rationale, teacher = row
    found = []
    if rationale is not None:
        found.append(
            NewAnswer(
                example_id=example_id,
                run_id=run.id,
                source=str(run.context.get("rationale_source", "import")),
                teacher=_author(run),
                raw=rationale,
                sample=RATIONALE_SAMPLE,
                rationale=rationale,
                label=label,
            )
        )
    if teacher is not None:
        parts = parse(teacher, task, chunks.fields_of(fields, text), label)
        found.append(
            NewAnswer(
                example_id=example_id,
                run_id=run.id,
                source="import",
                teacher=_author(run),
                raw=teacher,
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
    known = imports.summary(tx, run.id, labels=message.summary.get("labels"))
    counted = {name: known[name] for name in ("duplicates", "labels")}
    summary = {**message.summary, **counted, "sha256": str(run.context.get("sha256", ""))}
    runs.set_summary(tx, run.id, summary)
