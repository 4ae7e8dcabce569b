"""Which rows the table shows: the id vector of a filter and an order, made off the window's thread.

The list does not move under the user's hands: what is decided stays in its row until the list is asked
for again, so that *Previous* and undo find it. Only rows that are added at the end come by themselves.
"""

from __future__ import annotations

from array import array
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from dsbs_gui.core.store import id_vectors
from dsbs_gui.core.store.cell_index import CellIndex
from dsbs_gui.core.store.filters import Filter

if TYPE_CHECKING:
    from collections.abc import Callable

    from dsbs_gui.core.project import Project
    from dsbs_gui.kit.bridge import Bridge
    from dsbs_gui.kit.record_table.model import RecordTableModel
    from dsbs_gui.kit.record_table.view import RecordTable

_PAINT_MS = 50


class Listing(QObject):
    """Fills a table's model.

    Signals:
        loaded: the vector asked for last is shown.
        outdated(bool): whether another vector would be shown if it were asked for now.
    """

    loaded = Signal()
    outdated = Signal(bool)

    def __init__(self, project: Project, bridge: Bridge, model: RecordTableModel, table: RecordTable) -> None:
        super().__init__(table)
        self._store, self._bridge, self._model, self._table = project.store, bridge, model, table
        self._index = CellIndex(project.store)
        self.destroyed.connect(self._index.close)
        self._warming = QTimer(self, singleShot=True, interval=_PAINT_MS)
        self._warming.timeout.connect(self._warm)
        self._generation = 0
        self._changes = self._seen = 0
        self._filter = Filter()
        self.order, self.descending = "id", False
        self.filter_shown: Filter | None = None
        """The filter whose rows are in the table; None before the first."""

    @property
    def filter(self) -> Filter:
        """What is to be shown; takes effect with ``reload``. With another queue comes its order."""
        return self._filter

    @filter.setter
    def filter(self, chosen: Filter) -> None:
        if chosen.queue != self._filter.queue:
            self.order, self.descending = "queue" if chosen.queue else "id", False
            self._table.set_sort_shown(self.order, self.descending)
        self._filter = chosen

    def show_order(self, order: str, descending: bool) -> None:
        """Show the same in another order."""
        self.order, self.descending = order, descending
        self.reload()

    def note_change(self) -> None:
        """Examples have changed: perhaps other ones match now."""
        self._changes += 1

    @property
    def fresh(self) -> bool:
        """Whether the rows shown are those that match, as far as is known."""
        return self.filter_shown == self.filter and self._seen == self._changes

    def reload(self) -> None:
        """Ask for the vector anew and show it."""
        self._generation += 1
        self._ask(self._on_ids)

    def take(self, chosen: Filter, ids: array[int]) -> bool:
        """Show what was found already, in the order of the ids; False if something else is asked for."""
        if chosen != self.filter or (self.order, self.descending) != ("id", False):
            return False
        self._generation += 1
        self._on_ids(self._generation, self._changes, chosen, ids)
        return True

    def _warm(self) -> None:
        if self._index.cold:
            self._bridge.run(self._index.warm, owner=self)

    def check(self) -> None:
        """Ask whether the vector shown is still what matches; rows added at its end are shown at once."""
        if self.filter_shown == self.filter:
            self._ask(self._on_checked)

    def _ask(self, on_ids: Callable[[int, int, Filter, array[int]], None]) -> None:
        chosen, order, descending = self.filter, self.order, self.descending
        self._bridge.run(
            lambda: self._index.ids(chosen, order, descending),
            partial(on_ids, self._generation, self._changes, chosen),
            owner=self,
        )

    def _on_ids(self, generation: int, changes: int, chosen: Filter, ids: array[int]) -> None:
        if generation == self._generation:
            self.filter_shown, self._seen = chosen, changes
            self._put(ids)
            self.outdated.emit(False)
            self.loaded.emit()
            self._warming.start()  # only now: the rows come first, on the screen too

    def _on_checked(self, generation: int, changes: int, chosen: Filter, ids: array[int]) -> None:
        if generation != self._generation:
            return
        shown = self._model.ids()
        if id_vectors.begins_with(ids, shown):
            self._seen = changes
            grown = len(ids) > len(shown)
            self._put(ids)
            self.outdated.emit(False)
            if grown:
                self.loaded.emit()
        else:
            self.outdated.emit(True)

    def _put(self, ids: array[int]) -> None:
        """Show ids; the current row, the selection and the place on the screen stay where they are."""
        if ids == self._model.ids():
            return
        bar = self._table.verticalScrollBar()
        selected = self._table.selected_ids() if self._table.selected_count() > 1 else array("q")
        top, at_top = bar.value(), bar.value() == 0
        top_id = self._model.id_at(top) if top < self._model.rowCount() else None
        self._model.set_ids(ids)
        if selected:
            self.select(selected)
        row = None if top_id is None or at_top else self._model.row_of(top_id)
        if row is not None:
            bar.setValue(row)

    def select(self, wanted: array[int]) -> None:
        """Select the rows of these ids, by ranges; those that are not shown are left out."""
        ranges: list[tuple[int, int]] = []
        # A byte a row: its runs are found without a look at each of a million rows in Python.
        inside = id_vectors.places(self._model.ids(), wanted)
        start = inside.find(1)
        while start >= 0:
            end = inside.find(0, start)
            end = len(inside) if end < 0 else end
            ranges.append((start, end - 1))
            start = inside.find(1, end)
        self._table.select_ranges(ranges)
