"""The choice of a queue at work: counts when the menu is opened, the filter and the order when one is chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from dsbs_gui.steps.review import queueing

from .auditing import Auditing
from .seconding import Seconding

if TYPE_CHECKING:
    from dsbs_gui.core.project import Project
    from dsbs_gui.kit.bridge import Bridge
    from dsbs_gui.kit.page import Page

    from .acts import Acts
    from .deciding import Deciding
    from .listing import Listing
    from .work_area import WorkArea


class Queueing(QObject):
    """Wires the queue button of the filter bar; a queue begins with its first row."""

    def __init__(
        self,
        page: Page,
        project: Project,
        bridge: Bridge,
        acts: Acts,
        area: WorkArea,
        listing: Listing,
        deciding: Deciding,
    ) -> None:
        super().__init__(page)
        self._store, self._bridge, self._area, self._filters = project.store, bridge, area, area.filters
        self._entering = False
        self.auditing = Auditing(page, project, bridge, acts, area)
        self.seconding = Seconding(page, project, bridge, acts, area, deciding)
        for strip in (self.auditing.strip, self.seconding.strip):
            area.add_strip(strip)
        self.auditing.drawn.connect(lambda: self.enter("audit"))
        area.filters.queue_shown.connect(self._on_shown)
        area.filters.queues.opened.connect(self.count)
        area.filters.queues.chosen.connect(self.enter)
        listing.loaded.connect(self._on_loaded)

    def count(self) -> None:
        """Ask how many rows wait in each queue."""
        store = self._store
        self._bridge.run(lambda: queueing.waiting(store.reader), self._filters.queues.set_counts, owner=self)

    def enter(self, name: str) -> None:
        """Go to a queue, or with an empty name leave it."""
        filters = self._filters
        self._entering = bool(name)
        filters.set_value(queueing.enter(filters.value(), name))
        filters.changed.emit()
        self._area.home()

    def _on_shown(self, name: str) -> None:
        self.auditing.show(name == "audit")
        self.seconding.show(name == "reviewers")

    def _on_loaded(self) -> None:
        if self._entering and self._area.model.rowCount():
            self._area.table.set_current_id(self._area.model.id_at(0))
        self._entering = False
