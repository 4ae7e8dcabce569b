"""New answers beside what stands: taken, refused or merged, for one example or all selected; and asking for them."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from dsbs_gui.core.store import answers, decisions, offers
from dsbs_gui.core.store.filters import Selection, as_json
from dsbs_gui.kit.sheet import confirm
from dsbs_gui.kit.toast import show_toast
from dsbs_gui.steps.review import answer_words, editing

from . import merge_sheet
from .deciding import ASK_FROM
from .writes import Writes

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from dsbs_gui.core.project import Project
    from dsbs_gui.core.store.database import Transaction
    from dsbs_gui.kit.bridge import Bridge
    from dsbs_gui.steps.review.sentences import Question

    from .deciding import Deciding
    from .page import ReviewPage


class Comparing(QObject):
    """Its questions and what it has done stand on ``page``."""

    def __init__(self, page: ReviewPage, project: Project, bridge: Bridge, deciding: Deciding) -> None:
        super().__init__(page)
        self._page, self._project, self._bridge, self._deciding = page, project, bridge, deciding
        self._writes = Writes(project, bridge, self)
        area = self._area = page.area
        self._read_only = project.store.read_only
        for panel in (area.detail.offer, area.bulk):
            panel.take_asked.connect(self.take)
            panel.keep_asked.connect(self.keep)
        area.detail.offer.merge_asked.connect(self.merge)
        area.detail.merge_asked.connect(self.merge)
        area.detail.again_asked.connect(self.ask_again)
        area.bulk.again_asked.connect(self.ask_again)
        area.table.selected_changed.connect(self._count)

    def take(self) -> None:
        """Put the new answers in the place of what stands; among several, what was reviewed stays."""
        self._decide(offers.take_one, offers.take, answer_words.take_question, answer_words.taken)

    def keep(self) -> None:
        """Keep what stands."""
        self._decide(
            lambda tx, example_id: offers.refuse(tx, Selection.of([example_id])),
            offers.refuse,
            answer_words.keep_question,
            answer_words.kept,
        )

    def merge(self, answer_id: int) -> None:
        """Make one text of what stands and of another answer."""
        self._deciding.save()
        example = self._area.detail.example
        other = answers.get(self._project.store.reader, answer_id)
        if self._read_only or example is None or other is None or other.example_id != example.id:
            return
        made = merge_sheet.ask(self._page, example, other)
        if made is not None:
            rationale, label = made
            agree = editing.agreement(self._project.task, example, label)
            self._writes.submit(
                lambda tx: decisions.merge(tx, example.id, answer_id, rationale, label, agree=agree),
                lambda _: show_toast(self._page, "Merged"),
            )

    def ask_again(self) -> None:
        """Hand the selected examples, or the one shown, to the Teacher page."""
        chosen = self._area.table.selected_ids()
        example = self._area.detail.example
        if self._area.table.selected_count() <= 1:
            chosen = array("q", [example.id] if example is not None else [])
        if chosen and not self._read_only:
            self._deciding.leave()
            self._page.ask_teacher.emit(chosen, answer_words.again_title(chosen), "", True)

    def _decide(
        self,
        one: Callable[[Transaction, int], object],
        many: Callable[[Transaction, Selection], int],
        question: Callable[[int, int], Question],
        said: Callable[[int], str],
    ) -> None:
        if self._read_only:
            return
        if self._area.table.selected_count() > 1:
            self._ask_and_do(self._area.table.selected_ids(), many, question, said)
            return
        example = self._area.detail.example
        if example is not None and example.offered is not None:
            self._deciding.leave()
            self._writes.submit(lambda tx: one(tx, example.id))
            self._area.table.move_current(1)

    def _ask_and_do(
        self,
        ids: Sequence[int],
        many: Callable[[Transaction, Selection], int],
        question: Callable[[int, int], Question],
        said: Callable[[int], str],
    ) -> None:
        store, selection = self._project.store, Selection.of(ids)

        def on_counted(counted: tuple[int, int]) -> None:
            if not counted[0]:
                show_toast(self._page, "None of them has a new answer")
                return
            asked = question(*counted)
            if counted[0] <= ASK_FROM or confirm(self._page, asked.title, asked.text, asked.action):
                self._deciding.leave()
                self._writes.submit(lambda tx: many(tx, selection), lambda n: show_toast(self._page, said(n)))

        self._bridge.run(lambda: offers.count_of(store.reader, as_json(ids)), on_counted, owner=self)

    def _count(self, n: int) -> None:
        """How many of the selected have a new answer."""
        bulk, table, store = self._area.bulk, self._area.table, self._project.store
        bulk.show_offers(0)
        if n > 1:
            ids = table.selected_ids()

            def counted() -> int:
                return offers.count_of(store.reader, as_json(ids))[0] if offers.count(store.reader) else 0

            self._bridge.run(counted, lambda found: self._on_counted(n, found), owner=self)

    def _on_counted(self, n: int, found: int) -> None:
        if n == self._area.table.selected_count():
            self._area.bulk.show_offers(found)
