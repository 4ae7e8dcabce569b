"""A rationale of a million characters on the page: shown, edited, saved, taken back, byte by byte."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dsbs_gui.core.project import Project
from dsbs_gui.core.store import drafts
from dsbs_gui.kit.text_parts import PART
from tests.kit.test_long_texts import MILLION
from tests.steps.review.making import add_answer, add_examples

if TYPE_CHECKING:
    from pathlib import Path

    from tests.steps.review.conftest import OpenDesk

GIANT = "ten megabytes without a line end " * 300_000


def project_with(folder: Path, *rationales: str) -> Project:
    project = Project.create(folder, "math")
    for k, rationale in enumerate(rationales):
        [example] = add_examples(project, [{"fields": {"input": f"{k} + 1?"}, "label": str(k + 1)}])
        add_answer(project, example, rationale, str(k + 1), raw="as above")
    return project


def test_a_million_characters_are_edited_saved_and_taken_back(open_desk: OpenDesk, folder: Path) -> None:
    desk = open_desk(project_with(folder, MILLION, "short"))
    desk.press("E", "Ctrl+PgDown", "Ctrl+PgUp", "Esc", "J", "K")
    desk.settle()
    assert desk.written_acts() == 0, "looking at it writes nothing"
    desk.press("E", "Ctrl+End")
    desk.type(" The end.")
    desk.press("Ctrl+S")
    desk.settle()
    assert desk.stored(1).rationale == MILLION + " The end."
    assert desk.page.area.detail.rationale.part()[0] > 40, "saving does not lead away from the place"
    desk.press("Esc", "Ctrl+Z")
    desk.settle()
    assert desk.stored(1).rationale == MILLION
    desk.press("Ctrl+Shift+Z")
    desk.settle()
    assert desk.stored(1).rationale == MILLION + " The end."


def test_a_draft_of_a_million_characters_is_offered_again(open_desk: OpenDesk, folder: Path) -> None:
    project = project_with(folder, MILLION)
    project.store.write_now(lambda tx: drafts.keep(tx, 1, "typed " + MILLION, None))
    desk = open_desk(project)
    assert desk.page.area.detail.draft.isVisible()
    desk.click(desk.page.area.detail.draft.keep)
    desk.settle()
    assert desk.stored(1).rationale == "typed " + MILLION


def test_ten_megabytes_are_shown_without_being_laid_out(open_desk: OpenDesk, folder: Path) -> None:
    desk = open_desk(project_with(folder, GIANT))
    editor = desk.page.area.detail.rationale
    assert editor.document().characterCount() <= PART + 1
    assert editor.part_bar.length.text() == "9\u2009900\u2009000 characters, edited part by part"
    desk.press("E")
    desk.type("x")
    desk.press("Ctrl+S")
    desk.settle()
    assert desk.stored(1).rationale == "x" + GIANT
