"""The Review page: a table of examples on the left, one of them for reading, editing and deciding on the right.

Moving on saves: what was typed is written when another example is shown, a decision is made or the page
is left, and one undo takes it back. An editor that was only opened writes nothing.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QTimer, Signal
from typing_extensions import override

from dsbs_gui.core.store import answers, decisions, examples
from dsbs_gui.core.store.filters import Filter
from dsbs_gui.kit.page import Page
from dsbs_gui.kit.sheet import confirm
from dsbs_gui.kit.toast import show_toast
from dsbs_gui.kit.words import count
from dsbs_gui.steps.review import editing, sentences
from dsbs_gui.steps.review.facets import Facets
from dsbs_gui.steps.review.facets import facets as count_facets
from dsbs_gui.steps.review.pace import Pace

from .acts import Acts
from .columns import Row, columns, fetch
from .detail import Detail
from .empty import no_examples, no_rationales
from .keys import install_keys
from .listing import Listing
from .work_area import WorkArea

if TYPE_CHECKING:
    from array import array
    from collections.abc import Callable

    from PySide6.QtGui import QHideEvent
    from PySide6.QtWidgets import QWidget

    from dsbs_gui.core.errors import DsbsError
    from dsbs_gui.core.project import Project
    from dsbs_gui.core.store.changes import Changes
    from dsbs_gui.core.store.decisions import Batch
    from dsbs_gui.kit.bridge import Bridge

ASK_FROM = 20
"""So many selected rows are decided at once without a question; undo takes them back anyway."""
_SETTLE_MS = 250


class ReviewPage(Page):
    """Signals:
    go_to(step): the user wants to go to another step.
    """

    go_to = Signal(str)

    def __init__(
        self,
        project: Project,
        bridge: Bridge,
        parent: QWidget | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__("Review", margin=False, parent=parent)
        self._project, self._bridge, self._clock = project, bridge, clock
        self._store = project.store
        self._facets: Facets | None = None
        self._few_labels: tuple[str, ...] = ()
        self._begun = self._show_empties = self._select_all_after_load = False
        self.pace = Pace()
        self.acts = Acts(project, bridge, self)
        self.area = WorkArea(columns(), self._fetch, project.task, self._store.read_only)
        self.listing = Listing(project, bridge, self.area.model, self.area.table)
        self.body.addWidget(self.area)
        self.header.tools.addWidget(self.area.search)
        self.header.set_actions(None, self.area.undo, self.area.redo)
        self._settling = QTimer(self, singleShot=True, interval=_SETTLE_MS)
        self._connect()
        install_keys(self)

    def _connect(self) -> None:
        area, acts, listing = self.area, self.acts, self.listing
        self._settling.timeout.connect(self._count)
        self._bridge.changed.connect(self._on_changed)
        area.search.text_settled.connect(area.filters.set_text)
        area.filters.changed.connect(self._on_filter_changed)
        area.table.current_changed.connect(self._on_current_changed)
        area.table.selected_changed.connect(lambda n: self._show_side())
        area.table.sort_asked.connect(listing.show_order)
        area.table.row_activated.connect(lambda id: area.detail.rationale.setFocus())
        area.decided.connect(self.decide)
        area.save_asked.connect(self.save)
        area.step_asked.connect(area.table.move_current)
        area.select_all_asked.connect(self.select_all)
        area.update_asked.connect(listing.reload)
        area.undo_asked.connect(self.undo)
        area.redo_asked.connect(self.redo)
        area.clear_asked.connect(self.clear_filters)
        area.detail.submitted.connect(self._on_submitted)
        area.detail.modified.connect(self._show_buttons)
        area.detail.revert_asked.connect(self._on_revert_asked)
        area.detail.use_asked.connect(self._on_use_asked)
        listing.loaded.connect(self._on_loaded)
        listing.outdated.connect(area.foot.set_outdated)
        acts.decided.connect(self._on_decided)
        acts.went.connect(self._on_went)
        acts.saved.connect(lambda id: self.messages.clear(f"unsaved-{id}"))
        acts.save_failed.connect(self._on_save_failed)

    # ------------------------------------------------------------ what others call

    def refresh(self) -> None:
        """Bring everything up to date; what the user has chosen stays."""
        self._count()
        if self._begun:
            self.listing.reload()

    def save(self) -> None:
        """Save what was typed; writes nothing if nothing was."""
        example = self.area.detail.example
        edit = self.area.detail.edit()
        if example is not None and edit:
            self.acts.save(example, edit)
            self.area.detail.mark_saved()

    def decide(self, state: str) -> None:
        """Give the current example, or all selected ones, a state."""
        if self._store.read_only:
            return
        if self.area.table.selected_count() > 1:
            self._decide_selected(state)
        else:
            self._decide_current(state)

    def undo(self) -> None:
        """Take back the last act; what was typed and not saved counts as the last one."""
        self.save()
        self.acts.undo()

    def redo(self) -> None:
        self.save()
        self.acts.redo()

    def select_all(self) -> None:
        """Select all that match now: rows that no longer match leave the list first."""
        self._select_all_after_load = True
        self.listing.reload()

    def clear_filters(self) -> None:
        self.area.search.set_text_silently("")
        self.area.filters.set_value(Filter())
        self._on_filter_changed()

    # ------------------------------------------------------------ deciding

    def _decide_current(self, state: str) -> None:
        detail = self.area.detail
        if detail.example is None or (state == "accepted" and not detail.present_rationale().strip()):
            return
        example_id, edited = detail.example.id, bool(detail.edit())
        self.save()
        if not (edited and state == "accepted"):  # a saved edit is accepted already
            self.acts.decide([example_id], state)
        if state != "unreviewed":
            self.pace.decided(self._clock())
            self.area.table.move_current(1)

    def _decide_selected(self, state: str) -> None:
        ids = self.area.table.selected_ids()
        all_matching = len(ids) == self.area.model.rowCount() and len(ids) > 1
        asked = sentences.question(
            state, len(ids), self.area.selected_states, self.listing.filter if all_matching else None
        )
        few = len(ids) <= ASK_FROM and not all_matching
        if few or confirm(self, asked.title, asked.text, asked.action):
            self.save()
            # The ids and not the filter: rows that came in since the number was shown are not among them.
            self.acts.decide(ids, state)

    def _on_decided(self, state: str, n: int) -> None:
        if n != 1:
            show_toast(self, sentences.decided(state, n))

    def _on_revert_asked(self) -> None:
        example = self.area.detail.example
        if example is not None and example.answer_id is not None:
            self._on_use_asked(example.answer_id)

    def _on_use_asked(self, answer_id: int) -> None:
        example = self.area.detail.example
        if example is not None:
            self.save()
            self.acts.take(example.id, answer_id)

    def _on_submitted(self) -> None:
        self.save()
        self.area.table.setFocus()

    def _on_went(self, batch: Batch | None, example_id: int | None) -> None:
        text, hint = sentences.undone(batch)
        if batch is None:
            show_toast(self, "There is nothing more to take back or to do again")
            return
        show_toast(self, text)
        if hint:
            self.show_message("info", text, hint, key="passed-over")
        if example_id is not None and example_id != self.area.table.current_id():
            self.area.table.set_current_id(example_id)

    def _on_save_failed(self, example_id: int, error: DsbsError) -> None:
        bar = self.show_message(
            "bad",
            f"The texts of № {count(example_id)} were not saved: {error.message}",
            f"{error.hint} They are kept here until then.",
            "Show them",
            key=f"unsaved-{example_id}",
            dismissible=False,
        )
        bar.action_asked.connect(lambda: self.area.table.set_current_id(example_id))
        if self.area.table.current_id() == example_id:
            self._load(example_id)

    # ------------------------------------------------------------ showing

    def _fetch(self, ids: Any) -> dict[int, Row]:
        return fetch(self._store.reader, ids)

    def _on_current_changed(self, example_id: int | None) -> None:
        shown = self.area.detail.example
        if shown is not None and shown.id != example_id:
            self.save()
        self._load(example_id)
        self._show_side()

    def _load(self, example_id: int | None) -> None:
        """Show an example in the panel; two look-ups by index, under a millisecond."""
        db = self._store.reader
        example = None if example_id is None else examples.get(db, example_id)
        if example is None:
            self.area.detail.clear()
            return
        example = self.acts.as_it_will_be(example)
        options = editing.label_options(self._project.task, example, self._few_labels)
        found = answers.of_example(db, example.id)
        changes = decisions.timeline(db, example.id)
        place = self.area.place_of_current()
        self.area.detail.show_detail(Detail(example, tuple(found), tuple(changes), options, place))
        if (unsaved := self.acts.unsaved.pop(example.id, None)) is not None:
            self.area.detail.put(unsaved)

    def _show_side(self) -> None:
        n = self.area.table.selected_count()
        self.area.show_side(n, self.area.detail.example is not None)
        if n > 1:
            self._count_states(self.area.table.selected_ids())
        self._show_buttons()

    def _count_states(self, ids: array[int]) -> None:
        self._bridge.run(
            lambda: examples.states_of(self._store.reader, ids),
            lambda states: self.area.show_selected_states(len(ids), states),
            owner=self,
        )

    def _show_buttons(self) -> None:
        self.area.show_buttons(self._store.read_only)

    def _on_filter_changed(self) -> None:
        self.save()
        self.listing.filter = self.area.filters.value()
        if self.isVisible():  # else it is asked for when the page is shown again
            self.listing.reload()
            self._count()

    def _on_loaded(self) -> None:
        self.area.show_rows()
        if self._select_all_after_load:
            self._select_all_after_load = False
            self.area.table.selectAll()
        self._show_counts()

    def _on_changed(self, changes: Changes) -> None:
        if not changes.touches("examples", "answers"):
            return
        model = self.area.model
        model.refresh(model.ids() if changes.is_all("examples") else (int(i) for i in changes.ids("examples")))
        current = self.area.table.current_id()
        touched = changes.ids("examples") | changes.ids("answers")
        if current is not None and (current in touched or "*" in touched):
            self._load(current)
            self._show_buttons()
        if not self._settling.isActive() and self.isVisible():
            self._settling.start()

    def _count(self) -> None:
        """Count anew in the background, and look whether the list is still what matches."""
        chosen = self.area.filters.value()

        def work() -> tuple[Filter, Facets, Batch | None, Batch | None, tuple[str, ...]]:
            db = self._store.reader
            few = examples.few_labels(db) if self._project.task.name == "text" else ()
            return chosen, count_facets(db, chosen), decisions.undoable(db), decisions.redoable(db), few

        self._bridge.run(work, self._on_counted, owner=self)

    def _on_counted(self, counted: tuple[Filter, Facets, Batch | None, Batch | None, tuple[str, ...]]) -> None:
        chosen, facets, undoable, redoable, self._few_labels = counted
        self.area.show_acts(undoable, redoable)
        if chosen != self.area.filters.value():
            return  # a later count is under way
        self._facets = facets
        self.area.show_facets(facets)
        self._show_counts()
        if self._show_empty_state(facets):
            return
        if not self._begun:
            self._begin(facets)
        else:
            self.listing.check()

    def _begin(self, facets: Facets) -> None:
        """The first list: what waits for a decision, if anything does."""
        self._begun = True
        self.area.table.setFocus()
        if facets.left and self.area.filters.value() == Filter():
            self.area.filters.set_value(Filter(states=("unreviewed",)))
        self._on_filter_changed()

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
        self._count()

    def _show_counts(self) -> None:
        facets = self._facets
        if facets is None:
            return
        shown = self.area.model.rowCount() if self._begun else facets.examples
        self.header.set_subtitle(sentences.shown(shown, facets.examples))
        self.area.foot.show_progress(facets, self.pace.seconds_left(facets.left))

    @override
    def hideEvent(self, event: QHideEvent) -> None:
        self.save()
        self._settling.stop()
        super().hideEvent(event)
