"""The line between the filters and the table that belongs to a queue: what it is about, and what can be done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFrame

from dsbs_gui.kit.elided_label import ElidedLabel
from dsbs_gui.kit.layout import column, grow, px, row
from dsbs_gui.kit.plain_label import PlainLabel

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget


class QueueStrip(QFrame):
    """A sentence to act on, the figures behind it, and buttons; hidden unless its queue is chosen."""

    def __init__(self, name: str, *buttons: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "message")
        self.setProperty("meaning", "info")
        self.setAccessibleName(name)
        self.headline = PlainLabel("", type="emphasis", wrap=True)
        self.details = ElidedLabel("", type="caption", tone="muted")
        layout = row(grow_column(self.headline, self.details), *buttons, gap="s", parent=self)
        layout.setContentsMargins(px("m"), px("s"), px("s"), px("s"))
        layout.setStretch(0, 1)
        self.hide()

    def say(self, headline: str, details: str) -> None:
        """Change the words."""
        self.headline.setText(headline)
        self.details.setText(details)
        self.setAccessibleDescription(f"{headline} {details}")


def grow_column(headline: QWidget, details: QWidget) -> QWidget:
    """Both lines over the free width."""
    holder = QFrame()
    column(grow(headline), grow(details), gap="xs", parent=holder)
    return holder
