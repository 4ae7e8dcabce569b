"""The table itself: fixed row heights, whole rows, keyboard, and a selection read by ranges."""

from __future__ import annotations

import csv
import io
from array import array
from itertools import islice
from typing import TYPE_CHECKING

from PySide6.QtCore import QItemSelection, QItemSelectionModel, Qt, Signal
from PySide6.QtGui import QColor, QKeySequence, QPainter
from PySide6.QtWidgets import QAbstractItemView, QApplication, QHeaderView, QTableView, QWidget
from typing_extensions import override

from dsbs_gui.kit.record_table.delegate import RecordDelegate
from dsbs_gui.kit.record_table.model import Index, RecordTableModel
from dsbs_gui.kit.theme.apply import current

if TYPE_CHECKING:
    from collections.abc import Iterable

    from PySide6.QtCore import QEvent
    from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPaintEvent

_COPIED_ROWS = 1000
_RETURN = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class RecordTable(QTableView):
    """Shows a RecordTableModel; `name` is read by screen readers.

    Signals (ids are Python ints):
        row_activated(id): Return or a double click.
        current_changed(id or None): another row became the current one.
        selected_changed(int): so many rows are selected now.
        sort_asked(key, descending): the title of a sortable column was clicked.
    """

    row_activated = Signal(object)
    current_changed = Signal(object)
    selected_changed = Signal(int)
    sort_asked = Signal(str, bool)

    def __init__(self, model: RecordTableModel, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self._records = model
        self._kept: tuple[int, int] | None = None
        self._anchor: int | None = None
        self._sort = ("", False)
        self._build()
        # Before setModel, so that the id is read while the old rows are still there.
        model.modelAboutToBeReset.connect(self._keep_current)
        self.setModel(model)
        model.modelReset.connect(self._restore_current)
        self._own_header_selection()
        self._delegate = RecordDelegate(model, self)
        self.setItemDelegate(self._delegate)
        self._size_columns()
        self.doubleClicked.connect(lambda index: self.row_activated.emit(model.id_at(index.row())))
        self.entered.connect(lambda index: self._hover(index.row()))
        self.horizontalHeader().sectionClicked.connect(self._on_title_clicked)

    def _build(self) -> None:
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setCornerButtonEnabled(False)
        self.setMouseTracking(True)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        # Each point is painted by ``paintEvent``: then Qt moves what is on the screen and asks for the new rows only.
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        rows, titles = self.verticalHeader(), self.horizontalHeader()
        rows.hide()
        size = current().size
        two = any(column.lines == 2 for column in self._records.columns)
        # Never ResizeToContents: it would ask each row of a million.
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setDefaultSectionSize(size.row_two_lines if two else size.row)
        titles.setHighlightSections(False)
        titles.setTextElideMode(Qt.TextElideMode.ElideRight)
        titles.setFixedHeight(size.row)
        titles.setMinimumSectionSize(size.row)

    def _own_header_selection(self) -> None:
        # With the shared selection model the header asks each cell after Ctrl+A: 14 to 47 s in a million rows.
        self._header_selection = QItemSelectionModel(self._records, self)
        self.horizontalHeader().setSelectionModel(self._header_selection)
        # A press on a title would select the column, that is each row.
        self.horizontalHeader().sectionPressed.disconnect()

    def _size_columns(self) -> None:
        titles = self.horizontalHeader()
        for index, column in enumerate(self._records.columns):
            mode = QHeaderView.ResizeMode
            titles.setSectionResizeMode(index, mode.Stretch if column.stretch else mode.Interactive)
            if not column.stretch:
                titles.resizeSection(index, column.width)

    def selected_ids(self) -> array[int]:
        """Ids of the selected rows in the order shown; 5 ms for a million."""
        ids, ranges = self._records.ids(), self.selected_ranges()
        if len(ranges) == 1:  # a million are copied once
            return ids[ranges[0][0] : ranges[0][1] + 1]
        chosen = array("q")
        for top, bottom in ranges:
            chosen.extend(ids[top : bottom + 1])
        return chosen

    def selected_count(self) -> int:
        """How many rows are selected."""
        return sum(bottom - top + 1 for top, bottom in self.selected_ranges())

    def selected_ranges(self) -> list[tuple[int, int]]:
        """Disjoint ranges of rows, ascending. Never `selectedRows()`, which takes seconds."""
        ranges: list[tuple[int, int]] = []
        for top, bottom in sorted((r.top(), r.bottom()) for r in self.selectionModel().selection().toList()):
            if ranges and top <= ranges[-1][1] + 1:
                ranges[-1] = (ranges[-1][0], max(ranges[-1][1], bottom))
            else:
                ranges.append((top, bottom))
        return ranges

    def select_ranges(self, ranges: Iterable[tuple[int, int]]) -> None:
        """Select exactly these rows, from and to inclusive; the current row and the place stay."""
        last, selection = self._records.columnCount() - 1, QItemSelection()
        for top, bottom in ranges:
            selection.select(self._records.index(top, 0), self._records.index(bottom, last))
        flag = QItemSelectionModel.SelectionFlag
        self.selectionModel().select(selection, flag.ClearAndSelect | flag.Rows)

    def current_id(self) -> int | None:
        """The id of the current row, None if there is none."""
        index = self.currentIndex()
        return self._records.id_at(index.row()) if index.isValid() else None

    def set_current_id(self, id: int) -> bool:
        """Go to a row, select it and scroll to it; False if the id is not shown."""
        row = self._records.row_of(id)
        if row is None:
            return False
        self._go_to_row(row)
        return True

    def move_current(self, step: int) -> None:
        """Go so many rows down (or up, if negative), stopping at the ends."""
        count = self._records.rowCount()
        if count:
            self._go_to_row(max(0, min(count - 1, self.currentIndex().row() + step)))

    def set_sort_shown(self, key: str, descending: bool) -> None:
        """Show the arrow of the order in force."""
        self._sort = (key, descending)
        titles = self.horizontalHeader()
        keys = [column.key for column in self._records.columns]
        titles.setSortIndicatorShown(key in keys)
        if key in keys:
            order = Qt.SortOrder.DescendingOrder if descending else Qt.SortOrder.AscendingOrder
            titles.setSortIndicator(keys.index(key), order)

    def _go_to_row(self, row: int, extend: bool = False) -> None:
        index = self._records.index(row, max(0, self.currentIndex().column()))
        flag = QItemSelectionModel.SelectionFlag
        if extend:
            anchor = self.currentIndex().row() if self._anchor is None else self._anchor
            self._anchor = anchor
            block = QItemSelection(self._records.index(min(anchor, row), 0), self._records.index(max(anchor, row), 0))
            self.selectionModel().select(block, flag.ClearAndSelect | flag.Rows)
            self.selectionModel().setCurrentIndex(index, flag.NoUpdate)
        else:
            self._anchor = None
            self.selectionModel().setCurrentIndex(index, flag.ClearAndSelect | flag.Rows)
        self.scrollTo(index)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        painter.fillRect(event.rect(), QColor(current().surface))
        painter.end()
        super().paintEvent(event)

    def _hover(self, row: int) -> None:
        """Qt marks the cell under the pointer only; here the whole row is one thing."""
        for changed in {self._delegate.hovered_row, row} - {-1}:
            top = self.rowViewportPosition(changed)
            self.viewport().update(0, top, self.viewport().width(), self.rowHeight(changed))
        self._delegate.hovered_row = row

    def copy_selected(self) -> None:
        """Put the texts of the selected rows (the first thousand) on the clipboard, whole, parted by tabs."""
        out = io.StringIO()
        writer = csv.writer(out, delimiter="\t", lineterminator="\n")
        rows = (row for top, bottom in self.selected_ranges() for row in range(top, bottom + 1))
        for row in islice(rows, _COPIED_ROWS):
            record = self._records.record(row)
            if record is not None:
                writer.writerow([column.text(record) for column in self._records.columns])
        QApplication.clipboard().setText(out.getvalue())

    def _keep_current(self) -> None:
        index = self.currentIndex()
        self._kept = (self._records.id_at(index.row()), index.row()) if index.isValid() else None

    def _restore_current(self) -> None:
        kept, self._kept = self._kept, None
        count = self._records.rowCount()
        if kept is None or not count:
            self.current_changed.emit(None)
            self.selected_changed.emit(0)
            return
        row = self._records.row_of(kept[0])
        # A row that left the filter hands over to the one that took its place.
        self._go_to_row(min(kept[1], count - 1) if row is None else row)

    def _on_title_clicked(self, section: int) -> None:
        column = self._records.columns[section]
        if column.sortable:
            descending = self._sort == (column.key, False)
            self.set_sort_shown(column.key, descending)
            self.sort_asked.emit(column.key, descending)
        else:
            # The header has moved its arrow by itself.
            self.set_sort_shown(*self._sort)

    @override
    def currentChanged(self, current: Index, previous: Index) -> None:
        super().currentChanged(current, previous)
        if current.row() != previous.row():
            self.current_changed.emit(self._records.id_at(current.row()) if current.isValid() else None)

    @override
    def selectionChanged(self, selected: QItemSelection, deselected: QItemSelection) -> None:
        super().selectionChanged(selected, deselected)
        self.selected_changed.emit(self.selected_count())

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        count, shift = self._records.rowCount(), bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy_selected()
        elif event.key() in _RETURN and self.current_id() is not None:
            self.row_activated.emit(self.current_id())
        elif event.key() == Qt.Key.Key_Home and count:
            self._go_to_row(0, shift)
        elif event.key() == Qt.Key.Key_End and count:
            self._go_to_row(count - 1, shift)
        elif event.text() and event.text().isprintable() and not event.modifiers():
            # Letters are the page's keys; Qt's search by typing would read a million rows.
            event.ignore()
        else:
            self._anchor = None if not shift else self._anchor
            super().keyPressEvent(event)

    @override
    def keyboardSearch(self, search: str) -> None:
        return

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._anchor = None
        super().mousePressEvent(event)

    @override
    def leaveEvent(self, event: QEvent) -> None:
        self._hover(-1)
        super().leaveEvent(event)

    @override
    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        by_keys = event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)
        if by_keys and not self.currentIndex().isValid() and self._records.rowCount():
            self._go_to_row(0)
