"""What is being typed is stored as a draft, and offered to whoever comes back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dsbs_gui.core.project import Project
from dsbs_gui.core.store import drafts
from tests.steps.review.making import apples

if TYPE_CHECKING:
    from pathlib import Path

    from tests.steps.review.conftest import OpenDesk

    from .desk import Desk

TEACHERS = "Ann has 2 and Ben has 2, so 2 + 2."


def left_behind(folder: Path, rationale: str | None = "Half a sen", label: str | None = None) -> Project:
    """A project whose last owner was killed while typing at № 2."""
    project = apples(folder)
    project.store.write_now(lambda tx: drafts.keep(tx, 2, rationale, label))
    return project


def stored_drafts(desk: Desk) -> dict[int, tuple[str | None, str | None]]:
    return {d.example_id: (d.rationale, d.label) for d in drafts.left(desk.project.store.reader)}


def test_typing_is_stored_without_a_save_and_saving_takes_the_draft_away(open_desk: OpenDesk, folder: Path) -> None:
    desk = open_desk(apples(folder))
    desk.press("E", "Ctrl+End")
    desk.type(" Half")
    desk.qtbot.waitUntil(lambda: stored_drafts(desk) == {1: ("Ann has 1 and Ben has 1, so 1 + 1. Half", None)})
    assert desk.written_acts() == 0, "a draft is no edit"
    desk.press("Ctrl+S")
    desk.settle()
    assert stored_drafts(desk) == {}


def test_a_draft_of_what_was_typed_back_is_taken_away(open_desk: OpenDesk, folder: Path) -> None:
    desk = open_desk(apples(folder))
    desk.press("L")
    desk.type("7")
    desk.qtbot.waitUntil(lambda: stored_drafts(desk) == {1: (None, "7")})
    desk.press("Ctrl+Z")
    desk.qtbot.waitUntil(lambda: stored_drafts(desk) == {})
    assert desk.written_acts() == 0


def test_a_draft_is_restored_and_kept(open_desk: OpenDesk, folder: Path) -> None:
    desk = open_desk(left_behind(folder, label="5"))
    detail = desk.page.area.detail
    [bar] = desk.page.messages.bars()
    assert bar.text.text() == "1\u00a0draft was not saved when the program ended."
    assert not detail.draft.isVisible(), "another example is shown"
    assert bar.button is not None
    desk.click(bar.button)
    assert desk.current == 2
    assert detail.draft.text.text().startswith("Draft from ")
    assert (detail.rationale.toPlainText(), detail.label.line.text()) == ("Half a sen", "5")
    desk.click(detail.draft.keep)
    desk.settle()
    assert (desk.stored(2).rationale, desk.stored(2).teacher_label) == ("Half a sen", "5")
    assert stored_drafts(desk) == {}
    assert not detail.draft.isVisible()
    assert desk.page.messages.bars() == []


def test_a_draft_is_discarded(open_desk: OpenDesk, folder: Path) -> None:
    desk = open_desk(left_behind(folder))
    detail = desk.page.area.detail
    desk.press("J")
    desk.click(detail.draft.discard)
    desk.settle()
    assert detail.rationale.toPlainText() == TEACHERS
    assert stored_drafts(desk) == {}
    assert (desk.written_acts(), desk.page.messages.bars()) == (0, [])


def test_passing_by_a_draft_writes_nothing_and_keeps_it(open_desk: OpenDesk, folder: Path) -> None:
    desk = open_desk(left_behind(folder))
    desk.press("J", "J")
    desk.page.hide()
    desk.page.show()
    desk.settle()
    assert (desk.written_acts(), stored_drafts(desk)) == (0, {2: ("Half a sen", None)})
    desk.press("K")
    assert desk.page.area.detail.draft.isVisible()
    assert desk.page.area.detail.rationale.toPlainText() == "Half a sen"


def test_typing_on_or_accepting_takes_a_draft_over(open_desk: OpenDesk, folder: Path) -> None:
    desk = open_desk(left_behind(folder))
    desk.press("J", "E", "Ctrl+End")
    desk.type("tence.")
    assert not desk.page.area.detail.draft.isVisible()
    desk.press("Esc", "J")
    desk.settle()
    assert (desk.stored(2).rationale, desk.stored(2).state) == ("Half a sentence.", "edited")
    assert stored_drafts(desk) == {}


def test_accepting_accepts_the_draft_that_is_shown(open_desk: OpenDesk, folder: Path) -> None:
    desk = open_desk(left_behind(folder))
    desk.press("J", "A")
    desk.settle()
    assert (desk.stored(2).rationale, desk.stored(2).state) == ("Half a sen", "edited")


def test_a_draft_of_what_stands_already_is_not_offered(open_desk: OpenDesk, folder: Path) -> None:
    desk = open_desk(left_behind(folder, rationale=TEACHERS))
    desk.press("J")
    desk.settle()
    assert not desk.page.area.detail.draft.isVisible()
    assert (stored_drafts(desk), desk.written_acts()) == ({}, 0)


def test_a_draft_that_the_filter_hides_can_be_shown(open_desk: OpenDesk, folder: Path) -> None:
    project = left_behind(folder)
    desk = open_desk(project)
    desk.page.area.filters.set_text("Ann has 3 apples")
    desk.settle()
    [bar] = desk.page.messages.bars()
    assert bar.button is not None
    desk.click(bar.button)
    desk.settle()
    assert desk.current == 2
    assert desk.page.area.detail.draft.isVisible()
