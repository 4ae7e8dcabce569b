"""The counts of the Review page: on the chips, in the title, under the table and beside a selection.

They come from the background, some time after what changed them, and once for many changes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from dsbs_gui.core.store import examples, remarks
from dsbs_gui.core.store.filters import Selection
from dsbs_gui.steps.review import sentences
from dsbs_gui.steps.review.census import Census, census

if TYPE_CHECKING:
    from dsbs_gui.core.project import Project
    from dsbs_gui.kit.bridge import Bridge
    from dsbs_gui.kit.page import Page
    from dsbs_gui.steps.review.facets import Facets
    from dsbs_gui.steps.review.pace import Pace

    from .listing import Listing
    from .reading import Reading
    from .work_area import WorkArea

_SETTLE_MS = 250
_PAINT_MS = 30


class Counting(QObject):
    """Shows what it has counted on ``page`` and in ``area``.

    Signals:
        counted(Facets): the counts under the filter that is in force.
    """

    counted = Signal(object)

    def __init__(
        self,
        page: Page,
        project: Project,
        bridge: Bridge,
        area: WorkArea,
        listing: Listing,
        reading: Reading,
        pace: Pace,
    ) -> None:
        super().__init__(page)
        self._page, self._store, self._task, self._bridge = page, project.store, project.task, bridge
        self._area, self._listing, self._reading, self._pace = area, listing, reading, pace
        self.facets: Facets | None = None
        self.settling = QTimer(self, singleShot=True)
        self.settling.timeout.connect(self.count)

    def soon(self) -> None:
        """Count when no more changes come; not while nobody looks."""
        if not self.settling.isActive() and self._page.isVisible():
            self.settling.start(_SETTLE_MS)

    def after_paint(self) -> None:
        """Count when the rows that have just come are painted: both at once would take turns at Python's lock."""
        self.settling.start(_PAINT_MS)

    def count(self) -> None:
        """Count anew in the background."""
        store, task, chosen = self._store, self._task, self._area.filters.value()
        # With the reader of the thread that counts: through the window's own, the window would wait for it.
        self._bridge.run(lambda: census(store.reader, task, chosen), self._on_counted, owner=self)

    def count_selected(self) -> None:
        """How many of the selected examples are in each state, and have each tag; nothing if there is one only."""
        n = self._area.table.selected_count()
        if n < 2:
            return
        store, chosen = self._store, self._listing.filter
        whole = n == self._area.model.rowCount() and self._listing.fresh
        ids = None if whole else self._area.table.selected_ids()

        def counted() -> tuple[dict[str, int], dict[str, int]]:
            db = store.reader
            # Those of all that match are in an index; looking up a million ids takes seconds.
            states = examples.counts(db, "state", chosen) if ids is None else examples.states_of(db, ids)
            selection = Selection(matching=chosen) if ids is None else Selection.of(ids)
            return states, remarks.tags_among(db, selection)

        self._bridge.run(counted, lambda found: self._area.show_selected(n, *found), owner=self)

    def show(self) -> None:
        """Say how many rows the list has, and how far the review is."""
        facets = self.facets
        if facets is None:
            return
        shown = facets.examples if self._listing.filter_shown is None else self._area.model.rowCount()
        self._page.header.set_subtitle(sentences.shown(shown, facets.examples))
        self._area.foot.show_progress(facets, self._pace.seconds_left(facets.left))

    def _on_counted(self, found: Census) -> None:
        self._reading.few_labels = found.few_labels
        self._area.set_known_tags(found.known_tags)
        self._area.show_acts(found.undoable, found.redoable)
        self.count_selected()
        if found.chosen != self._area.filters.value():
            return  # a later count is under way
        self.facets = found.facets
        self._area.show_facets(found.facets)
        self.show()
        self.counted.emit(found.facets)
