"""The legend of curves: a swatch, a name and a value each; a click hides or shows what it names."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget
from typing_extensions import override

from dsbs_gui.kit.curve_swatch import Swatch
from dsbs_gui.kit.flow import Flow
from dsbs_gui.kit.focus import KeyRing
from dsbs_gui.kit.painting import draw_text, focus_ring, smooth_painter
from dsbs_gui.kit.theme.apply import current
from dsbs_gui.kit.theme.fonts import font
from dsbs_gui.kit.words import tooltip, visible

_SWATCH, _GAP, _HEIGHT, _LONGEST = 20, 6, 24, 40
_HIDDEN = 0.35


class LegendEntry(KeyRing, QAbstractButton):
    """Checked while its curve is shown."""

    def __init__(self, name: str, swatch: Swatch, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._swatch, self._value, self._name, self._width = swatch, "", "", 0
        self.set_name(name)
        self.setCheckable(True)
        self.setChecked(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def set_name(self, name: str) -> None:
        """Change the name."""
        if name == self._name:
            return
        self._name = name
        self.setText(visible(name, _LONGEST))
        self.set_hint(name)
        self._width = 0
        self._make_room()

    def set_hint(self, text: str) -> None:
        """A longer name, for the pointer and for those who hear it."""
        self.setAccessibleName(text)
        self.setToolTip(tooltip(f"{visible(text)} · click to hide or show"))

    def set_swatch(self, swatch: Swatch) -> None:
        """Change the look."""
        if swatch != self._swatch:
            self._swatch = swatch
            self.update()

    def set_value(self, value: str) -> None:
        """Show a value after the name."""
        if value != self._value:
            self._value = value
            self.setAccessibleDescription(value)
            self._make_room()
            self.update()

    def _make_room(self) -> None:
        """A legend is not laid out anew at each value: it grows, and shrinks with another name only."""
        metrics = QFontMetricsF(font("caption"))
        words = metrics.horizontalAdvance(self.text()) + metrics.horizontalAdvance(self._value)
        needed = round(_SWATCH + words + (3 if self._value else 2) * _GAP + 8)
        if needed > self._width or not self._value:
            self._width = needed
            self.updateGeometry()

    @override
    def sizeHint(self) -> QSize:
        return QSize(self._width, _HEIGHT)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        tokens, painter, small = current(), smooth_painter(self), font("caption")
        shown, area = self.isChecked(), QRectF(self.rect()).adjusted(4, 0, -2, 0)
        painter.setOpacity(1.0 if shown else _HIDDEN)
        self._swatch.paint(painter, QRectF(area.left(), 0, _SWATCH, area.height()))
        painter.setOpacity(1.0)
        left = area.left() + _SWATCH + _GAP
        width = QFontMetricsF(small).horizontalAdvance(self.text()) + 2
        draw_text(painter, QRectF(left, 0, width, area.height()), self.text(),
                  tokens.text if shown else tokens.disabled, small)  # fmt: skip
        rest = QRectF(left + width + _GAP - 2, 0, area.right() - left - width, area.height())
        if shown:
            draw_text(painter, rest, self._value, tokens.muted, small)
        if self.has_ring():
            focus_ring(painter, QRectF(self.rect()))


class Legend(Flow):
    """Entries that flow into as many lines as they need.

    Signals:
        toggled(key, bool): the user hid or showed an entry.
    """

    toggled = Signal(str, bool)

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.entries: dict[str, LegendEntry] = {}

    def show_entries(self, wanted: Mapping[str, tuple[str, Swatch, bool]]) -> None:
        """Show just these, in this order: key → name, look, whether its curve is shown. Known ones keep the focus."""
        for key in [key for key in self.entries if key not in wanted]:
            entry = self.entries.pop(key)
            self.remove(entry)
            entry.hide()
            entry.deleteLater()
        for key, (name, swatch, shown) in wanted.items():
            known = self.entries.get(key)
            if known is None:
                known = self.entries[key] = LegendEntry(name, swatch, self)
                known.clicked.connect(lambda on, key=key: self.toggled.emit(key, on))
                self.add(known)
                known.show()
            known.set_name(name)
            known.set_swatch(swatch)
            known.setChecked(shown)
        if list(self.entries) != list(wanted):
            self.entries = {key: self.entries[key] for key in wanted}
            for entry in self.entries.values():
                self.add(entry)
        self.setVisible(bool(wanted))
