"""Modal dialogs: a title, a body, buttons at the foot."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QDialog, QHBoxLayout, QLayout, QPushButton, QVBoxLayout, QWidget

from dsbs_gui.kit.buttons import DangerButton, PrimaryButton, SecondaryButton
from dsbs_gui.kit.layout import column, hairline, row
from dsbs_gui.kit.message_bar import MessageArea
from dsbs_gui.kit.plain_label import PlainLabel

Width = Literal["s", "m", "l"]
_WIDTHS: dict[Width, int] = {"s": 420, "m": 640, "l": 960}


class Sheet(QDialog):
    """Base of all dialogs. Fill `body`, add buttons, call `ask()`; tests replace `ask`.

    Escape and Cancel refuse. `messages` shows faults under the title.
    """

    def __init__(
        self, parent: QWidget | None, title: str, *, subtitle: str = "", width: Width = "m", cancel: str = "Cancel"
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setModal(True)
        self.setMinimumWidth(_WIDTHS[width])
        self.title = PlainLabel(title, type="section")
        self.subtitle = PlainLabel(subtitle, tone="muted", wrap=True)
        if not subtitle:  # never shown before it has a parent: it would be a window for a moment
            self.subtitle.hide()
        self.messages = MessageArea()
        self.body: QVBoxLayout = column(gap="m")
        self.footer: QHBoxLayout = row(None, gap="s")
        head = column(self.title, self.subtitle, self.messages, gap="s", margin="xl")
        head.setContentsMargins(24, 20, 24, 12)
        self.body.setContentsMargins(24, 0, 24, 20)
        self.footer.setContentsMargins(24, 12, 24, 12)
        layout = column(head, gap="none", parent=self)
        layout.addLayout(self.body, 1)
        layout.addWidget(hairline())
        layout.addLayout(self.footer)
        self.cancel = SecondaryButton(cancel)
        self.cancel.clicked.connect(self.reject)
        self.footer.addWidget(self.cancel)

    def add(self, *content: QWidget | QLayout) -> None:
        """Append to the body."""
        for item in content:
            if isinstance(item, QWidget):
                self.body.addWidget(item)
            else:
                self.body.addLayout(item)

    def add_accept(self, text: str, *, danger: bool = False) -> QPushButton:
        """Add the button that accepts; a verb that says what will happen. Return presses it."""
        button = DangerButton(text) if danger else PrimaryButton(text)
        button.clicked.connect(self.accept)
        button.setDefault(True)
        self.footer.addWidget(button)
        return button

    def add_side_button(self, text: str) -> QPushButton:
        """Add a secondary button at the left of the foot."""
        button = SecondaryButton(text)
        self.footer.insertWidget(0, button)
        return button

    def ask(self) -> bool:
        """Show the sheet and wait; True if it was accepted."""
        return self.exec() == QDialog.DialogCode.Accepted


def confirm(parent: QWidget | None, title: str, text: str, action: str, *, danger: bool = False) -> bool:
    """Ask before an act; `action` is the verb on the button. Tests replace this function."""
    sheet = confirmation(parent, title, text, action, danger=danger)
    try:
        return sheet.ask()
    finally:
        sheet.deleteLater()


def confirmation(parent: QWidget | None, title: str, text: str, action: str, *, danger: bool = False) -> Sheet:
    """The sheet that `confirm` shows."""
    sheet = Sheet(parent or QApplication.activeWindow(), title, width="s")
    sheet.add(PlainLabel(text, wrap=True))
    accept = sheet.add_accept(action, danger=danger)
    # Return must not destroy anything by habit.
    (sheet.cancel if danger else accept).setFocus(Qt.FocusReason.OtherFocusReason)
    accept.setDefault(not danger)
    return sheet
