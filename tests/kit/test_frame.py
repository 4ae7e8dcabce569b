"""Navigation and job strip."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu

from dsbs_gui.kit.job_row import JobView
from dsbs_gui.kit.job_strip import JobStrip
from dsbs_gui.kit.nav_list import NavItem, NavList
from dsbs_gui.kit.theme.tokens import LIGHT

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

ITEMS = (
    NavItem("data", "Data", "database"),
    NavItem("teacher", "Teacher", "chalkboard-teacher"),
    NavItem("settings", "Settings", "gear-six", foot=True),
)


@pytest.fixture
def navigation(qtbot: QtBot) -> NavList:
    made = NavList(ITEMS)
    qtbot.addWidget(made)
    made.resize(208, 500)
    made.show()
    made.activateWindow()
    return made


def test_items_tell_when_the_user_chooses_them(navigation: NavList) -> None:
    told: list[str] = []
    navigation.chosen.connect(told.append)
    navigation.set_current("data")
    QTest.mouseClick(navigation._buttons["teacher"], Qt.MouseButton.LeftButton)
    assert told == ["teacher"]
    assert navigation.current_key() == "teacher"


def test_numbers_with_control_choose_the_steps(navigation: NavList, qtbot: QtBot) -> None:
    with qtbot.waitSignal(navigation.chosen, check_params_cb=lambda key: key == "teacher"):
        QTest.keyClick(navigation, Qt.Key.Key_2, Qt.KeyboardModifier.ControlModifier)


def test_folding_leaves_icons_with_names(navigation: NavList, qtbot: QtBot) -> None:
    with qtbot.waitSignal(navigation.folded_changed):
        QTest.keyClick(navigation, Qt.Key.Key_B, Qt.KeyboardModifier.ControlModifier)
    assert navigation.width() == LIGHT.size.navigation_folded
    assert "Teacher" in navigation._buttons["teacher"].toolTip()


def test_counts_and_dots_are_read_out(navigation: NavList) -> None:
    navigation.set_trailing("data", "1 200")
    navigation.set_trailing("teacher", tone="bad")
    assert navigation._buttons["data"].accessibleDescription() == "1 200"
    assert navigation._buttons["teacher"].accessibleDescription() == "failed"
    assert not navigation.grab().isNull()


def test_the_header_opens_the_projects_menu(navigation: NavList, monkeypatch: pytest.MonkeyPatch) -> None:
    menu = QMenu(navigation)
    opened: list[object] = []
    monkeypatch.setattr(menu, "popup", opened.append)
    navigation.set_header("my-project", menu)
    navigation.set_header("renamed", menu)
    QTest.mouseClick(navigation.header, Qt.MouseButton.LeftButton)
    assert len(opened) == 1


RUNNING = JobView("1", "Generate rationales", "running", "Generating · 412 of 1 000", 0.412, can_pause=True)


@pytest.fixture
def strip(qtbot: QtBot) -> JobStrip:
    made = JobStrip()
    qtbot.addWidget(made)
    made.resize(900, 40)
    made.show()
    return made


def test_without_jobs_there_is_nothing_to_press(strip: JobStrip) -> None:
    assert strip._sentence.text() == "No jobs"
    assert not strip.pause.isVisible()
    assert not strip.stop.isVisible()


def test_the_live_job_is_shown_and_can_be_paused_and_stopped(strip: JobStrip, qtbot: QtBot) -> None:
    strip.set_jobs([JobView("0", "Import", "done"), RUNNING, JobView("2", "Train", "queued")])
    assert strip._sentence.text() == "Generating · 412 of 1 000"
    with qtbot.waitSignal(strip.pause_asked, check_params_cb=lambda key: key == "1"):
        strip.pause.click()
    strip.set_jobs([JobView("1", "Generate", "paused", "", 0.4, can_pause=True)])
    assert strip.pause.accessibleName() == "Resume"
    with qtbot.waitSignal(strip.resume_asked):
        strip.pause.click()
    with qtbot.waitSignal(strip.stop_asked, check_params_cb=lambda key: key == "1"):
        strip.stop.click()
    strip.set_jobs([JobView("1", "Generate", "stopping")])
    assert not strip.stop.isEnabled()


def test_rows_are_kept_while_jobs_progress(strip: JobStrip) -> None:
    strip.set_jobs([RUNNING])
    strip.set_expanded(True)
    row = strip._rows["1"]
    strip.set_jobs([JobView("2", "Train", "queued"), RUNNING])
    assert strip._rows["1"] is row
    assert strip._list.indexOf(row) == 1
    strip.set_jobs([RUNNING])
    assert list(strip._rows) == ["1"]


def test_queued_jobs_can_be_moved(strip: JobStrip, qtbot: QtBot) -> None:
    strip.set_jobs([RUNNING, JobView("2", "Train", "queued")])
    strip.set_expanded(True)
    with qtbot.waitSignal(strip.move_asked, check_params_cb=lambda key, step: (key, step) == ("2", -1)):
        strip._rows["2"].up.click()
    assert not strip._rows["1"].up.isVisible()


def test_a_failure_stays_readable_after_the_end(strip: JobStrip) -> None:
    strip.set_jobs([JobView("1", "Train", "failed", "The GPU has no memory left")])
    assert strip._sentence.text() == "Train · The GPU has no memory left"
    assert not strip.stop.isVisible()
