"""The Answers table: one row an example, one column a teacher; its columns follow the teachers there are."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedLayout, QWidget
from typing_extensions import override

from dsbs_gui.kit.empty_state import EmptyState
from dsbs_gui.kit.record_table.model import RecordTableModel
from dsbs_gui.kit.record_table.view import RecordTable

from .answer_columns import MOST_TEACHERS, NARROWEST, WIDEST, columns

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from PySide6.QtGui import QResizeEvent

    from dsbs_gui.kit.record_table.page_cache import FetchPage

_SHARES = 5


class AnswerTable(QWidget):
    """Signals as of ``RecordTable``; the table behind them is made anew when there is another teacher.

    Attributes: `teachers`, in the order of the columns; `model` and `view` of the moment.
    """

    current_changed = Signal(object)
    selected_changed = Signal(int)

    def __init__(self, fetch: FetchPage, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._fetch = fetch
        self.teachers: tuple[str, ...] = ()
        self.none = EmptyState("funnel", "No such row", "No row is of this kind now. Choose another kind above.")
        self._stack = QStackedLayout(self)
        self._make()
        self._stack.addWidget(self.none)

    def set_teachers(self, teachers: Sequence[str]) -> None:
        """Show a column for each of them."""
        if tuple(teachers) == self.teachers:
            return
        self.teachers = tuple(teachers)
        kept, ids = self.view.current_id(), array("q", self.model.ids())
        old = self.view
        self._make()
        self._stack.removeWidget(old)
        old.deleteLater()
        self.model.set_ids(ids)
        self._share_out()
        if kept is not None:
            self.view.set_current_id(kept)

    def show_ids(self, ids: array[int]) -> None:
        """Show these rows; the current one stays if it is among them."""
        if ids != self.model.ids():
            self.model.set_ids(array("q", ids))
        if ids and not self.view.currentIndex().isValid():
            self.view.set_current_id(ids[0])
        self._stack.setCurrentWidget(self.view if ids else self.none)

    def refresh(self, ids: Iterable[int] | None) -> None:
        """Rows have changed; None: any."""
        self.model.refresh(self.model.ids() if ids is None else ids)

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._share_out()

    def _share_out(self) -> None:
        """A wide table gives the teachers more room."""
        titles, first = self.view.horizontalHeader(), len(self.model.columns) - len(self.teachers[:MOST_TEACHERS])
        width = max(NARROWEST, min(WIDEST, self.width() // _SHARES))
        for index in range(first, len(self.model.columns)):
            titles.resizeSection(index, width)

    def _make(self) -> None:
        self.model = RecordTableModel(columns(self.teachers), self._fetch, self)
        self.view = RecordTable(self.model, "Rows and what each teacher says of them")
        self.view.current_changed.connect(self.current_changed)
        self.view.selected_changed.connect(self.selected_changed)
        self._stack.insertWidget(0, self.view)
        self._stack.setCurrentWidget(self.view)
