"""Saving, deciding, undo and redo at the Review page: what the keys and buttons do, and what is said of it.

Moving on saves: what was typed is written when another example is shown, a decision is made or the page
is left, and one undo takes it back. An editor that was only opened writes nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from dsbs_gui.kit.sheet import confirm
from dsbs_gui.kit.toast import show_toast
from dsbs_gui.kit.words import count
from dsbs_gui.steps.review import sentences
from dsbs_gui.steps.review.pace import Pace

if TYPE_CHECKING:
    from collections.abc import Callable

    from dsbs_gui.core.errors import DsbsError
    from dsbs_gui.core.store.decisions import Batch
    from dsbs_gui.kit.page import Page

    from .acts import Acts
    from .listing import Listing
    from .reading import Reading
    from .work_area import WorkArea

ASK_FROM = 20
"""So many selected rows are decided at once without a question; undo takes them back anyway."""


class Deciding(QObject):
    """Acts on the current example or on those selected; its messages and questions stand on ``page``."""

    def __init__(
        self,
        page: Page,
        acts: Acts,
        area: WorkArea,
        listing: Listing,
        reading: Reading,
        clock: Callable[[], float],
        read_only: bool,
    ) -> None:
        super().__init__(page)
        self._page, self._acts, self._area = page, acts, area
        self._listing, self._reading = listing, reading
        self._clock, self._read_only = clock, read_only
        self.pace = Pace()
        area.detail.submitted.connect(self._on_submitted)
        area.detail.revert_asked.connect(self._on_revert_asked)
        area.detail.use_asked.connect(self._on_use_asked)
        area.detail.go_back_asked.connect(self._on_go_back_asked)
        acts.decided.connect(self._on_decided)
        acts.went.connect(self._on_went)
        acts.saved.connect(lambda id: page.messages.clear(f"unsaved-{id}"))
        acts.save_failed.connect(self._on_save_failed)

    def save(self) -> None:
        """Save what was typed; writes nothing if nothing was."""
        detail = self._area.detail
        edit = detail.edit()
        if detail.example is not None and edit:
            self._acts.save(detail.example, edit)
            detail.mark_saved()

    def leave(self) -> None:
        """Save before something else is shown; a draft that was put there and left alone stays a draft."""
        if not self._area.detail.only_restored():
            self.save()

    def decide(self, state: str) -> None:
        """Give the current example, or all selected ones, a state."""
        if self._read_only:
            return
        if self._area.table.selected_count() > 1:
            self._decide_selected(state)
        else:
            self._decide_current(state)

    def undo(self) -> None:
        """Take back the last act; what was typed and not saved counts as the last one."""
        self.leave()
        self._acts.undo()

    def redo(self) -> None:
        """Do the last undone act again."""
        self.leave()
        self._acts.redo()

    def _decide_current(self, state: str) -> None:
        detail = self._area.detail
        if detail.example is None or (state == "accepted" and not detail.says_something()):
            return
        example_id, edited = detail.example.id, detail.edit().decides
        self.save()
        if not (edited and state == "accepted"):  # a saved edit is accepted already
            self._acts.decide([example_id], state)
        if state != "unreviewed":
            self.pace.decided(self._clock())
            self._area.table.move_current(1)

    def _decide_selected(self, state: str) -> None:
        ids = self._area.table.selected_ids()
        all_matching = len(ids) == self._area.model.rowCount() and len(ids) > 1
        asked = sentences.question(
            state, len(ids), self._area.selected_states, self._listing.filter if all_matching else None
        )
        few = len(ids) <= ASK_FROM and not all_matching
        if few or confirm(self._page, asked.title, asked.text, asked.action):
            self.save()
            # The ids and not the filter: rows that came in since the number was shown are not among them.
            self._acts.decide(ids, state)

    def _on_submitted(self) -> None:
        self.save()
        self._area.home()

    def _on_revert_asked(self) -> None:
        example = self._area.detail.example
        if example is not None and example.answer_id is not None:
            self._on_use_asked(example.answer_id)

    def _on_use_asked(self, answer_id: int) -> None:
        example = self._area.detail.example
        if example is not None:
            self.save()
            self._acts.take(example.id, answer_id)

    def _on_go_back_asked(self, batch_id: int) -> None:
        example = self._area.detail.example
        if example is not None:
            self.save()
            self._acts.go_back(example.id, batch_id)

    def _on_decided(self, state: str, n: int) -> None:
        if n != 1:
            show_toast(self._page, sentences.decided(state, n))

    def _on_went(self, batch: Batch | None, example_id: int | None) -> None:
        text, hint = sentences.undone(batch)
        if batch is None:
            show_toast(self._page, "There is nothing more to take back or to do again")
            return
        show_toast(self._page, text)
        if hint:
            self._page.show_message("info", text, hint, key="passed-over")
        if example_id is not None and example_id != self._area.table.current_id():
            self._area.table.set_current_id(example_id)

    def _on_save_failed(self, example_id: int, error: DsbsError) -> None:
        bar = self._page.show_message(
            "bad",
            f"The texts of № {count(example_id)} were not saved: {error.message}",
            f"{error.hint} They are kept here until then.",
            "Show them",
            key=f"unsaved-{example_id}",
            dismissible=False,
        )
        bar.action_asked.connect(lambda: self._area.table.set_current_id(example_id))
        if self._area.table.current_id() == example_id:
            self._reading.show(example_id)
