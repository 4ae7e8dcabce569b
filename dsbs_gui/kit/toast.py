"""A short word of success at the lower edge of the window, gone after three seconds. Never for a failure."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QAccessible, QAccessibleEvent
from PySide6.QtWidgets import QFrame, QWidget
from typing_extensions import override

from dsbs_gui.kit.icon_label import IconLabel
from dsbs_gui.kit.layout import px, row
from dsbs_gui.kit.plain_label import PlainLabel

_SHORTEST_MS, _LONGEST_MS, _MS_PER_CHARACTER = 2000, 4000, 60


class Toast(QFrame):
    """Floats over the lower middle of its window; a new one replaces the old one."""

    def __init__(self, window: QWidget, text: str) -> None:
        super().__init__(window)
        self._window = window
        for earlier in window.findChildren(Toast, options=Qt.FindChildOption.FindDirectChildrenOnly):
            if earlier is not self:
                earlier.close_now()
        self.setProperty("kind", "toast")
        self.setAccessibleName(text)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.text = PlainLabel(text)
        row(IconLabel("check-circle", 16, "good"), self.text, gap="s", margin="m", parent=self)
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self.close_now)
        self._timer.start(min(_LONGEST_MS, max(_SHORTEST_MS, len(text) * _MS_PER_CHARACTER)))
        window.installEventFilter(self)
        self._place()
        self.show()
        self.raise_()
        QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.Alert))

    def close_now(self) -> None:
        """Go away before the time is over."""
        self._timer.stop()
        self.hide()
        self.deleteLater()

    def _place(self) -> None:
        window = self._window
        self.adjustSize()
        self.move((window.width() - self.width()) // 2, window.height() - self.height() - 2 * px("xxl"))

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and watched is self._window:
            self._place()
        return False


def show_toast(widget: QWidget, text: str) -> Toast:
    """Show a toast on the window of a widget."""
    return Toast(widget.window(), text)
