"""The table model: a vector of ids, and records fetched by page when they are painted."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any, NamedTuple

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from typing_extensions import override

from dsbs_gui.kit.record_table.column import Column, Mark
from dsbs_gui.kit.record_table.page_cache import FetchPage, PageCache
from dsbs_gui.kit.theme.tokens import Tone
from dsbs_gui.kit.words import tooltip, visible

CELL_CHARACTERS = 300
TOOLTIP_CHARACTERS = 2000
ID_ROLE = Qt.ItemDataRole.UserRole

Index = QModelIndex | QPersistentModelIndex
ALIGNMENT = {
    "left": Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter,
    "right": Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter,
    "center": Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignVCenter,
}
_NOWHERE = QModelIndex()


class Painted(NamedTuple):
    """What is seen in a cell."""

    text: str
    marks: tuple[Mark, ...]
    tone: Tone


class RecordTableModel(QAbstractTableModel):
    """Shows records that live elsewhere. GUI thread only.

    Args:
        columns: what is shown.
        fetch_page: gives the records of at most 128 ids as a dict by id; ids that no longer exist are left out
            and show as empty rows. It should take a millisecond, for it runs while painting.
    """

    def __init__(self, columns: Sequence[Column], fetch_page: FetchPage, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.columns = tuple(columns)
        self._cache = PageCache(fetch_page)

    def set_ids(self, ids: array[int]) -> None:
        """Show these ids (`array('q')`) in this order; a filter or an order is a new vector."""
        self.beginResetModel()
        self._cache.set_ids(ids)
        self.endResetModel()

    def ids(self) -> array[int]:
        """The ids in the order shown; do not change."""
        return self._cache.ids

    def refresh(self, ids: Iterable[int]) -> None:
        """Fetch these records anew when they are next painted, and repaint only their rows."""
        rows = self._cache.forget(ids)
        last = len(self.columns) - 1
        # Neighbouring rows are announced together.
        for _, group in groupby(enumerate(rows), key=lambda pair: pair[1] - pair[0]):
            block = [row for _, row in group]
            self.dataChanged.emit(self.index(block[0], 0), self.index(block[-1], last))

    def refresh_all(self) -> None:
        """The same for all records, without naming a million of them."""
        self._cache.forget_all()
        if self._cache.ids:
            self.dataChanged.emit(self.index(0, 0), self.index(self.rowCount() - 1, len(self.columns) - 1))

    def id_at(self, row: int) -> int:
        """The id of a row. Raises: IndexError if there is no such row."""
        if row < 0:
            raise IndexError(row)
        return self._cache.ids[row]

    def row_of(self, id: int) -> int | None:
        """The row of an id, None if it is not shown; about 10 ms in a million rows."""
        try:
            return self._cache.ids.index(id)
        except ValueError:
            return None

    def record(self, row: int) -> Any | None:
        """The record of a row, fetched if need be; None if it no longer exists."""
        return self._cache.record(row)

    def painted(self, row: int, column: int) -> Painted | None:
        """What is painted in a cell, at once: asking for each role by an index costs more than the painting."""
        record = self._cache.record(row)
        if record is None:
            return None
        shown = self.columns[column]
        marks = tuple(shown.decoration(record)) if shown.decoration else ()
        return Painted(_text(shown, record), marks, shown.tone(record) if shown.tone else "text")

    @override
    def rowCount(self, parent: Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._cache.ids)

    @override
    def columnCount(self, parent: Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self.columns)

    @override
    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(self.columns):
            return None
        column = self.columns[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.title
        if role == Qt.ItemDataRole.ToolTipRole:
            return tooltip(column.title)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return int(ALIGNMENT[column.align])
        return None

    @override
    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or index.row() >= len(self._cache.ids):
            return None
        column = self.columns[index.column()]
        # These are asked for often and need no record.
        if role == ID_ROLE:
            return self._cache.ids[index.row()]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return int(ALIGNMENT[column.align])
        if role not in _RECORD_ROLES:
            return None
        record = self._cache.record(index.row())
        return None if record is None else _shown(column, record, role)


_RECORD_ROLES = frozenset(
    {
        int(Qt.ItemDataRole.DisplayRole),
        int(Qt.ItemDataRole.ToolTipRole),
        int(Qt.ItemDataRole.AccessibleTextRole),
    }
)


def _shown(column: Column, record: Any, role: int) -> Any:
    if role == Qt.ItemDataRole.DisplayRole:
        return _text(column, record)
    if role == Qt.ItemDataRole.ToolTipRole:
        return _tooltip(column, record)
    return _accessible(column, record)


def _text(column: Column, record: Any) -> str:
    return visible(column.text(record), CELL_CHARACTERS)


def _tooltip(column: Column, record: Any) -> str:
    text = column.tooltip(record) if column.tooltip else column.text(record)
    marks: Sequence[Mark] = column.decoration(record) if column.decoration else ()
    lines = [text[:TOOLTIP_CHARACTERS], *(mark.meaning for mark in marks)]
    return tooltip("\n".join(line for line in lines if line))


def _accessible(column: Column, record: Any) -> str:
    if column.accessible:
        return column.accessible(record)
    marks: Sequence[Mark] = column.decoration(record) if column.decoration else ()
    words = [_text(column, record), *(mark.meaning for mark in marks)]
    return f"{column.title}: {', '.join(word for word in words if word)}"
