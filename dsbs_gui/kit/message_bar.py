"""A message under the title of a page: what happened, what to do, a button for it."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAccessible, QAccessibleEvent
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from dsbs_gui.kit.buttons import IconButton, SecondaryButton
from dsbs_gui.kit.icon_label import IconLabel
from dsbs_gui.kit.layout import column, row
from dsbs_gui.kit.plain_label import PlainLabel

Kind = Literal["info", "attention", "bad", "good"]
_ICONS: dict[Kind, tuple[str, str]] = {
    "info": ("info", "Note"),
    "attention": ("warning", "Attention"),
    "bad": ("warning-octagon", "Error"),
    "good": ("check-circle", "Done"),
}


class MessageBar(QFrame):
    """One message in plain text, with a hint, an optional button and a cross.

    Signals:
        action_asked: the button was pressed.
        dismissed: the cross was pressed; the bar has hidden itself.
    """

    action_asked = Signal()
    dismissed = Signal()

    def __init__(
        self,
        kind: Kind,
        text: str,
        hint: str = "",
        button: str = "",
        *,
        dismissible: bool = True,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.kind: Kind = kind
        icon, name = _ICONS[kind]
        self.setProperty("kind", "message")
        self.setProperty("meaning", kind)
        self.setAccessibleName(f"{name}: {text}")
        self.setAccessibleDescription(hint)
        self.text = PlainLabel(text, wrap=True, selectable=True)
        self.hint = PlainLabel(hint, tone="muted", wrap=True, selectable=True)
        if not hint:  # never shown before it has a parent: it would be a window and take the focus away
            self.hint.hide()
        if not hint:
            self.text.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.button = SecondaryButton(button) if button else None
        layout = row(gap="s", margin="s", parent=self)
        layout.setContentsMargins(12, 8, 8, 8)
        top = Qt.AlignmentFlag.AlignTop
        layout.addWidget(IconLabel(icon, 18, kind, name), 0, top if hint else Qt.AlignmentFlag.AlignVCenter)
        layout.addLayout(column(self.text, self.hint, gap="xs"), 1)
        if self.button is not None:
            layout.addWidget(self.button, 0, Qt.AlignmentFlag.AlignVCenter)
            self.button.clicked.connect(self.action_asked)
        if dismissible:
            cross = IconButton("x", "Dismiss")
            cross.clicked.connect(self._on_cross_clicked)
            layout.addWidget(cross, 0, Qt.AlignmentFlag.AlignVCenter)
        QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.Alert))

    def _on_cross_clicked(self) -> None:
        self.hide()
        self.dismissed.emit()


class MessageArea(QWidget):
    """The place for the messages of a page, newest first, one for each `key`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bars: dict[str, MessageBar] = {}
        self._layout: QVBoxLayout = column(gap="s", parent=self)
        self.hide()

    def set_edge(self, side: int, top: int) -> None:
        """Free space around the messages, none while there are none."""
        self._layout.setContentsMargins(side, top, side, 0)

    def show_message(
        self, kind: Kind, text: str, hint: str = "", button: str = "", *, key: str = "", dismissible: bool = True
    ) -> MessageBar:
        """Show a message; an earlier one with the same key (by default: the same text) goes."""
        key = key or text
        self.clear(key)
        bar = MessageBar(kind, text, hint, button, dismissible=dismissible)
        self._bars[key] = bar
        self._layout.insertWidget(0, bar)
        bar.dismissed.connect(lambda: self._forget(key, bar))
        self.show()
        return bar

    def clear(self, key: str | None = None) -> None:
        """Remove the message of a key, or all."""
        for name in list(self._bars) if key is None else [key]:
            if (bar := self._bars.get(name)) is not None:
                self._forget(name, bar)

    def bars(self) -> list[MessageBar]:
        """The messages shown."""
        return list(self._bars.values())

    def _forget(self, key: str, bar: MessageBar) -> None:
        if self._bars.get(key) is bar:
            del self._bars[key]
        self._layout.removeWidget(bar)
        bar.hide()
        bar.deleteLater()
        self.setVisible(bool(self._bars))
