"""Fonts of the type roles, made from the system's own font families."""

from __future__ import annotations

from PySide6.QtGui import QFont, QFontDatabase

from dsbs_gui.kit.theme.tokens import LIGHT, TypeRole

_SEMIBOLD: frozenset[TypeRole] = frozenset({"emphasis", "section", "title", "big"})


def font(role: TypeRole = "body") -> QFont:
    """The font of a role; `mono` is the system's fixed-width font, all others its general one."""
    system = QFontDatabase.SystemFont
    made = QFontDatabase.systemFont(system.FixedFont if role == "mono" else system.GeneralFont)
    made.setPixelSize(getattr(LIGHT.type, role))
    if role in _SEMIBOLD:
        made.setWeight(QFont.Weight.DemiBold)
    if role == "mono":
        made.setStyleHint(QFont.StyleHint.Monospace)
    return made
