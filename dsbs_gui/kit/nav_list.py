"""The left navigation: the steps with what matters most about each, foldable to icons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QShortcut
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QFrame, QMenu, QSizePolicy, QWidget
from typing_extensions import override

from dsbs_gui.kit.buttons import IconButton
from dsbs_gui.kit.focus import KeyRing
from dsbs_gui.kit.layout import column, hairline, px
from dsbs_gui.kit.painting import RIGHT, draw_text, focus_ring, smooth_painter
from dsbs_gui.kit.theme.apply import current
from dsbs_gui.kit.theme.fonts import font
from dsbs_gui.kit.theme.icons import glyph, paint_icon
from dsbs_gui.kit.theme.tokens import Tone
from dsbs_gui.kit.words import tooltip, visible

_HEIGHT = 36
_STATES: dict[Tone, str] = {
    "accent": "running",
    "good": "done",
    "attention": "needs attention",
    "bad": "failed",
    "info": "new",
}


@dataclass(frozen=True)
class NavItem:
    """One place to go to; `foot` puts it at the lower end, where it gets no Ctrl+number shortcut."""

    key: str
    name: str
    icon: str
    foot: bool = False


class NavButton(KeyRing, QAbstractButton):
    """Icon, name, and at the right a short text or a state dot."""

    def __init__(self, name: str, icon: str, *, checkable: bool = True, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setText(name)
        self.setCheckable(checkable)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.folded = False
        self.emphatic = False
        glyph(icon)  # a wrong name fails here and not while painting
        self._icon, self._trailing = icon, ""
        self._tone: Tone | None = None
        self._shortcut_text = ""
        self._describe()

    def set_trailing(self, text: str = "", tone: Tone | None = None) -> None:
        """Show a short text; without one, a dot in the tone; with neither, nothing."""
        self._trailing, self._tone = text, tone
        self._describe()
        self.update()

    def set_folded(self, folded: bool) -> None:
        """Show the icon only, with the name as tooltip."""
        self.folded = folded
        self._describe()
        self.update()

    def set_shortcut_text(self, keys: str) -> None:
        """Tell the keys in the tooltip."""
        self._shortcut_text = keys
        self._describe()

    def _describe(self) -> None:
        self.setAccessibleName(self.text())
        self.setAccessibleDescription(self._trailing or _STATES.get(self._tone or "text", ""))
        said = " · ".join(part for part in (self.text(), self._trailing, self._shortcut_text) if part)
        self.setToolTip(tooltip(said))

    def _paint_words(self, painter: QPainter, area: QRectF) -> None:
        tokens = current()
        body = font("emphasis" if self.emphatic or self.isChecked() else "body")
        small = font("caption")
        room = QFontMetricsF(small).horizontalAdvance(self._trailing) + 4 if self._trailing else 12
        colour = tokens.text if self.isEnabled() else tokens.disabled
        words = area.adjusted(38, 0, -room - 16, 0)
        draw_text(painter, words, visible(self.text(), 80), colour, body)
        if self._trailing:
            tone = tokens.meaning(self._tone).text if self._tone else tokens.muted
            draw_text(painter, area.adjusted(0, 0, -10, 0), self._trailing, tone, small, RIGHT)

    def _paint_dot(self, painter: QPainter, area: QRectF) -> None:
        if self._tone is None or (self._trailing and not self.folded):
            return
        painter.setBrush(QColor(current().meaning(self._tone).shape))
        x, y = (area.left() + 27, area.top() + 6) if self.folded else (area.right() - 18, area.center().y() - 4)
        painter.drawEllipse(QRectF(x, y, 8, 8))

    @override
    def sizeHint(self) -> QSize:
        tokens = current()
        return QSize(tokens.size.navigation_folded if self.folded else tokens.size.navigation, _HEIGHT)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        tokens, painter = current(), smooth_painter(self)
        area = QRectF(self.rect()).adjusted(8, 2, -8, -2)
        if self.isChecked() or self.underMouse() or self.isDown():
            painter.setBrush(QColor(tokens.accent_soft if self.isChecked() else tokens.hover))
            painter.drawRoundedRect(area, tokens.size.radius, tokens.size.radius)
        side = tokens.size.icon_large - 2
        place = QRectF(area.left() + 9, area.center().y() - side / 2, side, side)
        tint = tokens.accent_text if self.isChecked() else tokens.muted if self.isEnabled() else tokens.disabled
        paint_icon(painter, self._icon, place, tint)
        if not self.folded:
            self._paint_words(painter, area)
        self._paint_dot(painter, area)
        if self.has_ring():
            focus_ring(painter, area)


class NavList(QFrame):
    """Items top down, foot items at the lower end, and a button that folds it all to icons.

    Ctrl+1 … Ctrl+9 choose the first nine items, Ctrl+B folds; arrow keys move within.

    Signals:
        chosen(key): the user chose an item (not emitted by `set_current`).
        folded_changed(bool): folded to icons or not.
    """

    chosen = Signal(str)
    folded_changed = Signal(bool)

    def __init__(self, items: Sequence[NavItem], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "navigation")
        self.setAccessibleName("Steps")
        self._buttons: dict[str, NavButton] = {}
        self._group = QButtonGroup(self)
        self._folded = False
        self._menu: QMenu | None = None
        self.header = NavButton("", "app-window", checkable=False)
        self.header.emphatic = True
        self.header.hide()
        self._header_line = hairline()
        self._header_line.hide()
        self._fold = IconButton("caret-double-left", "Fold the navigation", role="muted")
        self._build(items)
        self._fold.clicked.connect(lambda: self.set_folded(not self._folded))
        self.header.clicked.connect(self._open_menu)
        QShortcut("Ctrl+B", self, lambda: self.set_folded(not self._folded))
        self.set_folded(False)

    def _build(self, items: Sequence[NavItem]) -> None:
        layout = column(self.header, self._header_line, gap="none", parent=self)
        layout.addSpacing(px("s"))
        for item in (i for i in items if not i.foot):
            layout.addWidget(self._made(item))
        layout.addStretch(1)
        for item in (i for i in items if i.foot):
            layout.addWidget(self._made(item))
        layout.addWidget(self._fold, 0, Qt.AlignmentFlag.AlignRight)
        layout.setContentsMargins(0, px("xs"), 0, px("xs"))

    def _made(self, item: NavItem) -> NavButton:
        button = NavButton(item.name, item.icon)
        number = sum(1 for b in self._buttons.values() if b.property("numbered")) + 1
        self._buttons[item.key] = button
        self._group.addButton(button)
        button.clicked.connect(lambda: self.chosen.emit(item.key))
        if not item.foot and number <= 9:
            button.setProperty("numbered", True)
            keys = f"Ctrl+{number}"
            button.set_shortcut_text(keys)
            QShortcut(keys, self, button.click)
        return button

    def current_key(self) -> str:
        """The chosen item; empty if none."""
        return next((key for key, button in self._buttons.items() if button.isChecked()), "")

    def set_current(self, key: str) -> None:
        """Mark an item without telling."""
        self._buttons[key].setChecked(True)

    def clear_current(self) -> None:
        """Mark no item, as while no project is open."""
        self._group.setExclusive(False)
        for button in self._buttons.values():
            button.setChecked(False)
        self._group.setExclusive(True)

    def set_trailing(self, key: str, text: str = "", tone: Tone | None = None) -> None:
        """A short text (a count, a percentage) or, without text, a state dot in a tone."""
        self._buttons[key].set_trailing(text, tone)

    def set_item_enabled(self, key: str, enabled: bool) -> None:
        """Switch an item off, e.g. all steps while no project is open."""
        self._buttons[key].setEnabled(enabled)

    def set_header(self, name: str, menu: QMenu) -> None:
        """Show the project's name at the top; a click opens the menu."""
        self.header.setText(name)
        self.header.set_trailing("▾")
        self._menu = menu
        self.header.show()
        self._header_line.show()

    def _open_menu(self) -> None:
        if self._menu is not None:
            self._menu.popup(self.header.mapToGlobal(self.header.rect().bottomLeft()))

    def is_folded(self) -> bool:
        """Only icons are shown."""
        return self._folded

    def set_folded(self, folded: bool) -> None:
        """Show icons only, or icons and names."""
        changed, self._folded = folded != self._folded, folded
        size = current().size
        self.setFixedWidth(size.navigation_folded if folded else size.navigation)
        for button in (self.header, *self._buttons.values()):
            button.set_folded(folded)
        arrow, name = ("right", "Unfold the navigation") if folded else ("left", "Fold the navigation")
        self._fold.set_icon(f"caret-double-{arrow}", f"{name} · Ctrl+B")
        if changed:
            self.folded_changed.emit(folded)
