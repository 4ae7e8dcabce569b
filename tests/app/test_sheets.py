"""New project, closing, settings, recent projects: what they say and what they refuse."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QPushButton

from dsbs_gui.app import recent
from dsbs_gui.app.closing import ClosingSheet, sentences
from dsbs_gui.app.new_project import NewProjectSheet, folder_name, folder_problem
from dsbs_gui.app.recent import glance
from dsbs_gui.app.settings_page import SettingsPage, versions_text
from dsbs_gui.app.start_page import RecentCard, said
from dsbs_gui.app.window import Window
from dsbs_gui.core.settings import Settings
from dsbs_gui.kit.sheet import Sheet


def press(widget: Any, qtbot: Any, text: str) -> None:
    button = next(b for b in widget.findChildren(QPushButton) if b.text() == text)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


# -- new project ------------------------------------------------------------------------------


@pytest.fixture
def sheet(qtbot: Any, settings: Settings, tmp_path: Path) -> NewProjectSheet:
    settings.projects_folder = str(tmp_path / "all")
    made = NewProjectSheet(None, settings)
    qtbot.addWidget(made)
    made.show()
    return made


def test_the_folder_follows_the_name(sheet: NewProjectSheet, tmp_path: Path) -> None:
    sheet.name_field.setText("Word problems / 2")
    assert sheet.folder == tmp_path / "all" / "Word-problems-2"


def test_a_folder_of_ones_own_stays(sheet: NewProjectSheet, qtbot: Any, tmp_path: Path) -> None:
    sheet.folder_field.clear()
    qtbot.keyClicks(sheet.folder_field, str(tmp_path / "mine"))
    sheet.name_field.setText("Other")
    assert sheet.folder == tmp_path / "mine"


def test_without_a_name_it_says_so_at_the_field(sheet: NewProjectSheet, qtbot: Any) -> None:
    press(sheet, qtbot, "Create project")
    assert sheet.isVisible()
    assert "name" in sheet._name.error()


def test_a_folder_that_is_no_good_is_said_at_the_field(sheet: NewProjectSheet, qtbot: Any, tmp_path: Path) -> None:
    full = tmp_path / "all" / "full"
    full.mkdir(parents=True)
    (full / "x").touch()
    sheet.name_field.setText("full")
    press(sheet, qtbot, "Create project")
    assert sheet.isVisible()
    assert "not empty" in sheet._folder.error()


def test_a_good_one_is_accepted_with_its_task(sheet: NewProjectSheet, qtbot: Any) -> None:
    sheet.name_field.setText("Good")
    sheet.choose_task("math")
    press(sheet, qtbot, "Create project")
    assert sheet.result() == Sheet.DialogCode.Accepted
    assert (sheet.name, sheet.task) == ("Good", "math")


def test_names_become_folders_that_every_system_takes() -> None:
    assert folder_name("  Ünïcode & more… ") == "Ünïcode-more"
    assert folder_name("../..") == "project"
    assert len(folder_name("x" * 300)) <= 60


def test_problems_with_folders(tmp_path: Path, make_project: Callable[..., Path]) -> None:
    (tmp_path / "file").touch()
    assert folder_problem(tmp_path / "new") == ""
    assert "a file" in folder_problem(tmp_path / "file")
    assert "a project here already" in folder_problem(make_project())
    assert "whole path" in folder_problem(Path("relative"))


def test_a_new_project_is_made_and_opened(
    window: Window, settings: Settings, qtbot: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.projects_folder = str(tmp_path / "all")

    def fill(sheet: NewProjectSheet) -> bool:
        sheet.name_field.setText("Fresh")
        sheet.choose_task("choice")
        return True

    monkeypatch.setattr(NewProjectSheet, "ask", fill)
    with qtbot.waitSignal(window.opened, timeout=10_000):
        qtbot.keyClick(window, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    assert window.session is not None
    assert window.session.name == "Fresh"
    assert window.session.project.task.name == "choice"


# -- closing ----------------------------------------------------------------------------------


def job(state: str, title: str = "Train") -> Any:
    return SimpleNamespace(state=state, title=title)


def test_closing_says_what_becomes_of_the_jobs() -> None:
    assert "“Train” goes on in the background" in sentences([job("running")])[0]
    two = sentences([job("running"), job("paused"), job("queued")])
    assert "2\u00a0jobs go on" in two[0]
    assert "1\u00a0job waits in the queue and starts" in two[1]


@pytest.mark.parametrize(("button", "answer"), [("Keep open", "stay"), ("Stop and close", "stop"), ("Close", "go-on")])
def test_the_answers_of_the_closing_sheet(qtbot: Any, button: str, answer: str) -> None:
    sheet = ClosingSheet(None, [job("running")])
    qtbot.addWidget(sheet)
    sheet.show()
    press(sheet, qtbot, button)
    assert sheet.answer == answer
    assert sheet.ask_again


# -- recent projects --------------------------------------------------------------------------


def test_the_newest_is_first_and_none_is_twice(settings: Settings, tmp_path: Path) -> None:
    folders = [tmp_path / str(number) for number in range(12)]
    for folder in folders:
        recent.remember(settings, folder)
    recent.remember(settings, folders[9])
    assert settings.recent[:2] == [str(folders[9]), str(folders[11])]
    assert len(settings.recent) == recent.MOST
    recent.forget(settings, folders[9])
    assert str(folders[9]) not in settings.recent
    assert settings.last == ""


def test_a_glance_does_not_change_or_lock(make_project: Callable[..., Path]) -> None:
    folder = make_project()
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    seen = glance(folder)
    assert (seen.name, seen.examples, seen.students, seen.problem) == ("first", 12, 0, "")
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before
    assert said(seen).startswith("12\u00a0examples · ")


def test_a_glance_at_what_is_gone_or_broken_says_so(tmp_path: Path, make_project: Callable[..., Path]) -> None:
    from pysqlite3 import dbapi2

    assert "Not found" in glance(tmp_path / "gone").problem
    broken = make_project("broken")
    (broken / "project.db").write_bytes(b"no database at all" * 100)
    assert "project" in glance(broken).problem
    torn = make_project("torn") / "project.db"
    connection = dbapi2.connect(str(torn))
    at = 4096 * (connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'project'").fetchone()[0] - 1)
    connection.close()
    body = torn.read_bytes()
    torn.write_bytes(body[:at] + b"\xff" * 4096 + body[at + 4096 :])
    assert "damaged" in glance(torn.parent).problem


def test_recent_projects_stand_on_the_start_page_and_open(
    make_window: Callable[[], Window], settings: Settings, make_project: Callable[..., Path], qtbot: Any
) -> None:
    for name in ("one", "two"):
        recent.remember(settings, make_project(name))
    window = make_window()
    qtbot.waitUntil(lambda: len(window.start.findChildren(RecentCard)) == 2)
    first = next(card for card in window.start.findChildren(RecentCard) if card.text() == "two")
    with qtbot.waitSignal(window.opened, timeout=10_000):
        qtbot.mouseClick(first, Qt.MouseButton.LeftButton)
    assert window.session is not None
    assert window.session.name == "two"


# -- settings ---------------------------------------------------------------------------------


@pytest.fixture
def page(qtbot: Any, settings: Settings) -> SettingsPage:
    made = SettingsPage(settings)
    qtbot.addWidget(made)
    made.show()
    return made


def test_choices_are_saved_at_once(page: SettingsPage, settings: Settings, qtbot: Any) -> None:
    page.offline.click()
    page.ask_on_close.click()
    again = Settings(settings.path)
    assert (again.offline, again.ask_on_close) == (True, False)


def test_a_folder_that_makes_no_sense_is_said_and_not_saved(page: SettingsPage, settings: Settings, qtbot: Any) -> None:
    page.folder.setText("somewhere")
    page.folder.editingFinished.emit()
    assert "whole path" in page._folder_field.error()
    assert settings.projects_folder == ""


def test_model_folders_are_added_and_removed(
    page: SettingsPage, settings: Settings, qtbot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *args: "/models")
    press(page, qtbot, "Add…")
    press(page, qtbot, "Add…")
    assert settings.model_folders == ["/models"]
    press(page, qtbot, "Remove")
    assert settings.model_folders == []


def test_versions_name_what_is_not_there() -> None:
    text = versions_text()
    assert "DSBS Studio 0." in text
    assert "torch" in text
