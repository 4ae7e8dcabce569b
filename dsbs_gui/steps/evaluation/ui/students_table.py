"""The table of trained students with their figures on a split."""

from __future__ import annotations

import math
from array import array
from collections.abc import Sequence
from typing import Any

from dsbs_gui.kit.record_table.column import Column, Mark
from dsbs_gui.kit.record_table.model import RecordTableModel
from dsbs_gui.kit.record_table.view import RecordTable
from dsbs_gui.kit.theme.apply import current
from dsbs_gui.kit.words import UNKNOWN, count, percent, plural
from dsbs_gui.steps.evaluation.overview import StudentRow

_MOST_IN_SIGHT = 8


class StudentsTable(RecordTable):
    """Rows are ``StudentRow``s by the number of their run."""

    def __init__(self) -> None:
        self._students: dict[int, StudentRow] = {}
        self.records = RecordTableModel(_columns(), self._fetch)
        super().__init__(self.records, "Students")

    def show_students(self, students: Sequence[StudentRow]) -> None:
        """Replace the rows; the table is as high as they need, up to a limit."""
        self._students = {student.number: student for student in students}
        self.records.set_ids(array("q", self._students))
        size = current().size
        rows = min(max(2, len(students)), _MOST_IN_SIGHT)
        self.setFixedHeight(rows * size.row + size.row + 4)

    def _fetch(self, ids: Sequence[int]) -> dict[int, StudentRow]:
        return {i: self._students[i] for i in ids if i in self._students}


def _columns() -> list[Column]:
    return [
        Column("name", "Student", lambda s: s.name, stretch=True, width=220),
        Column("state", "State", _state, width=130, decoration=_state_mark),
        Column("n", "Rows", lambda s: _figure(s, "n"), width=70, align="right"),
        Column("accuracy", "Accuracy", lambda s: _figure(s, "accuracy"), width=90, align="right"),
        Column("macro_f1", "Macro-F1", lambda s: _figure(s, "macro_f1"), width=90, align="right"),
        Column("invalid", "No label", lambda s: _figure(s, "invalid"), width=90, align="right"),
    ]


def _state(student: StudentRow) -> str:
    if student.figures is None:
        return "not asked yet"
    return f"{plural(student.missing, 'row')} to ask" if student.missing else "evaluated"


def _state_mark(student: StudentRow) -> list[Mark]:
    return [Mark("muted" if student.figures is None else "attention" if student.missing else "good")]


def _figure(student: StudentRow, name: str) -> str:
    value: Any = (student.figures or {}).get(name, math.nan)
    if name == "n":
        return count(value) if isinstance(value, int) else UNKNOWN
    return percent(float(value))
