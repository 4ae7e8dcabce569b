"""The keys of the page: bound from one table, printed, listed, changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QShortcut
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton

from dsbs_gui.app.shortcuts import ShortcutSheet, groups_of
from dsbs_gui.core.project import Project
from dsbs_gui.steps.review.keymap import ACTS
from dsbs_gui.steps.review.ui.keys_sheet import KeysSheet
from tests.steps.review.making import apples

if TYPE_CHECKING:
    from pathlib import Path

    from PySide6.QtWidgets import QWidget

    from tests.steps.review.conftest import OpenDesk

    from .desk import Desk


def change_keys(desk: Desk) -> KeysSheet:
    desk.page.keys.ask()
    (sheet,) = desk.page.findChildren(KeysSheet)
    desk.qtbot.waitUntil(sheet.isActiveWindow)
    return sheet


def give(desk: Desk, sheet: KeysSheet, name: str, key: Qt.Key, number: int = 0) -> None:
    """Press a key in the field of an act."""
    field = sheet.fields[name][number]
    field.setFocus()
    QTest.keyClick(field, key)
    QCoreApplication.processEvents()


def press(desk: Desk, sheet: QWidget, text: str) -> None:
    button = next(b for b in sheet.findChildren(QPushButton) if b.text() == text)
    desk.click(button)
    if not sheet.isVisible():
        desk.page.activateWindow()
        desk.qtbot.waitUntil(desk.page.isActiveWindow)


def test_each_act_of_the_table_is_bound_to_all_its_keys(open_desk: OpenDesk, folder: Path) -> None:
    desk = open_desk(apples(folder))
    bound = {(s.whatsThis(), s.key().toString()) for s in desk.page.findChildren(QShortcut) if s.isEnabled()}
    assert bound == {(act.meaning, key) for act in ACTS for key in act.keys}
    assert set(desk.page.keys._does) == {act.name for act in ACTS}


def test_the_cheat_sheet_lists_every_key_of_the_page(open_desk: OpenDesk, folder: Path) -> None:
    desk = open_desk(apples(folder))
    sheet = ShortcutSheet(desk.page, groups_of(desk.page))
    listed = dict(sheet.keys)
    assert listed["A"] == "Accept"
    assert listed["Ctrl+F or /"] == "Search"
    assert listed["1 … 9"] == "Take the label of that number, or that reviewer’s side"
    assert {act.meaning for act in ACTS if not act.name.startswith("label-")} <= set(listed.values())
    sheet.deleteLater()


def test_a_changed_key_acts_is_printed_and_is_kept(open_desk: OpenDesk, folder: Path) -> None:
    desk = open_desk(apples(folder))
    sheet = change_keys(desk)
    give(desk, sheet, "accepted", Qt.Key.Key_Y)
    press(desk, sheet, "Use these keys")
    assert desk.page.area.bar.buttons["accepted"].key() == "Y"
    desk.page.area.table.setFocus()
    desk.press("A", "Y")
    desk.settle()
    assert [desk.stored(i).state for i in (1, 2)] == ["accepted", "unreviewed"], "A means nothing any more"
    assert desk.settings.review_keys == ["accepted = Y"]
    project = desk.project.folder
    desk.close()
    again = open_desk(Project.open(project))
    again.press("Y")
    again.settle()
    assert again.stored(2).state == "accepted"


def test_a_conflict_is_refused_with_a_sentence_and_the_field_keeps_its_key(open_desk: OpenDesk, folder: Path) -> None:
    desk = open_desk(apples(folder))
    sheet = change_keys(desk)
    give(desk, sheet, "rejected", Qt.Key.Key_A)
    (bar,) = sheet.messages.bars()
    assert bar.text.text() == "A is the key of “Accept”. Choose another one, or change that first."
    assert sheet.fields["rejected"][0].keySequence().toString() == "R"
    give(desk, sheet, "rejected", Qt.Key.Key_Delete)
    (bar,) = sheet.messages.bars()
    assert bar.text.text().startswith("Del is needed")
    give(desk, sheet, "rejected", Qt.Key.Key_X)
    assert sheet.messages.bars() == []
    sheet.reject()
    assert desk.settings.review_keys == []
    assert desk.page.keys.map.keys("rejected") == ("R",)


def test_all_keys_can_be_set_back(open_desk: OpenDesk, folder: Path) -> None:
    desk = open_desk(apples(folder))
    sheet = change_keys(desk)
    give(desk, sheet, "accepted", Qt.Key.Key_Y)
    give(desk, sheet, "skipped", Qt.Key.Key_A, 1)
    press(desk, sheet, "Use these keys")
    assert desk.settings.review_keys == ["accepted = Y", "skipped = S", "skipped = A"]
    again = change_keys_anew(desk, sheet)
    press(desk, again, "Reset to defaults")
    press(desk, again, "Use these keys")
    assert desk.settings.review_keys == []
    assert desk.page.area.bar.buttons["accepted"].key() == "A"


def change_keys_anew(desk: Desk, old: KeysSheet) -> KeysSheet:
    desk.page.keys.ask()
    (sheet,) = [found for found in desk.page.findChildren(KeysSheet) if found is not old and found.isVisible()]
    return sheet


def test_tab_leaves_a_field_of_the_sheet(open_desk: OpenDesk, folder: Path) -> None:
    desk = open_desk(apples(folder))
    sheet = change_keys(desk)
    field = sheet.fields["accepted"][0]
    field.setFocus()
    QTest.keyClick(field, Qt.Key.Key_Tab)
    assert sheet.focusWidget() is not field
    assert sheet.map.keys("accepted") == ("A",)
    sheet.reject()


def test_the_keys_for_changes_and_for_going_back_work_on_an_edited_text(open_desk: OpenDesk, folder: Path) -> None:
    desk = open_desk(apples(folder))
    detail = desk.page.area.detail
    desk.press("D", "Ctrl+R")
    assert not detail.against.isVisible()
    desk.press("E", "Ctrl+End")
    desk.type(" Mine.")
    desk.press("Ctrl+S", "Esc")
    desk.settle()
    desk.press("D")
    assert detail.against.isVisible()
    desk.press("Ctrl+R")
    desk.settle()
    assert desk.stored(1).rationale == "Ann has 1 and Ben has 1, so 1 + 1."
