"""The decisions, with their keys on them; for one example or for all that are selected."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from dsbs_gui.kit.layout import px, row
from dsbs_gui.kit.words import count
from dsbs_gui.steps.review import sentences

from .key_button import KeyButton, PrimaryKeyButton

_DECISIONS = ("accepted", "rejected", "skipped")


class DecisionBar(QWidget):
    """Accept, reject, skip, save; in the focus view the way to the neighbours too.

    Signals:
        decided(state): one of the first three was pressed.
        save_asked: save the texts and stay.
    """

    decided = Signal(str)
    save_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Decision")
        self.buttons: dict[str, KeyButton] = {}
        layout = row(gap="s", parent=self)
        for state in _DECISIONS:
            made = PrimaryKeyButton if state == "accepted" else KeyButton
            button = made(sentences.VERBS[state])
            button.clicked.connect(lambda _=False, s=state: self.decided.emit(s))
            self.buttons[state] = button
            layout.addWidget(button)
        layout.addStretch(1)
        self.previous, self.next = KeyButton("Previous"), KeyButton("Next")
        layout.addWidget(self.previous)
        layout.addWidget(self.next)
        layout.addSpacing(px("l"))
        self.set_focus_view(False)
        self.save = KeyButton("Save", tooltip="Saves the texts and stays here; moving on saves as well")
        self.save.clicked.connect(self.save_asked)
        layout.addWidget(self.save)

    def set_focus_view(self, focus: bool) -> None:
        """Whether one example is shown alone."""
        self.previous.setVisible(focus)
        self.next.setVisible(focus)

    def show_one(self, can_decide: bool, can_accept: bool, can_save: bool) -> None:
        """The buttons act on one example."""
        self._retitle(0)
        for state, button in self.buttons.items():
            button.setEnabled(can_decide and (state != "accepted" or can_accept))
        why = "" if can_accept or not can_decide else "There is no rationale to accept"
        self.buttons["accepted"].set_text(sentences.VERBS["accepted"], why)
        self.save.setEnabled(can_save)
        self.save.show()

    def show_many(self, n: int, can_decide: bool) -> None:
        """The buttons act on so many selected examples."""
        self._retitle(n)
        for button in self.buttons.values():
            button.setEnabled(can_decide)
        self.save.hide()

    def _retitle(self, n: int) -> None:
        for state, button in self.buttons.items():
            verb = sentences.VERBS[state]
            text = f"{verb} {count(n)}" if n else verb
            if button.accessibleName() != text:
                button.set_text(text)
