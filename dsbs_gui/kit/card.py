"""A group of things that belong together, with a title and perhaps one action."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QLayout, QVBoxLayout, QWidget

from dsbs_gui.kit.elided_label import ElidedLabel
from dsbs_gui.kit.layout import Gap, column, row
from dsbs_gui.kit.plain_label import PlainLabel


class Card(QFrame):
    """A bordered surface; put content into `body` or with `add`."""

    def __init__(
        self,
        title: str = "",
        *content: QWidget | QLayout,
        note: str = "",
        action: QWidget | None = None,
        gap: Gap = "s",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setProperty("kind", "card")
        self.title = PlainLabel(title, type="emphasis")
        self.note = ElidedLabel(note, tone="muted", type="caption")
        self.body: QVBoxLayout = column(gap=gap)
        layout = column(gap="s", margin="l", parent=self)
        if title or action is not None:
            self._head = row(self.title, self.note, None, gap="s")
            layout.addLayout(self._head)
            if action is not None:
                self._head.addWidget(action, 0, Qt.AlignmentFlag.AlignVCenter)
        layout.addLayout(self.body, 1)
        self.setAccessibleName(title)
        self.add(*content)

    def add(self, *content: QWidget | QLayout | None) -> None:
        """Append to the body; None is a stretch."""
        for item in content:
            if item is None:
                self.body.addStretch(1)
            elif isinstance(item, QWidget):
                self.body.addWidget(item)
            else:
                self.body.addLayout(item)

    def set_title(self, title: str) -> None:
        """Change the title (which must have been given at construction)."""
        self.title.setText(title)
        self.setAccessibleName(title)

    def set_note(self, text: str) -> None:
        """A short muted remark after the title, e.g. a count."""
        self.note.setText(text)
        self.note.updateGeometry()
