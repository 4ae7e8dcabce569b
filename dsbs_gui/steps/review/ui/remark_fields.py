"""Rating, tags and note of an example: the fields in which one sees and changes them."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from PySide6.QtCore import QStringListModel, Qt, Signal
from PySide6.QtWidgets import QCompleter, QLineEdit, QWidget

from dsbs_gui.core.errors import UserError
from dsbs_gui.core.store.remarks import RATINGS
from dsbs_gui.core.tags import LONGEST, tag_name
from dsbs_gui.kit.buttons import IconButton
from dsbs_gui.kit.chips import FilterChip
from dsbs_gui.kit.flow import Flow
from dsbs_gui.kit.layout import column, row
from dsbs_gui.kit.plain_label import PlainLabel
from dsbs_gui.kit.text_editor import TextEditor
from dsbs_gui.kit.words import count, tooltip

from .fit import HeightFitter
from .undo_keys import PassUndoOn

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dsbs_gui.core.store.examples import Example


class RatingField(QWidget):
    """Five stars. The one that is the rating already takes it away.

    Signals:
        rated(int or None): the user wants this rating.
    """

    rated = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Rating")
        self._rating: int | None = None
        self._keys = [""] * (len(RATINGS) + 1)
        self.stars = [IconButton("star", f"Rate {n} of 5") for n in RATINGS]
        row(*self.stars, None, gap="none", parent=self)
        for n, star in zip(RATINGS, self.stars, strict=True):
            star.clicked.connect(lambda _=False, n=n: self.rated.emit(None if n == self._rating else n))
        self.show_rating(None)

    def show_rating(self, rating: int | None) -> None:
        """Fill so many stars."""
        self._rating = rating
        for n, star in zip(RATINGS, self.stars, strict=True):
            full = rating is not None and n <= rating
            name = "Take the rating away" if n == rating else f"Rate {n} of 5"
            star.set_icon("star-fill" if full else "star", name)
            key = self._keys[0 if n == rating else n]
            star.set_tooltip(f"{name} · {key}" if key else name)

    def set_keys(self, keys: Sequence[str]) -> None:
        """The keys that do the same: the one that takes the rating away, then those of 1 to 5."""
        self._keys = list(keys)
        self.show_rating(self._rating)

    def set_enabled(self, enabled: bool) -> None:
        for star in self.stars:
            star.setEnabled(enabled)


class TagField(QWidget):
    """Tags as chips that go when they are pressed, and a line that adds one, with those of the project to complete it.

    Signals:
        tag_asked(str), untag_asked(str): the user wants a tag added or taken away.
    """

    tag_asked = Signal(str)
    untag_asked = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Tags")
        self.chips: dict[str, FilterChip] = {}
        self._shown: dict[str, int | None] = {}
        self.line = QLineEdit()
        self.line.setPlaceholderText("Add a tag")
        self.line.setAccessibleName("Add a tag")
        self.line.setMaxLength(LONGEST)
        self.line.setFixedWidth(self.line.fontMetrics().averageCharWidth() * 18)
        self._known = QStringListModel(self)
        self.completer = QCompleter(self._known, self)
        self.completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.completer.setFilterMode(Qt.MatchFlag.MatchContains)
        self.line.setCompleter(self.completer)
        self._passing_on = PassUndoOn(self.line)
        self._flow = Flow(self.line)
        column(self._flow, gap="none", parent=self)
        self.line.returnPressed.connect(self._on_return)
        # Later: the line still takes over the text of the entry that was pressed.
        self.completer.activated.connect(self._add, Qt.ConnectionType.QueuedConnection)

    def set_key(self, key: str) -> None:
        """The key that leads to the line."""
        self.line.setToolTip(tooltip(f"Return adds it · {key}" if key else "Return adds it"))

    def set_known(self, names: Sequence[str]) -> None:
        """The tags to complete with."""
        if list(names) != self._known.stringList():  # a list that is open would close
            self._known.setStringList(list(names))

    def show_tags(self, tags: Mapping[str, int | None]) -> None:
        """Show these tags, each with how many have it, or without a number."""
        if dict(tags) == self._shown:
            return
        self._shown = dict(tags)
        focused = next((name for name, chip in self.chips.items() if chip.hasFocus()), None)
        for chip in self.chips.values():
            chip.hide()
            chip.deleteLater()
        self.chips = {name: FilterChip(name, _chip(name, number)) for name, number in tags.items()}
        for name, chip in self.chips.items():
            chip.setCheckable(False)
            chip.setEnabled(self.line.isEnabled())
            chip.setAccessibleName(f"Take the tag {name} away")
            chip.clicked.connect(lambda _=False, name=name: self.untag_asked.emit(name))
            self._flow.add(chip)
        self._flow.add(self.line)  # behind the chips
        for before, after in pairwise([self.line, *self.chips.values()]):
            QWidget.setTabOrder(before, after)  # else new ones come behind everything in the window
        if focused is not None:
            self.chips.get(focused, self.line).setFocus()

    def set_enabled(self, enabled: bool) -> None:
        self.line.setEnabled(enabled)
        for chip in self.chips.values():
            chip.setEnabled(enabled)

    def _on_return(self) -> None:
        popup = self.completer.popup()
        chosen = popup is not None and popup.isVisible() and popup.currentIndex().isValid()
        if not chosen:  # an entry that is chosen is told by the completer
            self._add(self.line.text())

    def _add(self, text: str) -> None:
        self.line.clear()
        try:
            name = tag_name(text)
        except UserError:  # the line takes no more than a tag may have: there was nothing in it
            return
        self.tag_asked.emit(name)


def _chip(name: str, number: int | None) -> str:
    return f"{name}  ✕" if number is None else f"{name}  {count(number)}  ✕"


class RemarkFields(QWidget):
    """The three fields of one example. Of the note, like of the other texts, only what was changed is asked for."""

    def __init__(self, read_only: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rating, self.tags, self.note = RatingField(), TagField(), TextEditor("Note")
        self.note.setPlaceholderText("For yourself, and for who reviews after you")
        self.note.setReadOnly(read_only)
        self.rating.set_enabled(not read_only)
        self.tags.set_enabled(not read_only)
        HeightFitter(self.note, 1, 6)
        self._passing_on = PassUndoOn(self.note)
        sides = row(gap="l")
        top = Qt.AlignmentFlag.AlignTop
        for title, field, share in (("Rating", self.rating, 2), ("Tags", self.tags, 3)):
            side = column(PlainLabel(title, type="emphasis"), field, gap="xs")
            side.setAlignment(field, top)
            sides.addLayout(side, share)
            sides.setAlignment(side, top)
        column(sides, PlainLabel("Note", type="emphasis"), self.note, gap="xs", parent=self)

    def set_note_key(self, key: str) -> None:
        """The key that leads to the note."""
        self.note.setToolTip(tooltip(f"Write a note · {key}" if key else ""))

    def show_example(self, example: Example) -> None:
        """Rating and tags; the note is set by who knows whether it was changed."""
        self.rating.show_rating(example.rating)
        self.tags.show_tags(dict.fromkeys(example.tags))
