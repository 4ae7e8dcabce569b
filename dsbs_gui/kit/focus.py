"""The focus ring shows for those who use the keyboard, not after a click or when a window opens."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QScrollArea, QWidget
from typing_extensions import override

from dsbs_gui.kit.theme.roles import set_property

_REASON = Qt.FocusReason
_BY_KEYS = (_REASON.TabFocusReason, _REASON.BacktabFocusReason, _REASON.ShortcutFocusReason)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PySide6.QtGui import QFocusEvent
    from PySide6.QtWidgets import QLayout

    # The mixin stands before the real widget class; for the type checker it is a widget itself.
    class _Base(QWidget):
        pass
else:
    _Base = object


def chain(widget: QWidget) -> None:
    """Let Tab go through all that is in ``widget`` in the order of its layouts, whenever it was added.

    Qt's own order is that in which things were made: what comes later would be reached last in the whole window.
    """
    for before, after in pairwise(_in_layout_order(widget)):
        QWidget.setTabOrder(before, after)


def _in_layout_order(widget: QWidget) -> Iterator[QWidget]:
    if widget.focusPolicy() & Qt.FocusPolicy.TabFocus:
        yield widget
    if isinstance(widget, QScrollArea):
        if (inner := widget.widget()) is not None:
            yield from _in_layout_order(inner)
    elif (layout := widget.layout()) is not None:
        yield from _in_layout(layout)


def _in_layout(layout: QLayout) -> Iterator[QWidget]:
    for item in filter(None, map(layout.itemAt, range(layout.count()))):
        if (inner := item.layout()) is not None:
            yield from _in_layout(inner)
        elif (widget := item.widget()) is not None:
            yield from _in_layout_order(widget)


class KeyRing(_Base):
    """Mixin that sets the property `ring` while the widget has got the focus by a key.

    Arrow keys within a group hand the focus on with OtherFocusReason; then the ring moves along.
    """

    def has_ring(self) -> bool:
        """Draw the ring now."""
        return self.hasFocus() and self.property("ring") == "true"

    @override
    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if event.reason() in _BY_KEYS or (event.reason() == _REASON.OtherFocusReason and self._neighbour_has_ring()):
            set_property(self, "ring", "true")

    @override
    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        # Another window or a menu only borrows the focus.
        if event.reason() not in (_REASON.ActiveWindowFocusReason, _REASON.PopupFocusReason):
            _remember(self)
            set_property(self, "ring", "false")

    def _neighbour_has_ring(self) -> bool:
        return _last_ring == (id(self.parentWidget()), True)


_last_ring: tuple[int, bool] = (0, False)


def _remember(widget: KeyRing) -> None:
    global _last_ring
    _last_ring = (id(widget.parentWidget()), widget.property("ring") == "true")
