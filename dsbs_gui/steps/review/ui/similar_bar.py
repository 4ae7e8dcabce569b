"""Above the table while it shows the examples most like one: what they are like, and the way back."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from dsbs_gui.kit.buttons import SecondaryButton
from dsbs_gui.kit.elided_label import ElidedLabel
from dsbs_gui.kit.layout import grow, row
from dsbs_gui.kit.segmented_control import SegmentedControl

FIELDS = {"input": "Input", "rationale": "Rationale"}


class SimilarBar(QWidget):
    """Signals:
    field_asked(field): similar in this field instead.
    back_asked: to the list that was shown before.
    """

    field_asked = Signal(str)
    back_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Similar examples")
        self.sentence = ElidedLabel("", type="emphasis")
        self.field = SegmentedControl([*FIELDS.items()], "input", "Similar in")
        self.back = SecondaryButton("Back to the list", "arrow-left")
        row(grow(self.sentence), self.field, self.back, gap="s", parent=self)
        self.field.chosen.connect(self.field_asked)
        self.back.clicked.connect(self.back_asked)
        self.hide()

    def show_found(self, text: str, field: str) -> None:
        """Say what is listed."""
        self.sentence.setText(text)
        self.field.set_value(field)
        self.show()
