"""Two views of the same rows: the table with one example beside it, and one example alone in large type.

Both show the current row of one list: filter, order, selection and place are the table's and outlive a visit to the
other view. Several selected rows are put aside meanwhile, so that a key decides what one sees and nothing else.
"""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from dsbs_gui.kit.segmented_control import SegmentedControl
from dsbs_gui.kit.words import tooltip

if TYPE_CHECKING:
    from dsbs_gui.core.settings import Settings

    from .listing import Listing
    from .work_area import WorkArea

VIEWS = (("table", "Table"), ("focus", "Focus"))


class Views(QObject):
    """Switches between the views, and remembers which one was used last.

    Signals:
        switched(view): another view is shown.
    """

    switched = Signal(str)

    def __init__(self, area: WorkArea, listing: Listing, settings: Settings) -> None:
        super().__init__(area)
        self._area, self._listing, self._settings = area, listing, settings
        self._aside: tuple[array[int], list[tuple[int, int]]] | None = None
        self._came_from = -1
        self.view = "table"
        self.switch = SegmentedControl(VIEWS, "table", "View")
        self.switch.chosen.connect(self.show)
        if settings.review_view != self.view:
            self._put(settings.review_view)

    def set_key(self, key: str) -> None:
        """The key that switches, for the tooltip."""
        said = ("The same rows as a table, or one at a time in large type", key)
        self.switch.setToolTip(tooltip(" · ".join(part for part in said if part)))

    def toggle(self) -> None:
        """The other view."""
        self.show("table" if self.view == "focus" else "focus")

    def show(self, view: str) -> None:
        """Show a view; what is being typed goes on where it was."""
        if view == self.view:
            return
        self._settings.review_view = view
        focused = self._area.focusWidget()
        self._put(view)
        if focused is not None and self._area.detail.is_typed_in(focused):
            focused.setFocus()
        else:
            self._area.home()

    def _put(self, view: str) -> None:
        self.view = view
        self.switch.set_value(view)
        if view == "focus":
            self._put_selection_aside()
        self._area.set_focus_view(view == "focus")
        if view == "table":
            self._bring_selection_back()
            if self._area.table.currentIndex().row() != self._came_from:
                # Not before the table has its size again.
                QTimer.singleShot(0, self._area.table, self._show_current)
        self._came_from = self._area.table.currentIndex().row()
        self.switched.emit(view)

    def _show_current(self) -> None:
        self._area.table.scrollTo(self._area.table.currentIndex())

    def _put_selection_aside(self) -> None:
        table = self._area.table
        self._aside = None
        if table.selected_count() > 1:
            self._aside = (self._area.model.ids(), table.selected_ranges())
            row = table.currentIndex().row()
            table.select_ranges([(row, row)] if row >= 0 else [])

    def _bring_selection_back(self) -> None:
        if self._aside is None:
            return
        (ids, ranges), self._aside = self._aside, None
        if ids is self._area.model.ids():
            self._area.table.select_ranges(ranges)
        else:  # the list was asked for again meanwhile
            chosen = array("q")
            for top, bottom in ranges:
                chosen.extend(ids[top : bottom + 1])
            self._listing.select(chosen)
