"""Rows and columns with the spaces of the tokens, so that no page writes a distance."""

from __future__ import annotations

from typing import Literal, TypeVar

from PySide6.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QLayout, QSizePolicy, QVBoxLayout, QWidget

from dsbs_gui.kit.theme.apply import current

LayoutT = TypeVar("LayoutT", bound=QBoxLayout)
Gap = Literal["none", "xs", "s", "m", "l", "xl", "xxl"]


def px(gap: Gap) -> int:
    """A space of the tokens in px at 100 %."""
    return 0 if gap == "none" else int(getattr(current().space, gap))


def column(
    *items: QWidget | QLayout | None, gap: Gap = "s", margin: Gap = "none", parent: QWidget | None = None
) -> QVBoxLayout:
    """A vertical layout; None is a stretch."""
    layout = QVBoxLayout(parent) if parent is not None else QVBoxLayout()
    return _filled(layout, items, gap, margin)


def row(
    *items: QWidget | QLayout | None, gap: Gap = "s", margin: Gap = "none", parent: QWidget | None = None
) -> QHBoxLayout:
    """A horizontal layout; None is a stretch."""
    layout = QHBoxLayout(parent) if parent is not None else QHBoxLayout()
    return _filled(layout, items, gap, margin)


def boxed(layout: QLayout, parent: QWidget | None = None) -> QWidget:
    """A plain widget that holds the layout."""
    holder = QWidget(parent)
    layout.setContentsMargins(0, 0, 0, 0)
    holder.setLayout(layout)
    return holder


def hairline(vertical: bool = False, parent: QWidget | None = None) -> QFrame:
    """A 1-px line."""
    line = QFrame(parent)
    line.setProperty("kind", "line")
    if vertical:
        line.setFixedWidth(1)
    else:
        line.setFixedHeight(1)
    return line


def grow(widget: QWidget, horizontal: bool = True, vertical: bool = False) -> QWidget:
    """Let a widget take the free space; returns it."""
    expanding, kept = QSizePolicy.Policy.Expanding, widget.sizePolicy()
    widget.setSizePolicy(
        expanding if horizontal else kept.horizontalPolicy(), expanding if vertical else kept.verticalPolicy()
    )
    return widget


def clear(layout: QLayout) -> None:
    """Remove and delete everything in a layout."""
    while (item := layout.takeAt(0)) is not None:
        if (widget := item.widget()) is not None:
            widget.hide()
            widget.deleteLater()
        elif (inner := item.layout()) is not None:
            clear(inner)


def _filled(layout: LayoutT, items: tuple[QWidget | QLayout | None, ...], gap: Gap, margin: Gap) -> LayoutT:
    layout.setSpacing(px(gap))
    edge = px(margin)
    layout.setContentsMargins(edge, edge, edge, edge)
    for item in items:
        if item is None:
            layout.addStretch(1)
        elif isinstance(item, QWidget):
            layout.addWidget(item)
        else:
            layout.addLayout(item)
    return layout
