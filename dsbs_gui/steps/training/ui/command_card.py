"""The command that does what the form says, to look at and to copy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dsbs_gui.kit.buttons import LinkButton
from dsbs_gui.kit.card import Card
from dsbs_gui.kit.code_text import CodeText
from dsbs_gui.kit.plain_label import PlainLabel
from dsbs_gui.kit.toast import show_toast

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

_HEIGHT = 76


class CommandCard(Card):
    """Shows one line of a shell."""

    def __init__(self, parent: QWidget | None = None) -> None:
        copy = LinkButton("Copy", "copy")
        super().__init__("As a command", action=copy, parent=parent)
        self.copy = copy
        self.text = CodeText("The command that does the same")
        self.text.setFixedHeight(_HEIGHT)
        self.text.setTabChangesFocus(True)
        self.add(
            self.text,
            PlainLabel("Trains the same without the window, for example on another machine.", type="caption",
                       tone="muted", wrap=True),
        )  # fmt: skip
        copy.clicked.connect(self.copy_line)

    def show_line(self, line: str, why_not: str = "") -> None:
        """Show the command; or why there is none yet."""
        if self.text.source() != (line or why_not):
            self.text.set_source(line or why_not)
        self.copy.setEnabled(bool(line))

    def copy_line(self) -> None:
        """Put the command on the clipboard."""
        if self.copy.isEnabled():
            self.text.copy_source()
            show_toast(self, "The command is on the clipboard")
