"""The chips that narrow the table down by rating, note and tag; only such as some row has are shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QMenu

from dsbs_gui.core.store.remarks import RATINGS
from dsbs_gui.kit.buttons import SecondaryButton
from dsbs_gui.kit.chips import ChipRow
from dsbs_gui.kit.words import count, visible, without_mnemonic

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dsbs_gui.core.store.filters import Filter
    from dsbs_gui.core.store.remarks import Remarked

_LONGEST = 24
_MOST = 300
"""Of the commonest tags: nobody reads a longer menu, and it would take long to open."""


class RemarkChips(QObject):
    """Widgets for the filter bar to lay out: a chip a rating, one for notes, and a menu of all tags.

    Signals:
        changed: the user switched one.
    """

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.ratings = {n: ChipRow([(str(n), "★" * n)], name=f"Rated {n} of 5") for n in RATINGS}
        self.noted = ChipRow([("noted", "Has a note")], name="Note")
        self.tags = SecondaryButton("Tags")
        self.menu = QMenu(self.tags)
        self.tags.set_menu(self.menu)
        self.tags.setToolTip("Only examples with one of these tags")
        self._tags: tuple[str, ...] = ()
        self.widgets = (*self.ratings.values(), self.noted, self.tags)
        for chip in (*self.ratings.values(), self.noted):
            chip.changed.connect(lambda _: self.changed.emit())

    def rating_value(self) -> tuple[int, ...]:
        """The ratings that are switched on."""
        return tuple(n for n, chip in self.ratings.items() if chip.value())

    def noted_value(self) -> bool:
        """Whether only examples with a note are wanted."""
        return bool(self.noted.value())

    def tag_value(self) -> tuple[str, ...]:
        """The tags that are switched on."""
        return self._tags

    def set_value(self, chosen: Filter) -> None:
        """Switch on what a filter says, without telling."""
        for n, chip in self.ratings.items():
            chip.set_value([str(n)] if n in chosen.ratings else [])
        self.noted.set_value(["noted"] if chosen.noted else [])
        self._tags = chosen.tags
        self._show_tags()

    def set_counts(self, remarked: Remarked) -> None:
        """Show how many rows each would leave, and only those that leave some or are on."""
        for n, chip in self.ratings.items():
            chip.set_counts({str(n): remarked.ratings.get(n, 0)})
            chip.setVisible(n in remarked.ratings or n in self.rating_value())
        self.noted.set_counts({"noted": remarked.noted})
        self.noted.setVisible(bool(remarked.noted) or self.noted_value())
        self._fill_menu([*remarked.tags, *(name for name in self._tags if name not in remarked.tags)], remarked.tags)
        self.tags.setVisible(bool(remarked.tags) or bool(self._tags))

    def _fill_menu(self, names: Sequence[str], numbers: dict[str, int]) -> None:
        self.menu.clear()
        for name in names[:_MOST]:
            text = f"{without_mnemonic(visible(name))}   {count(numbers.get(name, 0))}"
            entry = self.menu.addAction(text)
            entry.setCheckable(True)
            entry.setChecked(name in self._tags)
            entry.setData(name)
            entry.triggered.connect(lambda on, name=name: self._on_switched(name, on))

    def _on_switched(self, name: str, on: bool) -> None:
        self._tags = (*self._tags, name) if on else tuple(tag for tag in self._tags if tag != name)
        self._show_tags()
        self.changed.emit()

    def _show_tags(self) -> None:
        for entry in self.menu.actions():
            entry.setChecked(entry.data() in self._tags)
        if not self._tags:
            self.tags.setText("Tags")
            return
        more = f" +{len(self._tags) - 1}" if len(self._tags) > 1 else ""
        self.tags.setText(without_mnemonic(f"Tag: {visible(self._tags[0], _LONGEST)}{more}"))
