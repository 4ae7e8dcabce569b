"""The Review page: a table of examples on the left, one of them for reading, editing and deciding on the right."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal
from typing_extensions import override

from dsbs_gui.core.settings import user_settings
from dsbs_gui.core.store.filters import Filter
from dsbs_gui.kit.page import Page

from .acts import Acts
from .checking import Checking
from .columns import Row, columns, fetch
from .comparing import Comparing
from .counting import Counting
from .deciding import Deciding
from .drafting import Drafting
from .empty import no_examples, no_rationales
from .first_look import FirstLook, first_filter, first_look
from .guiding import Guiding
from .keys import Keys
from .listing import Listing
from .queueing import Queueing
from .reading import Reading
from .remarking import Remarking
from .ruling import Ruling
from .searching import Searching
from .similar_rows import SimilarRows, similar_column
from .views import Views
from .work_area import WorkArea

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtGui import QHideEvent
    from PySide6.QtWidgets import QWidget

    from dsbs_gui.core.errors import DsbsError
    from dsbs_gui.core.project import Project
    from dsbs_gui.core.settings import Settings
    from dsbs_gui.core.store.changes import Changes
    from dsbs_gui.kit.bridge import Bridge
    from dsbs_gui.steps.review.facets import Facets


class ReviewPage(Page):
    """Signals:
    go_to(step): the user wants to go to another step.
    measure_asked: a local teacher is to be chosen, and to measure what the rationales are worth.
    ask_teacher(ids, title, hint, aside): the teacher is to be asked about these examples, called ``title``, and told
        the gold label as ``hint`` says; ``aside``: the answers are to be compared with what stands.
    """

    go_to = Signal(str)
    measure_asked = Signal()
    ask_teacher = Signal(object, str, str, bool)

    def __init__(
        self,
        project: Project,
        bridge: Bridge,
        parent: QWidget | None = None,
        clock: Callable[[], float] = time.monotonic,
        settings: Settings | None = None,
    ) -> None:
        super().__init__("Review", margin=False, parent=parent)
        self._store, self._task, self._bridge = project.store, project.task, bridge
        self._begun = self._show_empties = self._select_all_after_load = self._count_after_load = False
        self._wanted: int | None = None
        self._looking = self._look_outdated = self._refresh_after_look = False
        self._look: FirstLook | None = None
        self._take_look()
        self.acts = acts = Acts(project, bridge, self)
        settings = settings or user_settings()
        shown = columns()
        shown.insert(1, similar_column(lambda example_id: self.similar.share(example_id)))
        content = self.body.parentWidget()
        self.area = WorkArea(shown, self._fetch, self._task, self._store.read_only, settings, content)
        self.listing = Listing(project, bridge, self.area.model, self.area.table)
        self.views = Views(self.area, self.listing, settings)
        self.guiding = Guiding(self, project, bridge, self.area, settings)
        self.reading = Reading(project, acts, self.area)
        self.deciding = Deciding(self, acts, self.area, self.listing, self.reading, clock, self._store.read_only)
        self.counting = Counting(self, project, bridge, self.area, self.listing, self.reading, self.deciding.pace)
        self.remarking = Remarking(self, acts, self.area, self.listing, self._store.read_only)
        self.drafting = Drafting(self, project, bridge, self.area.detail, self.show_example, self.deciding.save)
        self.searching = Searching(self, project, bridge, self.area)
        self.similar = SimilarRows(self, project, bridge, self.area, self.listing, self._show_list)
        self.comparing = Comparing(self, project, bridge, self.deciding)
        self.queueing = Queueing(self, project, bridge, acts, self.area, self.listing, self.deciding)
        self.checking = Checking(self, project, bridge, self.area.foot)
        self.ruling = Ruling(self, project, bridge, self.area)
        self.body.addWidget(self.area)
        self.header.tools.addWidget(self.area.search)
        self.header.set_switch(self.views.switch)
        self.header.set_actions(None, self.guiding.button, self.area.undo, self.area.redo)
        self._connect()
        self.keys = Keys(self, settings)

    def _connect(self) -> None:
        area, listing, deciding = self.area, self.listing, self.deciding
        self.counting.counted.connect(self._on_counted)
        self._bridge.changed.connect(self._on_changed)
        area.filters.changed.connect(lambda: self._on_filter_changed())
        area.table.current_changed.connect(self._on_current_changed)
        area.table.selected_changed.connect(lambda n: self._show_side())
        area.table.sort_asked.connect(listing.show_order)
        area.table.row_activated.connect(lambda id: area.detail.rationale.setFocus())
        area.decided.connect(deciding.decide)
        area.save_asked.connect(deciding.save)
        area.step_asked.connect(area.table.move_current)
        area.select_all_asked.connect(self.select_all)
        area.update_asked.connect(listing.reload)
        area.undo_asked.connect(deciding.undo)
        area.redo_asked.connect(deciding.redo)
        area.clear_asked.connect(self.clear_filters)
        area.detail.modified.connect(self._show_buttons)
        area.foot.measure.clicked.connect(self.measure_asked)
        self.ruling.ask_asked.connect(lambda *given: self.ask_teacher.emit(*given, False))
        self.acts.saved.connect(self.drafting.settled)
        listing.loaded.connect(self._on_loaded)
        listing.outdated.connect(area.foot.set_outdated)

    # ------------------------------------------------------------ what others call

    def refresh(self) -> None:
        """Bring everything up to date; what the user has chosen stays."""
        if self._begun:
            self.counting.count()
            self.listing.reload()
        elif self._look is not None:
            look, self._look = self._look, None
            self._on_looked(look)
        else:
            self._refresh_after_look = True
            if not self._looking:
                self._take_look()

    def select_all(self) -> None:
        """Select all that match now: rows that no longer match leave the list first."""
        if self.listing.fresh:
            self.area.table.selectAll()
            return
        self._select_all_after_load = True
        self.listing.reload()

    def show_example(self, example_id: int) -> None:
        """Go to an example; if the filter hides it, without filters."""
        if not self.area.table.set_current_id(example_id):
            self._wanted = example_id
            self.clear_filters()

    def clear_filters(self) -> None:
        self.area.search.set_text_silently("")
        self.area.filters.set_value(Filter())
        self._on_filter_changed()

    # ------------------------------------------------------------ showing

    def _show_list(self, wanted: int | None) -> None:
        """Put the filter in force and go to an example."""
        self._wanted = wanted
        self._on_filter_changed()

    def _fetch(self, ids: Any) -> dict[int, Row]:
        return fetch(self._store.reader, ids)

    def _on_current_changed(self, example_id: int | None) -> None:
        shown = self.area.detail.example
        if shown is not None and shown.id != example_id:
            self.deciding.leave()
        self.reading.show(example_id)
        self.drafting.offer(example_id)
        self._show_side()

    def _show_side(self) -> None:
        n = self.area.table.selected_count()
        self.area.show_side(n, self.area.detail.example is not None)
        self.counting.count_selected()
        self._show_buttons()

    def _show_buttons(self) -> None:
        self.area.show_buttons(self._store.read_only)

    def _on_filter_changed(self, look: FirstLook | None = None) -> None:
        self.deciding.leave()
        self.similar.filters_changed()
        self.listing.filter = self.area.filters.value()
        if self.isVisible():  # else it is asked for when the page is shown again
            self._count_after_load = True
            if look is None or not self.listing.take(look.chosen, look.ids):
                self.listing.reload()

    def _on_loaded(self) -> None:
        if self._count_after_load:  # the rows come first: counting takes as long as finding them
            self._count_after_load = False
            self.counting.after_paint()
        self.area.show_rows()
        if self._select_all_after_load:
            self._select_all_after_load = False
            self.area.table.selectAll()
        if self._wanted is not None:
            self.area.table.set_current_id(self._wanted)
            self._wanted = None
        self.counting.show()

    def _on_changed(self, changes: Changes) -> None:
        if changes.touches("examples", "answers"):
            self._look, self._look_outdated = None, True
            self._refresh_rows(changes)
        elif not changes.touches("project"):
            return
        self.counting.soon()

    def _refresh_rows(self, changes: Changes) -> None:
        self.listing.note_change()
        if changes.is_all("examples"):
            self.area.model.refresh_all()
        else:
            self.area.model.refresh(int(i) for i in changes.ids("examples"))
        current = self.area.table.current_id()
        touched = changes.ids("examples") | changes.ids("answers")
        if current is not None and (current in touched or "*" in touched):
            self.reading.show(current)
            self._show_buttons()

    def _take_look(self) -> None:
        self._looking, self._look_outdated = True, False
        store = self._store
        self._bridge.run(lambda: first_look(store.reader), self._on_look_taken, self._on_look_failed, owner=self)

    def _on_look_taken(self, look: FirstLook) -> None:
        self._looking = False
        if self._refresh_after_look:
            self._refresh_after_look = False
            self._on_looked(look)
        else:
            self._look = look  # until the page is asked to show something

    def _on_look_failed(self, error: DsbsError) -> None:
        self._looking = self._refresh_after_look = False
        self._bridge.show_error(error)

    def _on_looked(self, look: FirstLook) -> None:
        seen = look.seen
        if seen.any and (seen.reviewable or seen.failed or self._show_empties) and not self._begun:
            self.show_content()
            self._begin(seen.left, None if self._look_outdated else look)
        else:
            self.counting.count()

    def _on_counted(self, facets: Facets) -> None:
        if self._show_empty_state(facets):
            return
        if not self._begun:
            self._begin(bool(facets.left))
        else:
            self.listing.check()

    def _begin(self, left: bool, look: FirstLook | None = None) -> None:
        """The first list: what waits for a decision, if anything does; ``look`` has found it already."""
        self._begun = True
        self.area.home()
        if self.area.filters.value() == Filter():
            self.area.filters.set_value(first_filter(left))
        self._on_filter_changed(look)

    def _show_empty_state(self, facets: Facets) -> bool:
        if not facets.examples:
            self.show_empty(no_examples(lambda: self.go_to.emit("data")))
        elif not facets.reviewable and not facets.all_failed and not self._show_empties:
            self.show_empty(no_rationales(facets.examples, lambda: self.go_to.emit("teacher"), self._on_empties_asked))
        else:
            self.show_content()
            return False
        self.header.set_subtitle("")
        return True

    def _on_empties_asked(self) -> None:
        self._show_empties = True
        self.counting.count()

    @override
    def hideEvent(self, event: QHideEvent) -> None:
        self.deciding.leave()
        self.guiding.leave()
        self.counting.settling.stop()
        super().hideEvent(event)
