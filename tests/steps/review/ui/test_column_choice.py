"""The columns of the table are the user's choice, by mouse and by keys, and are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from dsbs_gui.core.project import Project
from tests.steps.review.making import apples

if TYPE_CHECKING:
    from pathlib import Path

    from tests.steps.review.conftest import OpenDesk

    from .desk import Desk


def visible(desk: Desk) -> set[str]:
    table = desk.page.area.table
    return {c.key for n, c in enumerate(desk.page.area.model.columns) if not table.isColumnHidden(n)}


def test_columns_are_ticked_with_keys_and_the_menu_stays_open(open_desk: OpenDesk, folder: Path) -> None:
    desk = open_desk(apples(folder))
    before = visible(desk)
    desk.press("C")
    menu = desk.page.area.columns.menu
    assert menu.isVisible()
    assert menu.activeAction() is menu.entries["id"]
    assert "split" not in menu.entries, "all examples are in one split"
    assert "state" not in menu.entries, "the first column always stays"
    shown = menu.entries["id"].isChecked()
    QTest.keyClick(menu, Qt.Key.Key_Space)
    QTest.keyClick(menu, Qt.Key.Key_Down)
    QTest.keyClick(menu, Qt.Key.Key_Return)
    assert menu.isVisible()
    QTest.keyClick(menu, Qt.Key.Key_Escape)
    assert ("id" in visible(desk)) is not shown
    assert visible(desk) ^ before == {"id", "input"}
    assert not menu.automatic.isChecked()


def test_a_click_on_a_title_opens_the_menu_and_the_choice_is_kept(open_desk: OpenDesk, folder: Path) -> None:
    desk = open_desk(apples(folder))
    titles = desk.page.area.table.horizontalHeader()
    titles.customContextMenuRequested.emit(titles.rect().center())
    menu = desk.page.area.columns.menu
    assert menu.isVisible()
    entry = menu.entries["label"]
    QTest.mouseClick(menu, Qt.MouseButton.LeftButton, pos=menu.actionGeometry(entry).center())
    assert menu.isVisible()
    menu.close()
    chosen = visible(desk)
    desk.close()
    again = open_desk(Project.open(folder))
    assert visible(again) == chosen
    again.page.resize(1900, 900)
    again.settle()
    assert visible(again) == chosen, "what was chosen does not depend on the width"


def test_the_program_chooses_again_when_asked(open_desk: OpenDesk, folder: Path) -> None:
    desk = open_desk(apples(folder))
    before = visible(desk)
    menu = desk.page.area.columns.menu
    menu.fill()
    assert menu.automatic.isChecked()
    menu.entries["rationale"].trigger()
    assert visible(desk) == before - {"rationale"}
    menu.automatic.trigger()
    assert visible(desk) == before
    assert menu.entries["rationale"].isChecked()
    assert desk.settings.review_columns == []


def test_a_column_that_says_nothing_now_comes_back_when_it_does(open_desk: OpenDesk, folder: Path) -> None:
    desk = open_desk(apples(folder))
    desk.page.resize(1900, 900)
    menu = desk.page.area.columns.menu
    menu.fill()
    menu.entries["rationale"].trigger()
    assert "split" not in visible(desk)
    desk.project.store.write_now(lambda tx: tx.execute("UPDATE examples SET split = 'test' WHERE id = 1"))
    desk.page.refresh()
    desk.settle()
    assert "split" in visible(desk)
