"""The small parts of the detail panel."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from dsbs_gui.kit.buttons import IconButton, LinkButton
from dsbs_gui.kit.chips import Chip
from dsbs_gui.kit.elided_label import ElidedLabel
from dsbs_gui.kit.icon_label import IconLabel
from dsbs_gui.kit.layout import column, grow, px, row
from dsbs_gui.kit.plain_label import PlainLabel
from dsbs_gui.kit.words import count
from dsbs_gui.steps.review import sentences
from dsbs_gui.steps.review.hidden import reveal

from .columns import STATE_TONES

if TYPE_CHECKING:
    from dsbs_gui.core.store.examples import Example
    from dsbs_gui.kit.theme.tokens import Tone

    from .label_field import LabelField


def section(title: str, *actions: QWidget) -> tuple[ElidedLabel, QHBoxLayout]:
    """A heading with a muted remark after it and perhaps actions at the right; returns remark and layout."""
    remark = ElidedLabel("", type="caption", tone="muted")
    layout = row(PlainLabel(title, type="emphasis"), grow(remark), gap="s")
    for action in actions:
        layout.addWidget(action)
    return remark, layout


class DetailHead(QWidget):
    """Number, state and split of the example, its place in the list, and the way to its neighbours."""

    reopen_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.number = PlainLabel("", type="section")
        self.state = Chip("", "muted")
        self.split = PlainLabel("", type="caption", tone="muted")
        self.place = PlainLabel("", type="caption", tone="muted")
        self.reopen = LinkButton("Reopen")
        self.reopen.clicked.connect(self.reopen_asked)
        self.previous = IconButton("caret-up", "Previous example")
        self.next = IconButton("caret-down", "Next example")
        row(
            self.number, self.state, self.split, self.reopen, None, self.place, self.previous, self.next,
            gap="s", parent=self,
        )  # fmt: skip

    def set_steps_shown(self, shown: bool) -> None:
        """Whether the small buttons for the neighbours are here."""
        self.previous.setVisible(shown)
        self.next.setVisible(shown)

    def show_example(self, example: Example, place: str) -> None:
        """Show whose detail this is."""
        self.number.setText(f"№ {count(example.id)}")
        tone: Tone = "bad" if sentences.failed(example) else STATE_TONES[example.state]
        self.state.set_state(sentences.state_word(example), tone)
        self.split.setText(sentences.SPLITS[example.split])
        self.place.setText(place)
        self.reopen.setVisible(example.state in ("accepted", "edited", "rejected", "skipped"))


class Remark(QWidget):
    """An icon and a sentence, shown only while there is something to say."""

    def __init__(self, icon: str, tone: Tone, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon = IconLabel(icon, 16, tone)
        self.text = PlainLabel("", tone=tone, wrap=True)
        layout = row(gap="s", parent=self)
        layout.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        layout.addWidget(self.text, 1)
        layout.setContentsMargins(0, px("xs"), 0, 0)
        self.hide()

    def show_text(self, text: str) -> None:
        """Say something; an empty text hides the remark."""
        self.text.setText(text)
        self.setVisible(bool(text))

    def show_verdict(self, icon: str, tone: Tone, text: str) -> None:
        """Say something in another tone."""
        self._icon.set_icon(icon, tone)
        self.text.set_tone(tone)
        self.show_text(text)


class DraftBar(QFrame):
    """Says that the texts shown are a draft, and asks what to do with it.

    Signals:
        keep_asked, discard_asked: a button was pressed.
    """

    keep_asked = Signal()
    discard_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "message")
        self.setProperty("meaning", "info")
        self.text = PlainLabel("")
        self.keep = LinkButton("Keep", tooltip="Saves these texts as an edit")
        self.discard = LinkButton("Discard", tooltip="Shows what was saved last")
        layout = row(IconLabel("info", 16, "info"), grow(self.text), self.keep, self.discard, gap="s", parent=self)
        layout.setContentsMargins(px("s"), px("xs"), px("s"), px("xs"))
        self.keep.clicked.connect(self.keep_asked)
        self.discard.clicked.connect(self.discard_asked)
        self.hide()

    def show_text(self, text: str) -> None:
        """What it is called."""
        self.text.setText(text)
        self.setAccessibleName(text)


class GoldBeside(QWidget):
    """The label's line, the gold label beside it, whether the two mean the same, and the possible labels."""

    def __init__(self, label: LabelField, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.gold = PlainLabel("", selectable=True, wrap=True)
        self.gold.setAccessibleName("Gold label")
        self.gold.setContentsMargins(0, px("xs"), 0, 0)
        self.verdict = Remark("check", "muted")
        sides = row(gap="l")
        # The stretches keep both at the top, whichever is the higher one.
        sides.addLayout(column(PlainLabel("Label", type="emphasis"), label.line, None, gap="xs"), 3)
        sides.addLayout(column(PlainLabel("Gold label", type="emphasis"), self.gold, None, gap="xs"), 2)
        layout = column(sides, self.verdict, label.choices, gap="xs", parent=self)
        layout.setContentsMargins(0, px("s"), 0, px("s"))

    def show_gold(self, gold: str | None, label: str, agree: bool | None) -> None:
        """Show the gold label and the verdict on ``label``."""
        self.gold.setText(reveal(gold or "").text or "none")
        self.gold.set_tone("text" if gold else "muted")
        text = sentences.verdict(agree, label, gold)
        if agree is None:
            self.verdict.show_verdict("minus", "muted", text)
        elif agree:
            self.verdict.show_verdict("check", "good", text)
        else:
            self.verdict.show_verdict("warning", "attention", text)
