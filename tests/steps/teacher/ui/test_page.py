"""The Teacher page as the host of its views."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from dsbs_gui.app.shortcuts import of_page
from dsbs_gui.core.project import Project
from dsbs_gui.kit.bridge import Bridge
from dsbs_gui.steps.teacher.ui.page import TeacherPage


@pytest.fixture
def page(tmp_path: Path, qtbot) -> Iterator[TeacherPage]:
    project = Project.create(tmp_path / "project", "math")
    bridge = Bridge(project)
    made = TeacherPage(project, bridge)
    qtbot.addWidget(made)
    made.resize(1280, 800)
    made.show()
    yield made
    made.hide()
    bridge.close()
    project.close()


def test_a_view_is_built_when_it_is_first_shown(page: TeacherPage) -> None:
    assert list(page._built) == ["ask"]
    page.show_view("answers")
    assert list(page._built) == ["ask", "answers"]
    assert page._views.currentWidget() is page.view("answers")
    assert page.switch.value() == "answers"


def test_the_header_shows_the_buttons_and_the_subtitle_of_the_view_in_front(page: TeacherPage) -> None:
    page.view("ask").set_subtitle("30 rows")
    assert page.header.subtitle.text() == "30 rows"
    assert page.view("ask").generate_button.isVisible()
    page.show_view("answers")
    assert page.header.subtitle.text() == ""
    assert not page.view("ask").generate_button.isVisible()
    page.view("ask").set_subtitle("31 rows")
    assert page.header.subtitle.text() == ""
    page.show_view("ask")
    assert page.header.subtitle.text() == "31 rows"
    assert page.view("ask").generate_button.isVisible()


def test_keys_choose_the_view_and_the_list_of_keys_says_so(page: TeacherPage, qtbot) -> None:
    with qtbot.waitActive(page):
        page.activateWindow()
    qtbot.keyClick(page, Qt.Key.Key_3, Qt.KeyboardModifier.AltModifier)
    qtbot.waitUntil(lambda: page.switch.value() == "answers")
    assert ("Alt+3", "Show “Answers”") in of_page(page)


def test_a_view_leads_to_other_steps_and_other_views(page: TeacherPage, qtbot) -> None:
    with qtbot.waitSignal(page.go_to, check_params_cb=lambda step: step == "review"):
        page.view("ask").go_to.emit("review")
    page.view("answers").view_asked.emit("prompts")
    assert page.switch.value() == "prompts"


def test_rows_that_deserve_it_go_from_answers_to_ask(page: TeacherPage) -> None:
    page.show_view("answers")
    page.view("answers").ask_about.emit(array("q", [2, 3]), "2 failed rows")
    assert page.switch.value() == "ask"
    assert list(page.view("ask").choices()["ids"]) == [2, 3]


def test_rows_can_be_handed_over_with_the_word_when_to_tell_the_gold_label(page: TeacherPage) -> None:
    page.ask_about(array("q", [4]), "One row", "always")
    assert page.view("ask").choices()["hint_gold"] == "always"
    page.ask_about(array("q", [5]), "Another row")
    choices = page.view("ask").choices()
    assert (list(choices["ids"]), choices["hint_gold"]) == ([5], "always"), "what was chosen stays"
    assert not page.view("ask").choices()["aside"]


def test_rows_that_review_wants_compared_are_asked_about_aside(page: TeacherPage) -> None:
    page.ask_about(array("q", [2, 3]), "2 rows from Review", aside=True)
    form = page.view("ask").form
    assert page.view("ask").choices()["aside"]
    assert not form.aside.isHidden()
    form.which.setCurrentIndex(form.which.findData("all"))
    assert form.aside.isHidden()
    assert not page.view("ask").choices()["aside"]
