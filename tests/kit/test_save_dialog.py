"""The dialog asks about the file that is really written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from dsbs_gui.kit.save_dialog import save_dialog

if TYPE_CHECKING:
    from pathlib import Path

    from pytestqt.qtbot import QtBot


def test_a_missing_suffix_is_added_before_anybody_is_asked(qtbot: QtBot, tmp_path: Path) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    dialog = save_dialog(window, "Save picture", "Loss.png", {"png": "PNG", "svg": "SVG"})
    dialog.setDirectory(str(tmp_path))
    dialog.selectFile("loss")
    assert dialog.selectedFiles() == [str(tmp_path / "loss.png")]
    dialog.selectNameFilter("SVG (*.svg)")
    dialog.filterSelected.emit("SVG (*.svg)")
    dialog.selectFile("other")
    assert dialog.selectedFiles() == [str(tmp_path / "other.svg")]
