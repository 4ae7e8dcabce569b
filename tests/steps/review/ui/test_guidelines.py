"""The guidelines beside the rows: shown on a key, read as Markdown, edited, taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dsbs_gui.core.errors import ResourceError
from dsbs_gui.core.project import Project
from dsbs_gui.core.store import guidelines
from tests.steps.review.making import apples

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from tests.steps.review.conftest import OpenDesk

    from .desk import Desk

TEXT = "# Good\n\n- says *why*\n- <b>no</b> HTML\n"


def stored(desk: Desk) -> str:
    return guidelines.text(desk.project.store.reader)


def test_guidelines_are_written_with_the_keyboard_and_taken_back(open_desk: OpenDesk, folder: Path) -> None:
    desk = open_desk(apples(folder))
    pane = desk.page.area.guidelines
    assert not pane.isVisible()
    desk.press("G")
    desk.settle()
    assert pane.isVisible()
    assert pane.none.isVisible()
    desk.click(pane.write)
    assert pane.editor.hasFocus()
    desk.type("Be strict: A R S.")
    desk.press("Ctrl+Return")
    desk.settle()
    assert stored(desk) == "Be strict: A R S."
    assert pane.view.toPlainText() == "Be strict: A R S."
    assert desk.states().count("unreviewed") == 11, "letters that are typed decide nothing"
    assert desk.page.area.undo.toolTip().find("Edit the guidelines") > 0
    desk.press("Esc", "Ctrl+Z")
    desk.settle()
    assert stored(desk) == ""
    assert pane.none.isVisible()
    desk.press("Ctrl+Shift+Z")
    desk.settle()
    assert pane.view.toPlainText() == "Be strict: A R S."


def test_they_stand_beside_both_views_and_stay_open(open_desk: OpenDesk, folder: Path) -> None:
    project = apples(folder)
    project.store.write_now(lambda tx: guidelines.save(tx, TEXT))
    desk = open_desk(project)
    pane = desk.page.area.guidelines
    desk.press("G")
    desk.settle()
    assert pane.view.isVisible()
    desk.press("V")
    assert pane.view.isVisible()
    assert desk.page.area.detail.isVisible()
    desk.press("A")
    desk.settle()
    assert desk.stored(1).state == "accepted"
    desk.close()
    again = open_desk(Project.open(folder))
    assert again.page.area.guidelines.view.toPlainText() == "Good\nsays why\n<b>no</b> HTML"
    assert again.page.guiding.button.isChecked()
    again.press("G")
    assert not again.page.area.guidelines.isVisible()
    again.click(again.page.guiding.button)
    again.settle()
    assert again.page.area.guidelines.isVisible()


def test_opening_and_leaving_the_editor_writes_nothing(open_desk: OpenDesk, folder: Path) -> None:
    project = apples(folder)
    odd = "a\u00a0b\r\nc\u2028d\re\0"
    project.store.write_now(lambda tx: guidelines.save(tx, odd))
    desk = open_desk(project)
    pane = desk.page.area.guidelines
    desk.press("G")
    desk.settle()
    acts = desk.written_acts()
    desk.click(pane.edit)
    desk.press("Down", "End")
    desk.click(pane.save)
    desk.click(pane.edit)
    desk.page.hide()
    desk.page.show()
    desk.settle()
    assert (desk.written_acts(), stored(desk)) == (acts, odd)
    assert not pane.is_editing()


def test_leaving_the_page_or_folding_the_pane_saves_what_was_typed(open_desk: OpenDesk, folder: Path) -> None:
    desk = open_desk(apples(folder))
    pane = desk.page.area.guidelines
    desk.press("G")
    desk.settle()
    desk.click(pane.write)
    desk.type("one")
    desk.click(pane.close_button)
    desk.settle()
    assert stored(desk) == "one"
    desk.press("G")
    desk.settle()
    desk.click(pane.edit)
    desk.press("Ctrl+End")
    desk.type(" two")
    desk.page.hide()
    desk.settle()
    assert stored(desk) == "one two"


def test_cancel_drops_what_was_typed_and_an_earlier_version_comes_back(open_desk: OpenDesk, folder: Path) -> None:
    project = apples(folder)
    for text in ("first", "second"):
        project.store.write_now(lambda tx, text=text: guidelines.save(tx, text))
    desk = open_desk(project)
    pane = desk.page.area.guidelines
    desk.press("G")
    desk.settle()
    desk.click(pane.edit)
    desk.type("x")
    desk.click(pane.cancel)
    assert pane.view.toPlainText() == "second"
    pane.fill_menu()
    [entry] = pane.menu.actions()
    assert entry.text().endswith(": first")
    entry.trigger()
    desk.settle()
    assert stored(desk) == "first"
    assert pane.view.toPlainText() == "first"


def test_a_text_that_could_not_be_saved_stays_in_the_editor(
    open_desk: OpenDesk, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = open_desk(apples(folder))
    pane = desk.page.area.guidelines
    desk.press("G")
    desk.settle()

    def full(*_: object) -> bool:
        raise ResourceError("The disk is full.", "Free some space.")

    with monkeypatch.context() as broken:
        broken.setattr(guidelines, "save", full)
        desk.click(pane.write)
        desk.type("Be strict.")
        desk.press("Ctrl+Return")
        desk.settle()
    [bar] = desk.page.messages.bars()
    assert "The guidelines were not saved: The disk is full." in bar.text.text()
    assert pane.editor.toPlainText() == "Be strict."
    desk.press("Ctrl+Return")
    desk.settle()
    assert stored(desk) == "Be strict."
    assert desk.page.messages.bars() == []


def test_a_project_open_for_reading_shows_them_only(open_desk: OpenDesk, folder: Path) -> None:
    project = apples(folder)
    project.store.write_now(lambda tx: guidelines.save(tx, TEXT))
    project.close()
    desk = open_desk(Project.open(folder, read_only=True))
    desk.press("G")
    desk.settle()
    pane = desk.page.area.guidelines
    assert pane.view.isVisible()
    assert not pane.edit.isVisible()


def test_what_is_being_written_survives_a_kill(open_desk: OpenDesk, folder: Path) -> None:
    desk = open_desk(apples(folder))
    pane = desk.page.area.guidelines
    desk.press("G")
    desk.settle()
    desk.click(pane.write)
    desk.type("Be str")
    desk.qtbot.waitUntil(lambda: guidelines.draft(desk.project.store.reader) == "Be str")
    assert stored(desk) == "", "a draft is no version"
    desk.click(pane.cancel)
    desk.settle()
    assert guidelines.draft(desk.project.store.reader) is None
    desk.project.store.write_now(lambda tx: guidelines.keep_draft(tx, "Be str"))  # as a kill leaves it
    desk.close()

    again = open_desk(Project.open(folder))
    [bar] = again.page.messages.bars()
    assert bar.button is not None
    again.click(bar.button)
    assert again.page.area.guidelines.editor.toPlainText() == "Be str"
    again.press("Ctrl+Return")
    again.settle()
    assert stored(again) == "Be str"
    assert guidelines.draft(again.project.store.reader) is None
    assert again.page.messages.bars() == []


def test_a_draft_that_nobody_wants_is_dropped(open_desk: OpenDesk, folder: Path) -> None:
    project = apples(folder)
    project.store.write_now(lambda tx: (guidelines.save(tx, "one"), guidelines.keep_draft(tx, "one tw")))
    desk = open_desk(project)
    [bar] = desk.page.messages.bars()
    assert bar.button is not None
    desk.click(bar.button)
    desk.settle()
    desk.click(desk.page.area.guidelines.cancel)
    desk.settle()
    assert (stored(desk), guidelines.draft(desk.project.store.reader)) == ("one", None)
    assert desk.page.area.guidelines.view.toPlainText() == "one"
