"""Sheets as tall as their wrapped texts need at their width; Qt's own guess is made at a smaller one."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PySide6.QtWidgets import QDialog


def fit_height(sheet: QDialog) -> None:
    """Give a sheet the height that its layout asks for at its present width."""
    layout = sheet.layout()
    if layout is not None and layout.hasHeightForWidth():
        layout.activate()
        sheet.resize(sheet.width(), layout.totalHeightForWidth(sheet.width()))
