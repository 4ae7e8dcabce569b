"""Choosing who measures: what is on this machine, or a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dsbs_gui.steps.teacher.catalogue import teachers
from dsbs_gui.steps.teacher.ui.lift_sheet import LiftSheet

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot


def test_only_teachers_on_this_machine_are_offered_and_a_file(qtbot: QtBot) -> None:
    sheet = LiftSheet(None)
    qtbot.addWidget(sheet)
    offered = [sheet.box.itemData(place) for place in range(sheet.box.count())]
    assert offered == [*(entry.id for entry in teachers() if entry.local_path() is not None), ""]
    sheet.box.setCurrentIndex(sheet.box.count() - 1)
    assert not sheet.accept_button.isEnabled()
    sheet.path.setText(" /models/a.gguf ")
    assert sheet.teacher() == "/models/a.gguf"
    assert sheet.accept_button.isEnabled()
