"""Under an editor: which part of a long text it holds, and the way to the others."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QSpinBox, QWidget

from dsbs_gui.kit.buttons import IconButton
from dsbs_gui.kit.elided_label import ElidedLabel
from dsbs_gui.kit.layout import grow, px, row
from dsbs_gui.kit.plain_label import PlainLabel
from dsbs_gui.kit.words import count


class PartBar(QWidget):
    """Signals:
    part_asked(int): the user wants to go to that part, from 0.
    """

    part_asked = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.back = IconButton("caret-left", "Previous part")
        self.back.set_tooltip("Previous part · Ctrl+PgUp")
        self.forth = IconButton("caret-right", "Next part")
        self.forth.set_tooltip("Next part · Ctrl+PgDown")
        self.number = QSpinBox()
        self.number.setAccessibleName("Part of the text")
        self.number.setKeyboardTracking(False)
        self.of = PlainLabel("", tone="muted")
        self.length = ElidedLabel("", type="caption", tone="muted")
        layout = row(
            self.back, PlainLabel("Part", tone="muted"), self.number, self.of, self.forth, gap="s", parent=self
        )
        layout.addWidget(grow(self.length))
        layout.setContentsMargins(px("xs"), px("xs"), px("s"), px("xs"))
        self.back.clicked.connect(lambda: self.part_asked.emit(self.number.value() - 2))
        self.forth.clicked.connect(lambda: self.part_asked.emit(self.number.value()))
        self.number.valueChanged.connect(lambda value: self.part_asked.emit(value - 1))

    def show_part(self, at: int, parts: int, characters: int) -> None:
        """Say which part is shown, and how long the whole text is."""
        with QSignalBlocker(self.number):
            self.number.setRange(1, parts)
            self.number.setValue(at + 1)
        self.of.setText(f"of {count(parts)}")
        self.back.setEnabled(at > 0)
        self.forth.setEnabled(at < parts - 1)
        self.length.setText(f"{count(characters)} characters, edited part by part")
