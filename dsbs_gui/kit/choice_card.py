"""A card that is a choice: one of several ways, each with a name, a sentence and perhaps a badge."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QEnterEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QWidget
from typing_extensions import override

from dsbs_gui.kit.focus import KeyRing
from dsbs_gui.kit.icon_label import IconLabel
from dsbs_gui.kit.layout import column, px, row
from dsbs_gui.kit.plain_label import PlainLabel
from dsbs_gui.kit.theme.apply import current
from dsbs_gui.kit.theme.tokens import Tone


class ChoiceCard(KeyRing, QAbstractButton):
    """A large button with icon, title, explanation and badge; checkable for "one of several".

    Signals: those of QAbstractButton (`clicked`, `toggled`). Put several into a QButtonGroup for one-of-many.
    """

    def __init__(
        self,
        title: str,
        text: str = "",
        icon: str = "",
        *,
        badge: str = "",
        badge_tone: Tone = "muted",
        checkable: bool = True,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setCheckable(checkable)
        self.setText(title)
        self.setAccessibleName(title)
        self.setAccessibleDescription(text)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.title = PlainLabel(title, type="emphasis")
        self.badge = PlainLabel(badge, type="caption", tone=badge_tone)
        self.explanation = PlainLabel(text, tone="muted", wrap=True)
        if not text:  # never shown before it has a parent: it would be a window for a moment
            self.explanation.hide()
        words = column(row(self.title, None, self.badge), self.explanation, gap="xs")
        self._row = layout = row(gap="m", margin="m", parent=self)
        if icon:
            layout.addWidget(IconLabel(icon, current().size.icon_large, "accent"), 0, Qt.AlignmentFlag.AlignTop)
        layout.addLayout(words, 1)
        for label in (self.title, self.badge, self.explanation):
            label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def set_badge(self, text: str, tone: Tone = "muted") -> None:
        """A short state at the right of the title, e.g. `fits` or `tight`."""
        self.badge.show_text(text, tone)

    @override
    def sizeHint(self) -> QSize:
        return self._row.sizeHint().expandedTo(QSize(px("xxl") * 6, current().size.row_two_lines))

    @override
    def hasHeightForWidth(self) -> bool:
        return True

    @override
    def heightForWidth(self, width: int) -> int:
        return self._row.heightForWidth(width)

    @override
    def enterEvent(self, event: QEnterEvent) -> None:
        self.update()
        super().enterEvent(event)

    @override
    def leaveEvent(self, event: QEvent) -> None:
        self.update()
        super().leaveEvent(event)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        marked = self.isChecked() or self.has_ring()
        width = 2.0 if self.has_ring() else 1.0
        hovered = self.underMouse() and self.isEnabled()
        ground = tokens.accent_soft if self.isChecked() else tokens.hover if hovered else tokens.surface
        painter.setBrush(QColor(ground))
        painter.setPen(QPen(QColor(tokens.accent if marked else tokens.border), width))
        inset = width / 2
        area = QRectF(self.rect()).adjusted(inset, inset, -inset, -inset)
        painter.drawRoundedRect(area, tokens.size.radius, tokens.size.radius)
