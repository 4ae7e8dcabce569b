from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from dsbs_gui.core.errors import ResourceError
from dsbs_gui.core.project import Project
from dsbs_gui.core.store import answers, decisions
from dsbs_gui.kit.code_text import CodeText
from dsbs_gui.steps.review.ui.answer_list import AnswerRow
from tests.steps.review.making import add_answer, add_examples, apples

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from dsbs_gui.core.store.database import Transaction
    from tests.steps.review.conftest import OpenDesk

ODD = [
    "no-break\u00a0space",
    "line\u2028separator\u2029paragraph",
    "crlf\r\nends\r\n",
    "mixed\r\nand\nand\r",
    "nul\0inside",
    "\ufeffmark",
    "tab\tand \u202ebidi\u202c 😀\u200d",
    "<b>bold</b> <img src='/etc/passwd'>",
]


def test_an_editor_that_was_only_opened_writes_nothing(open_desk: OpenDesk, folder: Path) -> None:
    project = Project.create(folder, "text")
    ids = add_examples(project, [{"fields": {"input": text}, "label": text} for text in ODD])
    for example_id, text in zip(ids, ODD, strict=True):
        add_answer(project, example_id, text, text)
    desk = open_desk(project)
    for _ in ids:
        desk.press("E", "Down", "End", "Esc", "L", "End", "Esc", "Ctrl+S", "J")
    desk.press("K", "K")
    desk.page.hide()
    desk.page.show()
    desk.page.refresh()
    desk.settle()
    assert desk.written_acts() == 0
    assert [desk.stored(i).rationale for i in ids] == ODD
    assert [desk.stored(i).teacher_label for i in ids] == ODD
    assert not desk.page.area.bar.save.isEnabled()


def test_editing_the_rationale_leaves_an_odd_label_as_it_is(open_desk: OpenDesk, folder: Path) -> None:
    project = Project.create(folder, "text")
    [i] = add_examples(project, [{"fields": {"input": "x"}, "label": "a\u2028b"}])
    add_answer(project, i, "one\u00a0two\r\nthree", "a\u2028b")
    desk = open_desk(project)
    desk.press("E", "Ctrl+End")
    desk.type("!")
    desk.press("Ctrl+S")
    desk.settle()
    assert desk.stored(i).rationale == "one\u00a0two\r\nthree!"
    assert (desk.stored(i).teacher_label, desk.stored(i).agree) == ("a\u2028b", 1)


def test_moving_on_saves_what_was_typed(open_desk: OpenDesk, folder: Path) -> None:
    desk = open_desk(apples(folder))
    desk.press("E", "Ctrl+End")
    desk.type(" Yes.")
    assert desk.page.area.bar.save.isEnabled()
    desk.press("Esc", "J")
    desk.settle()
    assert desk.current == 2
    assert desk.stored(1).state == "edited"
    assert desk.stored(1).rationale == "Ann has 1 and Ben has 1, so 1 + 1. Yes."
    assert desk.stored(2).rationale == "Ann has 2 and Ben has 2, so 2 + 2."


def test_leaving_the_page_saves_what_was_typed(open_desk: OpenDesk, folder: Path) -> None:
    desk = open_desk(apples(folder))
    desk.press("L")
    desk.type("99")
    desk.page.hide()
    desk.settle()
    assert (desk.stored(1).teacher_label, desk.stored(1).agree) == ("99", 0)


def test_going_back_at_once_shows_what_is_still_on_its_way_to_the_disk(open_desk: OpenDesk, folder: Path) -> None:
    desk = open_desk(apples(folder))
    desk.press("E", "Ctrl+End")
    desk.type(" Quick.")
    desk.press("Esc", "J", "K")
    assert desk.page.area.detail.rationale.toPlainText().endswith("Quick.")
    desk.settle()
    assert desk.page.area.detail.rationale.toPlainText().endswith("Quick.")
    assert desk.written_acts() == 1


def test_accepting_an_unsaved_edit_is_one_act(open_desk: OpenDesk, folder: Path) -> None:
    desk = open_desk(apples(folder))
    desk.press("E", "Ctrl+End")
    desk.type(" Yes.")
    desk.press("Esc", "A")
    desk.settle()
    assert desk.stored(1).state == "edited"
    assert desk.written_acts() == 1
    assert desk.current == 2


def test_undo_counts_an_unsaved_edit_as_the_last_act_and_redo_brings_it_back(open_desk: OpenDesk, folder: Path) -> None:
    desk = open_desk(apples(folder))
    desk.press("E", "Ctrl+End")
    desk.type(" Yes.")
    desk.press("Esc", "Ctrl+Z")
    desk.settle()
    assert desk.page.area.detail.rationale.toPlainText() == "Ann has 1 and Ben has 1, so 1 + 1."
    assert desk.stored(1).state == "unreviewed"
    desk.press("Ctrl+Shift+Z")
    desk.settle()
    assert desk.page.area.detail.rationale.toPlainText().endswith("Yes.")
    assert desk.stored(1).state == "edited"


def test_undo_shows_what_stands_although_the_window_hears_late_of_the_saving(open_desk: OpenDesk, folder: Path) -> None:
    desk = open_desk(apples(folder))
    later = threading.Event()
    for _ in range(3):  # all threads that would tell the window
        desk.bridge.run(later.wait)
    desk.press("E", "Ctrl+End")
    desk.type(" Yes.")
    desk.press("Esc", "Ctrl+Z")
    desk.project.store.write_now(lambda tx: None)  # both are committed
    QCoreApplication.processEvents()
    try:
        assert desk.page.area.detail.rationale.toPlainText() == "Ann has 1 and Ben has 1, so 1 + 1."
    finally:
        later.set()
    desk.settle()
    assert desk.page.area.detail.rationale.toPlainText() == "Ann has 1 and Ben has 1, so 1 + 1."


