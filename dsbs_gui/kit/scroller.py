"""A scroll area without a frame whose content is as wide as the area."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget
from typing_extensions import override


class Scroller(QScrollArea):
    """Scrolls its content up and down only.

    Args:
        keep_width: never narrower than the content can be, scroll bar included, so that nothing is cut off.
    """

    def __init__(
        self, content: QWidget | None = None, parent: QWidget | None = None, *, keep_width: bool = False
    ) -> None:
        super().__init__(parent)
        self._keep_width = keep_width
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        # The area itself has nothing to focus; the scroll keys reach it from its content.
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        if content is not None:
            self.set_content(content)

    def set_content(self, content: QWidget) -> None:
        """Replace the content."""
        content.setProperty("kind", "scrolled")
        self.setWidget(content)
        content.setAutoFillBackground(False)
        self.viewport().setAutoFillBackground(False)

    @override
    def minimumSizeHint(self) -> QSize:
        hint, content = super().minimumSizeHint(), self.widget()
        if not self._keep_width or content is None:
            return hint
        bar = self.verticalScrollBar().sizeHint().width()
        return QSize(content.minimumSizeHint().width() + bar, hint.height())

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if self._keep_width and watched is self.widget() and event.type() == QEvent.Type.LayoutRequest:
            self.updateGeometry()
        return super().eventFilter(watched, event)
