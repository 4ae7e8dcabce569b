"""The two arrangements of the detail panel: the input above the rest, or beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetricsF
from PySide6.QtWidgets import QAbstractSlider, QVBoxLayout, QWidget
from typing_extensions import override

from dsbs_gui.kit.layout import column, px, row
from dsbs_gui.kit.scroller import Scroller
from dsbs_gui.kit.theme.fonts import font

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent

_LINE_CHARACTERS = 80
_WIDEST = 16_777_215  # Qt's own "no limit"


class Panes(QWidget):
    """Two parts that scroll as one, or side by side each on its own.

    Side by side no line is much longer than 80 characters of large type.
    """

    def __init__(self, reading: QWidget, answering: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._reading = reading
        content, beside = QWidget(), QWidget()
        self._content: QVBoxLayout = column(reading, answering, gap="s", parent=content)
        self._content.addStretch(1)
        self._content.setContentsMargins(0, px("xs"), px("m"), px("s"))
        self._beside: QVBoxLayout = column(None, parent=beside)
        self._beside.setContentsMargins(0, px("xs"), px("m"), px("s"))
        self._left, self._right = Scroller(beside), Scroller(content)
        layout = row(gap="l", parent=self)
        layout.addWidget(self._left, 1000)
        layout.addWidget(self._right, 1000)
        layout.addStretch(1)
        self._left.hide()
        self.setAccessibleName("Example")

    def set_beside(self, beside: bool) -> None:
        """Side by side, or one above the other."""
        (self._beside if beside else self._content).insertWidget(0, self._reading)
        self._left.setVisible(beside)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus if beside else Qt.FocusPolicy.NoFocus)
        widest = round(QFontMetricsF(font("large")).averageCharWidth() * _LINE_CHARACTERS) if beside else _WIDEST
        for side in (self._left, self._right):
            side.setMaximumWidth(widest)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Side by side the panel has the focus while one reads; the arrows scroll the input."""
        bar = self._left.verticalScrollBar()
        steps = {
            Qt.Key.Key_Down: QAbstractSlider.SliderAction.SliderSingleStepAdd,
            Qt.Key.Key_Up: QAbstractSlider.SliderAction.SliderSingleStepSub,
            Qt.Key.Key_PageDown: QAbstractSlider.SliderAction.SliderPageStepAdd,
            Qt.Key.Key_PageUp: QAbstractSlider.SliderAction.SliderPageStepSub,
            Qt.Key.Key_Home: QAbstractSlider.SliderAction.SliderToMinimum,
            Qt.Key.Key_End: QAbstractSlider.SliderAction.SliderToMaximum,
        }
        action = steps.get(Qt.Key(event.key()))
        if action is None or event.modifiers():
            super().keyPressEvent(event)
        else:
            bar.triggerAction(action)
