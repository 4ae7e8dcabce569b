"""A one-line label that shortens its text with an ellipsis and then tells the whole text as a tooltip."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QStyle, QStyleOption, QWidget
from typing_extensions import override

from dsbs_gui.kit.plain_label import PlainLabel
from dsbs_gui.kit.theme.tokens import Tone, TypeRole
from dsbs_gui.kit.words import tooltip, visible


class ElidedLabel(PlainLabel):
    """Plain text on one line; `text()` stays whole, only the painting is shortened."""

    def __init__(
        self,
        text: str = "",
        mode: Qt.TextElideMode = Qt.TextElideMode.ElideRight,
        *,
        type: TypeRole = "body",
        tone: Tone = "text",
        parent: QWidget | None = None,
    ) -> None:
        self._mode = mode
        super().__init__(text, type=type, tone=tone, parent=parent)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._update_tooltip()

    @override
    def setText(self, text: str) -> None:
        super().setText(text)
        self._update_tooltip()

    def shown_text(self) -> str:
        """What fits into the present width."""
        return self.fontMetrics().elidedText(visible(self.text(), 1000), self._mode, self.contentsRect().width())

    def _update_tooltip(self) -> None:
        cut = self.shown_text() != visible(self.text(), 1000)
        self.setToolTip(tooltip(self.text()[:2000]) if cut else "")

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(self.fontMetrics().averageCharWidth() * 4, super().minimumSizeHint().height())

    @override
    def sizeHint(self) -> QSize:
        metrics = self.fontMetrics()
        return QSize(metrics.horizontalAdvance(visible(self.text(), 1000)) + 2, metrics.height() + 2)

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._update_tooltip()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        option = QStyleOption()
        option.initFrom(self)
        style = self.style()
        style.drawPrimitive(QStyle.PrimitiveElement.PE_Widget, option, painter, self)
        style.drawItemText(
            painter, self.contentsRect(), int(self.alignment()), self.palette(), self.isEnabled(), self.shown_text(),
            self.foregroundRole(),
        )  # fmt: skip