def test_undo_inside_the_editor_takes_back_typing_first(open_desk: OpenDesk, folder: Path) -> None:
    desk = open_desk(apples(folder))
    desk.press("A")
    desk.press("E", "Ctrl+End")
    desk.type("x")
    desk.press("Ctrl+Z")
    desk.settle()
    assert desk.page.area.detail.rationale.toPlainText().endswith("2 + 2.")
    assert desk.stored(1).state == "accepted"
    desk.press("Ctrl+Z")
    desk.settle()
    assert desk.stored(1).state == "unreviewed"
    assert desk.current == 1, "undo goes to what it changed"


def test_an_answer_that_arrives_meanwhile_does_not_overwrite_what_is_being_typed(
    open_desk: OpenDesk, folder: Path
) -> None:
    project = apples(folder)
    desk = open_desk(project)
    desk.press("E", "Ctrl+End")
    desk.type(" Mine.")
    add_answer(project, 1, "A new one.", "2", run_id="generate-2")
    desk.settle()
    assert desk.page.area.detail.rationale.toPlainText().endswith("Mine.")
    desk.press("Ctrl+S")
    desk.settle()
    assert (desk.stored(1).rationale or "").endswith("Mine.")


def test_an_answer_that_arrives_is_shown_where_nothing_is_being_typed(open_desk: OpenDesk, folder: Path) -> None:
    project = apples(folder)
    desk = open_desk(project)
    add_answer(project, 1, "A new one.", "2", run_id="generate-2")
    desk.settle()
    assert desk.page.area.detail.rationale.toPlainText() == "A new one."


def test_reverting_goes_back_to_the_teachers_text(open_desk: OpenDesk, folder: Path) -> None:
    desk = open_desk(apples(folder))
    detail = desk.page.area.detail
    assert not detail.revert.isVisible()
    desk.press("E", "Ctrl+End")
    desk.type(" Mine.")
    desk.press("Ctrl+S")
    desk.settle()
    desk.click(detail.revert)
    desk.settle()
    assert desk.stored(1).rationale == "Ann has 1 and Ben has 1, so 1 + 1."
    assert (desk.stored(1).state, desk.stored(1).edited) == ("unreviewed", 0)
    detail.history.set_open(True)
    said = [label.text() for label in detail.history.findChildren(type(detail.gold.gold))]
    assert "Go back to the teacher’s text" in said
    assert "Edit a rationale" in said
    assert "Original: teacher smollm2-135m" in said


def test_another_sample_can_be_used(open_desk: OpenDesk, folder: Path) -> None:
    project = apples(folder)
    other = add_answer(project, 1, "Otherwise.", "2", sample=1)
    desk = open_desk(project)
    detail = desk.page.area.detail
    detail.answers.set_open(True)
    rows = detail.answers.findChildren(AnswerRow)
    assert detail.answers.button.text() == "Answers · 2"
    [use] = [row.use for row in rows if row.use is not None]
    use.click()  # it may lie below what is scrolled to
    desk.settle()
    assert (desk.stored(1).rationale, desk.stored(1).answer_id) == ("Otherwise.", other)


def test_the_raw_answer_is_shown_exactly(open_desk: OpenDesk, folder: Path) -> None:
    project = Project.create(folder, "math")
    [i] = add_examples(project, [{"fields": {"input": "x"}, "label": "1"}])
    raw = "a\u00a0b\r\n\u2028 <b>The answer is 1.\0"
    add_answer(project, i, "a", "1", raw=raw)
    desk = open_desk(project)
    desk.page.area.detail.raw.set_open(True)
    [view] = desk.page.area.detail.raw.findChildren(CodeText)
    assert view.source() == raw


def test_hidden_characters_are_seen_and_named(open_desk: OpenDesk, folder: Path) -> None:
    project = Project.create(folder, "math")
    [i] = add_examples(project, [{"fields": {"input": "pay\u202e100"}, "label": "1"}])
    add_answer(project, i, "zero\u200bwidth", "1")
    desk = open_desk(project)
    detail = desk.page.area.detail
    assert detail.input.toPlainText() == "pay⟨U+202E⟩100"
    assert detail.hidden.text.text() == "Hidden characters: zero width space (U+200B)."
    detail.input.selectAll()
    assert detail.input.createMimeDataFromSelection().text() == "pay\u202e100"


def test_texts_whose_saving_failed_are_kept_and_said(
    open_desk: OpenDesk, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = open_desk(apples(folder))

    def full(tx: Transaction, *args: object, **values: object) -> bool:
        raise ResourceError("The disk is full.", "Free some space.")

    with monkeypatch.context() as broken:
        broken.setattr(decisions, "edit", full)
        desk.press("E", "Ctrl+End")
        desk.type(" Mine.")
        desk.press("Esc", "J")
        desk.settle()
    [bar] = desk.page.messages.bars()
    assert "№ 1 were not saved: The disk is full." in bar.text.text()
    assert bar.button is not None
    desk.click(bar.button)
    assert desk.current == 1
    assert desk.page.area.detail.rationale.toPlainText().endswith("Mine.")
    desk.press("Ctrl+S")
    desk.settle()
    assert (desk.stored(1).rationale or "").endswith("Mine.")
    assert desk.page.messages.bars() == []


def test_nothing_of_the_original_answer_is_ever_changed(open_desk: OpenDesk, folder: Path) -> None:
    project = apples(folder)
    before = answers.of_example(project.store.reader, 1)
    desk = open_desk(project)
    desk.press("L")
    desk.type("7")
    desk.press("Return", "A", "K", "R")
    desk.settle()
    assert answers.of_example(project.store.reader, 1) == before
