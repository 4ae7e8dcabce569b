"""Two or more reviewers' decisions on one example side by side, and the choice between them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget
from typing_extensions import override

from dsbs_gui.core.store.reviews import DECIDED, OWN
from dsbs_gui.kit.chips import Chip
from dsbs_gui.kit.layout import boxed, clear, column, hairline, px, row
from dsbs_gui.kit.plain_label import PlainLabel
from dsbs_gui.kit.reading_text import ReadingText
from dsbs_gui.kit.scroller import Scroller
from dsbs_gui.steps.review import sentences
from dsbs_gui.steps.review.hidden import reveal

from .columns import STATE_TONES
from .diff_text import DiffText
from .fit import HeightFitter
from .key_button import KeyButton

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QResizeEvent

    from dsbs_gui.core.store.reviews import Review

_MOST_LINES = 7
_MOST_HIGH = 12
"""In lines; longer texts are scrolled."""

_MOST_SIDES = 9
"""As many as there are number keys."""


class SidesPanel(QFrame):
    """Our own side first; the others show by marks where their rationale differs from it.

    Signals:
        chosen(reviewer): that side's decision is to stand; '' = our own.
    """

    chosen = Signal(str)

    def __init__(self, read_only: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "card")
        self.setAccessibleName("Reviewers")
        self._read_only = read_only
        self._sides: tuple[Review, ...] = ()
        self._settled: bool | None = None
        self._keys: tuple[str, ...] = ()
        self.buttons: list[KeyButton] = []
        self.title = PlainLabel("", type="emphasis")
        self._columns, self._choices = row(gap="m"), row(gap="m")
        self._texts = boxed(self._columns)
        self._scroller = Scroller(self._texts)
        layout = column(self.title, self._scroller, self._choices, gap="s", parent=self)
        layout.setContentsMargins(px("m"), px("s"), px("m"), px("s"))
        self._fitting = QTimer(self, singleShot=True, interval=0)
        self._fitting.timeout.connect(self._fit)
        self.hide()

    def show_sides(self, sides: Sequence[Review], settled: bool) -> None:
        """Show the sides of an example; none hides the panel."""
        self.setVisible(bool(sides))
        if (tuple(sides), settled) == (self._sides, self._settled):
            return
        self._sides, self._settled = tuple(sides[:_MOST_SIDES]), settled
        clear(self._columns)
        clear(self._choices)
        self.buttons = []
        self.title.setText("Settled; choose again to change it" if settled else "Which decision stands?")
        for place, side in enumerate(self._sides):
            if place:
                self._columns.addWidget(hairline(vertical=True))
                self._choices.addSpacing(1)
            self._columns.addWidget(boxed(self._side(place, side)), 1)
            self._choices.addWidget(boxed(row(self._button(place, side), None)), 1)
        self._fitting.start()

    def set_keys(self, keys: Sequence[str]) -> None:
        """Print these keys on the buttons, from the first side on."""
        self._keys = tuple(keys)
        for button, key in zip(self.buttons, self._keys, strict=False):
            button.set_key(key)

    def choose(self, number: int) -> bool:
        """Take the side of that number, from 0; False if it cannot be taken."""
        if not 0 <= number < len(self.buttons) or not self.buttons[number].isEnabled():
            return False
        self.chosen.emit(self._sides[number].reviewer)
        return True

    def _side(self, place: int, side: Review) -> QVBoxLayout:
        name = _name(side)
        state = Chip(sentences.STATES[side.state], STATE_TONES[side.state])
        own = self._sides[0]
        text: ReadingText
        if place and (side.rationale or "") != (own.rationale or ""):
            text = DiffText(f"Rationale of {name}, marked against ours")
            text.show_diff(own.rationale or "", side.rationale or "", around=60)
        else:
            text = ReadingText(f"Rationale of {name}", reveal(side.rationale or "No rationale.").text)
            HeightFitter(text, 2, _MOST_LINES)
        label = PlainLabel(f"Label: {reveal(side.label or 'none').text[:120]}", wrap=True)
        if place and side.label != own.label:
            label.set_tone("attention")
        head = row(PlainLabel(name, type="emphasis"), state, None, gap="s")
        layout = column(head, text, label, gap="xs")
        if side.note:
            layout.addWidget(PlainLabel(f"Note: {reveal(side.note).text[:300]}", tone="muted", wrap=True))
        layout.addStretch(1)
        return layout

    def _button(self, place: int, side: Review) -> KeyButton:
        button = KeyButton("Let this stand", tooltip=f"The decision of {_name(side)} stands; undo takes it back")
        button.set_key(self._keys[place] if place < len(self._keys) else "")
        button.setAccessibleName(f"Let the decision of {_name(side)} stand")
        button.setEnabled(not self._read_only and side.state in DECIDED)
        button.clicked.connect(lambda: self.chosen.emit(side.reviewer))
        self.buttons.append(button)
        return button

    def _fit(self) -> None:
        """As high as the texts, but never so high that the example below has no room."""
        wanted = self._texts.heightForWidth(self._scroller.viewport().width())
        if wanted < 0:  # there are no texts
            return
        self._scroller.setFixedHeight(min(wanted, self.fontMetrics().lineSpacing() * _MOST_HIGH))

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fitting.start()


def _name(side: Review) -> str:
    return "Here" if side.reviewer == OWN else side.reviewer
