"""The content of the Review page: filters, table, panel and foot, laid out and wired to one another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

from dsbs_gui.kit.buttons import IconButton
from dsbs_gui.kit.layout import column, px
from dsbs_gui.kit.record_table.model import RecordTableModel
from dsbs_gui.kit.record_table.view import RecordTable
from dsbs_gui.kit.splitter import Splitter
from dsbs_gui.kit.words import count

from .bulk import BulkPanel
from .column_choice import ColumnChoice
from .decision_bar import DecisionBar
from .detail import DetailPanel
from .empty import nothing_matches
from .filter_bar import FilterBar
from .foot import Foot
from .guidelines_pane import GuidelinesPane
from .search_box import SearchBox
from .similar_bar import SimilarBar

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dsbs_gui.core.settings import Settings
    from dsbs_gui.core.store.decisions import Batch
    from dsbs_gui.core.tasks import Task
    from dsbs_gui.kit.record_table.column import Column
    from dsbs_gui.kit.record_table.page_cache import FetchPage
    from dsbs_gui.steps.review.facets import Facets


class WorkArea(QWidget):
    """Signals: what the user asked for; the page does it."""

    decided = Signal(str)
    save_asked = Signal()
    step_asked = Signal(int)
    select_all_asked = Signal()
    update_asked = Signal()
    undo_asked = Signal()
    redo_asked = Signal()
    clear_asked = Signal()

    def __init__(
        self,
        shown: Sequence[Column],
        fetch: FetchPage,
        task: Task,
        read_only: bool,
        settings: Settings,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.selected_states: Mapping[str, int] = {}
        self._acts: tuple[Batch | None, Batch | None] = (None, None)
        self._act_keys = ("", "")
        self.model = RecordTableModel(shown, fetch, self)
        # From the outside in and in the order of the Tab key: a widget that is moved with all that is in it makes Qt
        # look up the style of each of them anew.
        self.filters = FilterBar(self)
        self.similar = SimilarBar(self)
        self.rows = QStackedWidget(self)
        self.left, right = QWidget(self), QWidget(self)
        self.table = RecordTable(self.model, "Examples", self.left)
        self.side = QStackedWidget(right)
        self.detail = DetailPanel(task, read_only, self.side)
        self.bulk = BulkPanel(read_only, self.side)
        self.bar = DecisionBar(right)
        self.guidelines = GuidelinesPane(read_only, self)
        shares = (3, 2, 1)
        self.splitter = Splitter("review-3", self.left, right, self.guidelines, shares=shares, parent=self.rows)
        self.none = nothing_matches(self.clear_asked.emit)
        for shown_alone in (self.splitter, self.none):
            self.rows.addWidget(shown_alone)
        self.foot = Foot(self)
        self.search = SearchBox()
        self.undo, self.redo = IconButton("arrow-u-up-left", "Undo"), IconButton("arrow-u-up-right", "Redo")
        self.columns = ColumnChoice(self, settings)
        self.table.set_sort_shown("id", False)
        self._lay_out(right)
        self._connect()

    def _lay_out(self, right: QWidget) -> None:
        for panel in (self.detail, self.bulk, QWidget()):
            self.side.addWidget(panel)
        self.side.setCurrentIndex(2)
        self.bar.hide()
        column(self.table, gap="s", parent=self.left).setContentsMargins(0, 0, px("m"), 0)
        self._right = column(self.side, self.bar, gap="s", parent=right)
        self._strips = column(self.similar, gap="s")
        layout = column(self.filters, self._strips, gap="m", parent=self)
        layout.addWidget(self.rows, 1)
        layout.addWidget(self.foot)
        layout.setContentsMargins(px("xl"), px("m"), px("xl"), px("m"))
        self.set_focus_view(False)

    def _connect(self) -> None:
        self.bar.decided.connect(self.decided)
        self.bar.save_asked.connect(self.save_asked)
        for panel in (self.detail.head, self.bulk):
            panel.reopen_asked.connect(lambda: self.decided.emit("unreviewed"))
        for beside in (self.detail.head, self.bar):
            beside.previous.clicked.connect(lambda: self.step_asked.emit(-1))
            beside.next.clicked.connect(lambda: self.step_asked.emit(1))
        self.bulk.all_asked.connect(self.select_all_asked)
        self.bulk.one_asked.connect(self.select_current)
        self.foot.select_all.clicked.connect(self.select_all_asked)
        self.filters.clear_asked.connect(self.clear_asked)
        self.foot.update_list.clicked.connect(self.update_asked)
        self.undo.clicked.connect(self.undo_asked)
        self.redo.clicked.connect(self.redo_asked)

    def add_beside(self, panel: QWidget) -> None:
        """Put a panel above the example; it shows and hides itself."""
        self._right.insertWidget(0, panel)
        self._right.setStretchFactor(self.side, 1)  # the panel is as high as its texts

    def add_strip(self, strip: QWidget) -> None:
        """Put a line between the filters and the table; it shows and hides itself."""
        self._strips.addWidget(strip)

    def show_rows(self) -> None:
        """The table has other rows: show it, or say that nothing matches."""
        n = self.model.rowCount()
        self.rows.setCurrentWidget(self.splitter if n else self.none)
        self.foot.show_rows(n)
        if n and not self.table.currentIndex().isValid():
            self.table.set_current_id(self.model.id_at(0))

    def show_facets(self, facets: Facets) -> None:
        """Put the counts on the chips, and drop the columns that would say the same in each row."""
        remarked = facets.remarked
        there = {"rating": remarked.ratings, "tags": remarked.tags, "note": remarked.noted}
        self.columns.set_idle("split", len(facets.all_splits) < 2)
        for name, found in there.items():
            self.columns.set_idle(name, not found)
        self.filters.set_facets(facets)

    def show_side(self, selected: int, there: bool) -> None:
        """The panel for one example, for several, or nothing."""
        if selected > 1:
            self.bulk.show_selection(selected, self.model.rowCount())
            self.selected_states = {}
        self.side.setCurrentIndex(1 if selected > 1 else 0 if there else 2)
        self.bar.setVisible(selected > 1 or there)

    def show_selected(self, n: int, states: Mapping[str, int], tags: Mapping[str, int]) -> None:
        """The states and tags of the selection, if it is still of that size."""
        if n == self.table.selected_count():
            self.selected_states = states
            self.bulk.show_states(states)
            self.bulk.show_tags(tags)

    def set_known_tags(self, names: Sequence[str]) -> None:
        """The tags to complete with."""
        for field in (self.detail.remarks.tags, self.bulk.tags):
            field.set_known(names)

    def show_buttons(self, read_only: bool) -> None:
        """Switch the decisions on that are possible now."""
        n = self.table.selected_count()
        if n > 1:
            self.bar.show_many(n, not read_only)
        else:
            can_accept = self.detail.says_something()
            self.bar.show_one(not read_only, can_accept, bool(self.detail.edit()))

    def show_acts(self, undoable: Batch | None, redoable: Batch | None) -> None:
        """What undo and redo would do."""
        self._acts = (undoable, redoable)
        for button, name, key, batch in zip(
            (self.undo, self.redo), ("Undo", "Redo"), self._act_keys, self._acts, strict=True
        ):
            button.setEnabled(batch is not None)
            said = f"{name}: {batch.action}" if batch else f"Nothing to {name.lower()}"
            button.set_tooltip(" · ".join(part for part in (said, key if batch else "") if part))

    def set_act_keys(self, undo: str, redo: str) -> None:
        """The keys of undo and redo, for their tooltips."""
        self._act_keys = (undo, redo)
        self.show_acts(*self._acts)

    def place_of_current(self) -> str:
        """*12 of 287*."""
        index = self.table.currentIndex()
        return f"{count(index.row() + 1)} of {count(self.model.rowCount())}" if index.isValid() else ""

    def set_focus_view(self, focus: bool) -> None:
        """One example alone, or the table with one beside it."""
        self.focus_view = focus
        self.left.setVisible(not focus)
        self._right.setContentsMargins(0 if focus else px("m"), 0, 0, 0)
        self.detail.set_wide(focus)
        self.bar.set_focus_view(focus)
        self.foot.set_focus_view(focus)

    def home(self) -> None:
        """Put the focus where the keys move from row to row."""
        (self.detail.panes if self.focus_view else self.table).setFocus()

    def select_current(self) -> None:
        """Back to where one moves from row to row, with only the current row selected."""
        current = self.table.current_id()
        if current is not None and self.table.selected_count() > 1:
            self.table.set_current_id(current)
        self.home()
