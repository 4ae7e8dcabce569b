"""Asking for the name of a version."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QLineEdit

from dsbs_gui.kit.form import FormField
from dsbs_gui.kit.sheet import Sheet

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

_LONGEST = 80


def ask_name(parent: QWidget, name: str) -> str:
    """The name that the user gives instead; empty if none. Tests replace this function."""
    sheet = Sheet(parent, "Rename version", width="s")
    line = QLineEdit(name)
    line.setMaxLength(_LONGEST)
    sheet.add(FormField("Name", line))
    accept = sheet.add_accept("Rename")
    line.textChanged.connect(lambda text: accept.setEnabled(bool(text.strip())))
    line.selectAll()
    line.setFocus()
    try:
        return line.text().strip() if sheet.ask() else ""
    finally:
        sheet.deleteLater()
