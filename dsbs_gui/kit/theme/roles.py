"""Give a widget a type role or a tone; the style sheet does the rest and follows the theme by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dsbs_gui.kit.theme.fonts import font
from dsbs_gui.kit.theme.tokens import Tone, TypeRole

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget


def set_type(widget: QWidget, role: TypeRole) -> None:
    """Set the font of a type role."""
    widget.setFont(font(role))
    set_property(widget, "type", role)


def set_tone(widget: QWidget, tone: Tone) -> None:
    """Set the text colour of a tone."""
    set_property(widget, "tone", tone)


def set_property(widget: QWidget, name: str, value: str | bool) -> None:
    """Set a property that the style sheet selects on and apply it at once."""
    if widget.property(name) == value:
        return
    widget.setProperty(name, value)
    widget.style().unpolish(widget)
    widget.style().polish(widget)
    widget.update()
