"""What stands beside the table while several rows are selected."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit, QWidget

from dsbs_gui.kit.big_number import BigNumber
from dsbs_gui.kit.buttons import SecondaryButton
from dsbs_gui.kit.flow import Flow
from dsbs_gui.kit.layout import boxed, column
from dsbs_gui.kit.plain_label import PlainLabel
from dsbs_gui.kit.words import count, plural, tooltip
from dsbs_gui.steps.review import sentences

from .key_button import KeyButton
from .remark_fields import RatingField, TagField
from .undo_keys import PassUndoOn

if TYPE_CHECKING:
    from collections.abc import Mapping

_MOST_TAGS = 20


class BulkPanel(QWidget):
    """How many are selected, in which states and with which tags, and the way to all that match.

    Signals:
        all_asked: select all that match.
        one_asked: back to one row.
        reopen_asked: take their decisions back.
        take_asked, keep_asked: the new answers of those that have one, or what stands.
        again_asked: ask a teacher about them again.
        note_asked(str): put this line behind their notes.
    """

    all_asked = Signal()
    one_asked = Signal()
    reopen_asked = Signal()
    take_asked = Signal()
    keep_asked = Signal()
    again_asked = Signal()
    note_asked = Signal(str)

    def __init__(self, read_only: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.number = BigNumber("Selected examples")
        self.states = PlainLabel("", tone="muted", wrap=True)
        self.hint = PlainLabel(
            "What you decide is done to all of them at once. One undo takes it back.", tone="muted", wrap=True
        )
        self.rating, self.tags = RatingField(), TagField()
        self.all = SecondaryButton("")
        self.one = KeyButton("Back to one")
        self.reopen = KeyButton("Reopen", tooltip="Takes the decisions back")
        self.again = KeyButton("Ask again…", tooltip="Another teacher, prompt or sample; compared before it stands")
        ways = Flow(self.all, self.reopen, self.again, self.one)
        self.offers = PlainLabel("", type="emphasis")
        self.keep, self.take = KeyButton("Keep the old"), KeyButton("Take the new")
        self.compared = boxed(column(self.offers, Flow(self.keep, self.take), gap="xs"))
        rated = column(PlainLabel("Rating", type="emphasis"), self.rating, gap="xs")
        tagged = column(PlainLabel("Tags", type="emphasis"), self.tags, gap="xs")
        self.note = QLineEdit()
        self.note.setPlaceholderText("Add a line to their notes")
        self.note.setAccessibleName("Add a line to their notes")
        self._passing_on = PassUndoOn(self.note)
        noted = column(PlainLabel("Note", type="emphasis"), self.note, gap="xs")
        column(
            self.number, self.states, self.hint, ways, self.compared, rated, tagged, noted, None, gap="m", parent=self
        )
        self.note.setEnabled(not read_only)
        self.note.returnPressed.connect(self._on_note_entered)
        self.rating.set_enabled(not read_only)
        self.tags.set_enabled(not read_only)
        self.all.clicked.connect(self.all_asked)
        self.one.clicked.connect(self.one_asked)
        self.reopen.clicked.connect(self.reopen_asked)
        self.take.clicked.connect(self.take_asked)
        self.keep.clicked.connect(self.keep_asked)
        self.again.clicked.connect(self.again_asked)
        self.again.setEnabled(not read_only)
        self.compared.setEnabled(not read_only)
        self.show_offers(0)

    def set_note_key(self, key: str) -> None:
        """The key that leads to the line for notes."""
        self.note.setToolTip(tooltip(f"Return adds it · {key}" if key else "Return adds it"))

    def _on_note_entered(self) -> None:
        line = self.note.text()
        self.note.clear()
        if line.strip():
            self.note_asked.emit(line)

    def show_selection(self, n: int, shown: int) -> None:
        """So many of those shown are selected."""
        self.number.set(count(n))
        self.states.setText("")
        self.tags.show_tags({})
        self.all.setText(f"Select all {count(shown)} that match")
        self.all.setVisible(n < shown)
        self.reopen.set_text(f"Reopen {count(n)}", "Takes the decisions back")

    def show_offers(self, n: int) -> None:
        """So many of them have a new answer to compare."""
        self.offers.setText(f"{plural(n, 'of them has', 'of them have')} a new answer")
        self.compared.setVisible(bool(n))

    def show_tags(self, tags: Mapping[str, int]) -> None:
        """Which tags they have, and how many of them have each; the commonest of many."""
        self.tags.show_tags(dict(list(tags.items())[:_MOST_TAGS]))

    def show_states(self, states: Mapping[str, int]) -> None:
        """In which states they are."""
        self.states.setText(sentences.state_list(states))
