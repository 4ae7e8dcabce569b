"""Something that is put away behind its title until one asks for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QPushButton, QSizePolicy, QVBoxLayout, QWidget

from dsbs_gui.kit.layout import boxed, clear, column, px, row
from dsbs_gui.kit.theme.icons import set_icon

if TYPE_CHECKING:
    from collections.abc import Callable


class Fold(QWidget):
    """A title with a caret; the content is made when it is first needed, and again after ``forget``.

    Args:
        fill: puts widgets into the layout given.
    """

    def __init__(self, title: str, fill: Callable[[QVBoxLayout], None], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._fill = fill
        self._filled = False
        self.button = QPushButton(title)
        self.button.setProperty("kind", "icon")
        self.button.setAutoDefault(False)
        self.button.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.button.clicked.connect(lambda: self.set_open(not self.is_open()))
        self.content = column(gap="s")
        self._holder = boxed(self.content)
        self.content.setContentsMargins(px("xl"), 0, 0, px("s"))
        self._holder.hide()
        column(row(self.button, None), self._holder, gap="none", parent=self)
        self._show_caret()

    def set_title(self, title: str) -> None:
        self.button.setText(title)
        self.setAccessibleName(title)

    def is_open(self) -> bool:
        return not self._holder.isHidden()

    def set_open(self, open: bool) -> None:
        self._holder.setVisible(open)
        self._show_caret()
        self._fill_if_open()

    def forget(self) -> None:
        """The content is out of date: made anew at once if it is open, else when it is opened."""
        self._filled = False
        if not self.is_open():
            clear(self.content)
        self._fill_if_open()

    def _fill_if_open(self) -> None:
        if self.is_open() and not self._filled:
            clear(self.content)
            self._fill(self.content)
            self._filled = True

    def _show_caret(self) -> None:
        set_icon(self.button, "caret-down" if self.is_open() else "caret-right", 16, "muted")
        self.button.setAccessibleDescription("open" if self.is_open() else "folded")
