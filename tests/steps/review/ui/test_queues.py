"""Queues on the page: chosen by keyboard or mouse, most valuable row first, with counts and as a filter."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from dsbs_gui.core.store.filters import Filter
from dsbs_gui.steps.review.ui import deciding
from tests.steps.review.making import add_answer, apples

from .test_signals import find

if TYPE_CHECKING:
    import pytest

    from dsbs_gui.core.project import Project
    from tests.steps.review.conftest import OpenDesk
    from tests.steps.review.ui.desk import Desk


def with_trouble(folder: Path) -> Project:
    """Wrong are 2, 6 and 9; 6 has two signals, 9 one; a second teacher, who answered last, differs at 2 and 3."""
    project = apples(folder)
    find(project, 6, ("short", "3"), ("arithmetic", "6 + 6 = 13 (it is 12)"))
    find(project, 9, ("short", "3"))
    for example_id, label in ((2, "5"), (3, "6"), (4, "8")):
        add_answer(project, example_id, "So.", label, teacher="other", run_id="generate-2")
    return project


def press_in_menu(desk: Desk, key: str) -> None:
    menu = desk.page.area.filters.queues.menu_shown
    desk.qtbot.waitUntil(menu.isVisible)
    QTest.keyClick(menu, key)
    desk.page.activateWindow()  # without a screen a menu stays the active window after it has closed
    desk.qtbot.waitUntil(lambda: not menu.isVisible() and QApplication.activeWindow() is desk.page)
    desk.settle()


def titles(desk: Desk) -> dict[str, str]:
    """Title → count, as the menu shows them."""
    actions = desk.page.area.filters.queues.actions_by_name.values()
    return dict(action.text().partition("  ")[2].partition("\t")[::2] for action in actions)


def test_a_queue_is_chosen_with_two_keys_and_begins_with_its_first_row(folder: Path, open_desk: OpenDesk) -> None:
    desk = open_desk(with_trouble(folder))
    desk.press("J", "J")
    desk.press("Q")
    press_in_menu(desk, "1")
    assert desk.shown == [6, 9, 2]
    assert desk.current == 6
    assert desk.page.area.filters.queues.text() == "Queue: Differs from gold"
    assert desk.page.area.filters.value() == Filter(queue="gold", states=("unreviewed",))
    desk.press("R", "A")
    desk.settle()
    assert desk.shown == [6, 9, 2], "the list stays under the hands"
    assert [desk.stored(i).state for i in (6, 9, 2)] == ["rejected", "accepted", "unreviewed"]
    desk.press("F5")
    desk.settle()
    assert desk.shown == [2]


def test_the_menu_says_how_many_rows_wait_in_each_queue(folder: Path, open_desk: OpenDesk) -> None:
    desk = open_desk(with_trouble(folder))
    desk.press("Q")
    desk.qtbot.waitUntil(desk.page.area.filters.queues.menu_shown.isVisible)
    desk.settle()
    assert titles(desk) == {
        "All rows": "",
        "Differs from gold": "3",
        "Teachers differ": "2",
        "Students differ": "0",
        "Failed parse": "0",
        "Most signals": "2",
        "Random sample": "0",
        "Reviewers differ": "0",
    }
    desk.page.area.filters.queues.menu_shown.close()


def test_leaving_a_queue_brings_all_rows_back_in_the_order_of_the_table(folder: Path, open_desk: OpenDesk) -> None:
    desk = open_desk(with_trouble(folder))
    desk.page.queueing.enter("signals")
    desk.settle()
    assert desk.shown == [6, 9]
    assert desk.page.listing.order == "queue"
    desk.page.clear_filters()
    desk.settle()
    assert len(desk.shown) == 12
    assert desk.shown == sorted(desk.shown)
    assert desk.page.area.filters.queues.text() == "Queue"


def test_a_queue_can_be_narrowed_and_sorted_like_any_list(folder: Path, open_desk: OpenDesk) -> None:
    desk = open_desk(with_trouble(folder))
    desk.page.queueing.enter("gold")
    desk.settle()
    desk.page.listing.show_order("id", True)
    desk.settle()
    assert desk.shown == [9, 6, 2]
    desk.page.area.search.setText("6")
    desk.page.area.filters.set_text("6 and")
    desk.settle()
    assert desk.shown == [6]
    assert desk.page.area.filters.value().queue == "gold"


def test_all_of_a_queue_are_decided_at_once_and_one_undo_takes_it_back(
    folder: Path, open_desk: OpenDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(deciding, "confirm", lambda page, title, text, action: asked.append(text) or True)
    desk = open_desk(with_trouble(folder))
    desk.page.queueing.enter("teachers")
    desk.settle()
    assert desk.shown == [2, 3]
    desk.choose(2, 3)
    desk.press("R")
    desk.settle()
    assert desk.stored(2).state == desk.stored(3).state == "rejected"
    assert "unreviewed · queue “teachers differ”" in asked[0]
    desk.press("Ctrl+Z")
    desk.settle()
    assert desk.stored(2).state == desk.stored(3).state == "unreviewed"
