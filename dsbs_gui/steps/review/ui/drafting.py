"""What is being typed survives a kill: it is stored as a draft half a second later, and offered when one is back.

A draft is put into the editors, but it is no edit until somebody says so, types on, or accepts it: moving on
leaves it where it was.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from dsbs_gui.core.store import drafts
from dsbs_gui.kit.words import count, plural
from dsbs_gui.steps.review.editing import Edit

from .writes import Writes

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from dsbs_gui.core.errors import DsbsError
    from dsbs_gui.core.project import Project
    from dsbs_gui.core.store.drafts import Draft
    from dsbs_gui.kit.bridge import Bridge
    from dsbs_gui.kit.page import Page

    from .detail import DetailPanel

WRITE_MS = 500
"""At most so much typing is lost, and the time of one commit."""


class Drafting(QObject):
    """Writes drafts of the panel's example and offers those of earlier sessions.

    Args:
        show: brings an example to the front, whatever the filter.
        save: saves what is in the editors.
    """

    def __init__(
        self,
        page: Page,
        project: Project,
        bridge: Bridge,
        detail: DetailPanel,
        show: Callable[[int], object],
        save: Callable[[], object],
    ) -> None:
        super().__init__(page)
        self._page, self._detail, self._show, self._save = page, detail, show, save
        self._store, self._bridge = project.store, bridge
        self._writes = Writes(project, bridge, self)
        self._left: dict[int, Draft] = {}
        self._written: set[int] = set()
        self._timer = QTimer(self, singleShot=True, interval=WRITE_MS)
        if not self._store.read_only:
            self._timer.timeout.connect(self._write)
            detail.modified.connect(self._on_modified)
            detail.draft.keep_asked.connect(self._save)
            detail.draft.discard_asked.connect(self._on_discard_asked)
            bridge.run(lambda: drafts.left(self._store.reader), self._on_found, owner=self)

    def offer(self, example_id: int | None) -> None:
        """Put a draft of an earlier session into the editors, if there is one of the example shown."""
        draft = self._left.get(example_id) if example_id is not None else None
        example = self._detail.example
        if draft is None or example is None or example.id != example_id or self._detail.edit():
            return
        if not self._detail.restore(Edit(draft.rationale, draft.label, draft.note), f"Draft from {_clock(draft.t)}"):
            self.settled(draft.example_id)  # it stands already
            self._writes.submit(lambda tx: drafts.discard(tx, draft.example_id))

    def settled(self, example_id: int) -> None:
        """The texts of an example were saved: its draft is gone with the same commit."""
        self._written.discard(example_id)
        if self._left.pop(example_id, None) is not None:
            self._say()

    def _on_found(self, found: Sequence[Draft]) -> None:
        self._left = {draft.example_id: draft for draft in found}
        self._say()
        if self._detail.example is not None:
            self.offer(self._detail.example.id)

    def _say(self) -> None:
        """A bar that leads to the newest draft."""
        if not self._left:
            self._page.messages.clear("drafts")
            return
        newest = max(self._left.values(), key=lambda draft: draft.t)
        n = len(self._left)
        bar = self._page.show_message(
            "info",
            f"{plural(n, 'draft')} {'was' if n == 1 else 'were'} not saved when the program ended.",
            f"The newest is of № {count(newest.example_id)}, from {_clock(newest.t)}.",
            "Show it",
            key="drafts",
        )
        bar.action_asked.connect(lambda: self._show(newest.example_id))

    def _on_modified(self) -> None:
        # Not started anew by each key: who types without a pause is as safe as anybody.
        if not self._timer.isActive() and self._detail.example is not None:
            example_id = self._detail.example.id
            if example_id in self._written or (self._detail.edit() and not self._detail.only_restored()):
                self._timer.start()

    def _write(self) -> None:
        example, edit = self._detail.example, self._detail.edit()
        if example is None or self._detail.only_restored() or self._store.closed:
            return
        example_id = example.id
        if edit:
            self._written.add(example_id)
            self._writes.submit(
                lambda tx: drafts.keep(tx, example_id, edit.rationale, edit.label, edit.note),
                lambda _: self._page.messages.clear("draft-failed"),
                self._on_write_failed,
            )
        elif example_id in self._written:
            self._written.discard(example_id)
            self._writes.submit(lambda tx: drafts.discard(tx, example_id))

    def _on_write_failed(self, error: DsbsError) -> None:
        self._page.show_message(
            "attention",
            f"What you type is not kept in case of a crash: {error.message}",
            f"{error.hint} It stays in the editor meanwhile.",
            key="draft-failed",
        )

    def _on_discard_asked(self) -> None:
        example = self._detail.example
        if example is None:
            return
        example_id = example.id
        self._detail.drop()
        self.settled(example_id)
        self._writes.submit(lambda tx: drafts.discard(tx, example_id))


def _clock(t: float) -> str:
    """*14:02* of today, else *23 Nov 14:02*."""
    moment = datetime.fromtimestamp(t)
    return f"{moment:%H:%M}" if moment.date() == datetime.now().date() else f"{moment.day} {moment:%b %H:%M}"
