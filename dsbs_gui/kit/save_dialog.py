"""Asking where a file is to be saved."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtWidgets import QFileDialog, QWidget


def ask_save_path(parent: QWidget, title: str, proposed: str, kinds: Mapping[str, str]) -> str:
    """The path that the user chooses, with the suffix of its kind; "" for none.

    Args:
        kinds: suffix without its point → what such files are called.
    """
    dialog = save_dialog(parent, title, proposed, kinds)
    chosen = dialog.selectedFiles() if dialog.exec() else []
    dialog.deleteLater()
    return chosen[0] if chosen else ""


def save_dialog(parent: QWidget, title: str, proposed: str, kinds: Mapping[str, str]) -> QFileDialog:
    """It adds a missing suffix by itself, and so asks about the very file that would be replaced.

    A suffix that is added to what Qt's static functions return names another file, of which nobody has asked.
    """
    dialog = QFileDialog(parent, title)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    filters = {f"{name} (*.{suffix})": suffix for suffix, name in kinds.items()}
    dialog.setNameFilters(list(filters))
    dialog.filterSelected.connect(lambda chosen: dialog.setDefaultSuffix(filters[chosen]))
    dialog.setDefaultSuffix(next(iter(kinds)))
    dialog.selectFile(proposed)
    return dialog
