"""Rating, tagging and noting at the Review page: the example shown, or all that are selected, as one act."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from dsbs_gui.core.store import remarks
from dsbs_gui.core.store.filters import Selection
from dsbs_gui.kit.sheet import confirm
from dsbs_gui.kit.toast import show_toast
from dsbs_gui.steps.review import sentences

from .deciding import ASK_FROM

if TYPE_CHECKING:
    from collections.abc import Callable

    from dsbs_gui.core.store.database import Transaction
    from dsbs_gui.kit.page import Page

    from .acts import Acts
    from .bulk import BulkPanel
    from .listing import Listing
    from .remark_fields import RemarkFields
    from .work_area import WorkArea


class Remarking(QObject):
    """Its questions and what it has done stand on ``page``."""

    def __init__(self, page: Page, acts: Acts, area: WorkArea, listing: Listing, read_only: bool) -> None:
        super().__init__(page)
        self._page, self._acts, self._area, self._listing = page, acts, area, listing
        self._read_only = read_only
        for field in (area.detail.remarks, area.bulk):
            field.rating.rated.connect(self.rate)
            field.tags.tag_asked.connect(self.tag)
            field.tags.untag_asked.connect(self.untag)
        area.bulk.note_asked.connect(self.add_note)

    def rate(self, rating: int | None) -> None:
        """Rate from 1 to 5; None takes the rating away."""
        words = "Take the rating from {}" if rating is None else f"Rate {{}} {rating} of 5"
        self._do(words, lambda tx, chosen: remarks.rate(tx, chosen, rating))

    def tag(self, name: str) -> None:
        """Add a tag."""
        self._do(f"Tag {{}} “{_braced(name)}”", lambda tx, chosen: remarks.tag(tx, chosen, name))

    def untag(self, name: str) -> None:
        """Take a tag away."""
        self._do(f"Take the tag “{_braced(name)}” from {{}}", lambda tx, chosen: remarks.untag(tx, chosen, name))

    def add_note(self, line: str) -> None:
        """Put a line behind the notes, and behind what is being written of one of them."""
        self._area.save_asked.emit()
        self._do("Add to the notes of {}", lambda tx, chosen: remarks.add_note(tx, chosen, line))

    def edit_tags(self) -> None:
        """Go to the line that adds a tag."""
        self._shown.tags.line.setFocus()

    def edit_note(self) -> None:
        """Go to the note of the example, or to the line that is added to those of all that are selected."""
        self._shown.note.setFocus()

    @property
    def _shown(self) -> BulkPanel | RemarkFields:
        """The fields that can be seen."""
        return self._area.bulk if self._area.table.selected_count() > 1 else self._area.detail.remarks

    def _do(self, words: str, change: Callable[[Transaction, Selection], int]) -> None:
        """Do it, and ask before it is done to many. ``words`` have ``{}`` where the examples are named."""
        table = self._area.table
        if self._read_only:
            return
        if table.selected_count() <= 1:
            example = self._area.detail.example
            if example is not None:
                self._write(change, Selection.of([example.id]), "")
            return
        ids = table.selected_ids()
        all_matching = len(ids) == self._area.model.rowCount()
        asked = sentences.remark_question(words, len(ids), self._listing.filter if all_matching else None)
        if (len(ids) <= ASK_FROM and not all_matching) or confirm(self._page, asked.title, asked.text, asked.action):
            self._write(change, Selection.of(ids), words)

    def _write(self, change: Callable[[Transaction, Selection], int], chosen: Selection, words: str) -> None:
        self._acts.remark(lambda tx: change(tx, chosen), partial(self._on_done, words))

    def _on_done(self, words: str, n: int) -> None:
        if words:
            show_toast(self._page, sentences.remarked(words, n))


def _braced(name: str) -> str:
    """A tag that stands in words with a place for a number."""
    return name.replace("{", "{{").replace("}", "}}")
