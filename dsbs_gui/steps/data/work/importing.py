"""The job *import*: reads a dataset row by row, lists bad rows and hands good ones over in chunk files.

Memory is bounded: one chunk of accepted rows at most, whatever the size of the file.
"""

from __future__ import annotations

import time
from collections import Counter
from contextlib import closing
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dsbs_gui.core.errors import UserError
from dsbs_gui.core.hashing import stamp
from dsbs_gui.core.protocol import Emit, Finished, Progress, RowsRead, RowsRejected, ShouldStop, Warned
from dsbs_gui.core.tasks import Task, task_named
from dsbs_gui.steps.data import mapping
from dsbs_gui.steps.data.cells import Problem
from dsbs_gui.steps.data.shaping import Shaped, shaper
from dsbs_gui.steps.data.specs import ON_ERROR, ImportSpec

from .chunk_file import ChunkFile
from .json_rows import DuplicateKeys
from .opening import open_source
from .records import LOOK_AHEAD, BadRecord, Facts, Record, excerpt

if TYPE_CHECKING:
    from collections.abc import Iterator

MANY_LABELS, MOST_LABELS = 10_000, 50
"""So many different gold labels are counted here, and so many named; where there are more, the project counts."""

REJECTED_AT_A_TIME = 200
PROGRESS_EVERY_S = 0.25
STOP_CHECK_ROWS = 256
OPTIONAL = ("label", "rationale", "teacher", "id")


def run(spec: ImportSpec, emit: Emit, should_stop: ShouldStop) -> None:
    """Import ``spec.path``.

    Raises:
        UserError: if the file cannot be imported at all, or a row is bad and ``on_error`` is ``stop``.
        ResourceError: if the hub cannot be reached.
    """
    if spec.on_error not in ON_ERROR:
        raise UserError(f"There is no way “{spec.on_error}” to treat bad rows.", "Choose report or stop.")
    task = task_named(spec.task)
    emit(Progress("Opening", unit="rows"))
    with closing(open_source(spec)) as source:
        rows = iter(source)
        ahead = list(islice(rows, LOOK_AHEAD))
        _refuse_if_unreadable(ahead, Path(spec.path).name)
        columns = mapping.resolve(task, spec.mapping, source.facts.columns)
        importer = _Importer(spec, task, columns, source.facts, emit)
        stopped = importer.take_all(chain(ahead, rows), should_stop)
    importer.finish(stopped)


def _refuse_if_unreadable(ahead: list[Record | BadRecord], name: str) -> None:
    """A file of which nothing can be read is one clear error, not a list."""
    if not ahead:
        raise UserError(f"{name} holds no rows.", "Choose a file with at least one row.")
    if isinstance(ahead[-1], BadRecord) and not any(isinstance(row, Record) for row in ahead):
        bad = next(row for row in ahead if isinstance(row, BadRecord))
        if ahead[-1].last or len(ahead) == 1:
            raise UserError(
                f"{name} cannot be read: line {bad.line}: {bad.reason}", "Correct the file, or save it again."
            )


