"""One figure that matters, large, with a caption below."""

from __future__ import annotations

from PySide6.QtWidgets import QSizePolicy, QWidget

from dsbs_gui.kit.layout import column
from dsbs_gui.kit.plain_label import PlainLabel
from dsbs_gui.kit.theme.roles import set_tone
from dsbs_gui.kit.theme.tokens import Tone


class BigNumber(QWidget):
    """A 28-px figure, its caption, and a muted note such as an interval."""

    def __init__(self, caption: str, value: str = "–", note: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.value = PlainLabel(value, type="big")
        self.caption = PlainLabel(caption, tone="muted")
        self.note = PlainLabel(note, type="caption", tone="muted")
        column(self.value, self.caption, self.note, None, gap="xs", parent=self).setSpacing(2)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
        self.set(value, note)

    def set(self, value: str, note: str | None = None, tone: Tone = "text") -> None:
        """Show another figure, made with `kit.words`; None keeps the note."""
        self.value.setText(value)
        set_tone(self.value, tone)
        if note is not None:
            self.note.setText(note)
        self.note.setVisible(bool(self.note.text()))
        self.setAccessibleName(f"{self.caption.text()}: {value}")
        self.setAccessibleDescription(self.note.text())