class _Importer:
    """Counts, chunks and messages of one import."""

    def __init__(self, spec: ImportSpec, task: Task, columns: dict[str, list[str]], facts: Facts, emit: Emit) -> None:
        self._spec = spec
        self._columns = columns
        self._known = frozenset(facts.columns)
        self._shape = shaper(columns, task)
        self._used = {column for names in columns.values() for column in names}
        self._facts = facts
        self._keys_may_repeat = facts.format.startswith("json")
        self._emit = emit
        self._chunk = ChunkFile(Path(spec.run_dir))
        self._held_back: list[RowsRead] = []
        self._rejected: list[dict[str, Any]] = []
        self._reasons: Counter[str] = Counter()
        self._respelt: Counter[tuple[str, str]] = Counter()
        self._labels: Counter[str] | None = Counter()
        self._imported = self._blank_labels = self._of_last_line = 0
        self._next_progress = 0.0

    def take_all(self, rows: Iterator[Record | BadRecord], should_stop: ShouldStop) -> bool:
        """Take every row; True if it was stopped before the end."""
        for number, row in enumerate(rows):
            if not number % STOP_CHECK_ROWS:
                if should_stop():
                    return True
                self._say_progress()
            self._take(row)
        return False

    def finish(self, stopped: bool) -> None:
        if self._spec.on_error == "stop" and stopped:
            self._imported, self._labels = 0, Counter()
        else:
            self._close_chunk()
            for message in self._held_back:
                self._emit(message)
        self._send_rejected()
        self._warn()
        if not self._imported and not stopped and self._reasons:
            reason, _ = self._reasons.most_common(1)[0]
            self._emit(Warned(f"No row was imported; the most frequent reason is {reason.replace('_', ' ')}."))
        self._emit(Finished("stopped" if stopped else "done", self._summary()))

    def _take(self, row: Record | BadRecord) -> None:
        if isinstance(row, BadRecord):
            self._reject(row)
            return
        if self._keys_may_repeat and (repeated := _repeated_key(row.values, self._used)):
            reason = f"The key “{repeated[:60]}” stands twice with different values."
            self._reject(BadRecord(row.line, "duplicate_key", reason, _row_excerpt(row)))
            return
        shaped = self._shape(row.values)
        if isinstance(shaped, Problem):
            self._reject(BadRecord(row.line, shaped.kind, shaped.reason, _row_excerpt(row)))
        elif self._is_new(row.line):
            self._accept(row.line, shaped)

    def _is_new(self, line: int) -> bool:
        """Whether the row is none of those that an import which was cut short took in."""
        if line != self._spec.after_line:
            return line > self._spec.after_line
        self._of_last_line += 1
        return self._of_last_line > self._spec.after_rows

    def _accept(self, line: int, shaped: Shaped) -> None:
        if shaped.respelt:
            self._respelt[shaped.respelt] += 1
        self._imported += 1
        if shaped.label is None:
            self._blank_labels += 1
        elif self._labels is not None:
            self._labels[shaped.label] += 1
            if len(self._labels) > MANY_LABELS:
                self._labels = None
        self._chunk.add(line, shaped)
        if self._chunk.full:
            self._close_chunk()

    def _reject(self, row: BadRecord) -> None:
        if self._spec.on_error == "stop":
            raise UserError(
                f"Line {row.line}: {row.reason}",
                "Nothing was imported. Correct the line, or import with --on-error report.",
            )
        self._reasons[row.kind] += 1
        self._rejected.append({"line": row.line, "reason": row.reason, "excerpt": row.excerpt})
        if row.last:
            self._emit(Warned(f"The file could not be read to its end: line {row.line}: {row.reason}"))
        if len(self._rejected) >= REJECTED_AT_A_TIME:
            self._send_rejected()

    def _send_rejected(self) -> None:
        if self._rejected:
            self._emit(RowsRejected(tuple(self._rejected)))
            self._rejected = []

    def _close_chunk(self) -> None:
        message = self._chunk.close()
        if message is None:
            return
        if self._spec.on_error == "stop":
            self._held_back.append(message)
        else:
            self._emit(message)

    def _say_progress(self) -> None:
        now = time.monotonic()
        if now < self._next_progress:
            return
        self._next_progress = now + PROGRESS_EVERY_S
        facts = self._facts
        bad = self._reasons.total()
        detail = f"{self._imported} rows" + (f", {bad} rejected" if bad else "")
        self._emit(Progress("Reading", facts.done, facts.total, facts.unit, detail))

    def _warn(self) -> None:
        for note in self._facts.notes:
            self._emit(Warned(note))
        for name, column in self._came_late():
            text = f"The column “{column[:60]}” came only after the first {LOOK_AHEAD} rows; it was not read as {name}."
            self._emit(Warned(text, "Give the first row all keys, then import the file into a new project."))
        for (before, after), times in self._respelt.most_common(10):
            meaning = f"read as “{after[:60]}”" if after else "taken for no label"
            self._emit(Warned(f"The label “{before[:60]}” was {meaning} in {times} {_rows(times)}."))
        if self._spec.stamp and stamp(Path(self._spec.path)) != self._spec.stamp:
            name = Path(self._spec.path).name
            self._emit(Warned(f"{name} was changed while it was imported.", "Check the rows, or import it again."))
        if self._blank_labels:
            self._emit(Warned(f"{self._blank_labels} {_rows(self._blank_labels)} came without a label."))

    def _came_late(self) -> Iterator[tuple[str, str]]:
        """Fields that would have been read, had the rows at the beginning of a JSON file had their columns."""
        for name, column in mapping.guess_fields(self._spec.task, self._facts.columns).items():
            if column not in self._known and name in OPTIONAL and name not in self._columns:
                yield name, column

    def _summary(self) -> dict[str, Any]:
        facts = self._facts
        return {
            "imported": self._imported,
            "rejected": self._reasons.total(),
            "reasons": dict(self._reasons.most_common()),
            "blank_labels": self._blank_labels,
            "format": facts.format,
            "encoding": facts.encoding,
            "delimiter": facts.delimiter,
            "columns": facts.columns[:200],
            "mapping": {name: names for name, names in self._columns.items()},
            "labels": None if self._labels is None else dict(self._labels.most_common(MOST_LABELS)),
        }


def _repeated_key(values: dict[str, Any], used: set[str]) -> str:
    """A mapped key, or one inside a mapped value, that the file gives twice with different values."""
    if isinstance(values, DuplicateKeys) and values.key in used:
        return values.key
    for column in used:
        value = values.get(column)
        if isinstance(value, DuplicateKeys):
            return value.key
    return ""


def _row_excerpt(row: Record) -> str:
    parts = (f"{name}: {value}" for name, value in row.values.items() if value not in (None, ""))
    return excerpt(" · ".join(islice(parts, 8)))


def _rows(number: int) -> str:
    return "row" if number == 1 else "rows"
