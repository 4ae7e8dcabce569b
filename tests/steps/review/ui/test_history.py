"""What was changed, by whom and when, at the Review page; and the ways back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from dsbs_gui.kit.buttons import LinkButton
from dsbs_gui.kit.plain_label import PlainLabel
from dsbs_gui.steps.review.ui.diff_text import DiffText
from dsbs_gui.steps.review.ui.history_list import Timeline
from tests.steps.review.making import apples

if TYPE_CHECKING:
    from pathlib import Path

    from tests.steps.review.conftest import OpenDesk

    from .desk import Desk


def edited_twice(desk: Desk) -> Timeline:
    """№ 1 with two edits of the rationale and one of the label; returns its history, opened."""
    for text in (" One.", " Two."):
        desk.press("E", "Ctrl+End")
        desk.type(text)
        desk.press("Ctrl+S", "Esc")
        desk.settle()
    desk.press("L")
    desk.type("7")
    desk.press("Return")
    desk.settle()
    return opened(desk)


def opened(desk: Desk) -> Timeline:
    history = desk.page.area.detail.history
    history.set_open(True)
    QCoreApplication.processEvents()  # a new child of a shown widget is shown later
    return [made for made in history.findChildren(Timeline) if made.isVisible()][-1]


def choose(timeline: Timeline, field: str) -> None:
    timeline.show_field(field)
    QCoreApplication.processEvents()


def said(timeline: Timeline) -> list[str]:
    return [label.text() for label in timeline.findChildren(PlainLabel) if label.isVisible()]


def test_each_field_has_a_timeline_of_its_own(open_desk: OpenDesk, folder: Path) -> None:
    desk = open_desk(apples(folder))
    timeline = edited_twice(desk)
    assert said(timeline).count("Edit a rationale") == 2
    choose(timeline, "teacher_label")
    assert said(timeline).count("Edit a rationale") == 0
    assert said(timeline).count("Edit a label") == 1
    choose(timeline, "rationale")
    texts = [diff.source() for diff in timeline.findChildren(DiffText) if diff.isVisible()]
    assert texts[0].endswith(" One. Two.")
    assert [s.tone for d in timeline.findChildren(DiffText) if d.isVisible() for s in d._spans] == ["good", "good"]


def test_one_goes_back_to_any_point_and_undo_takes_that_back(open_desk: OpenDesk, folder: Path) -> None:
    desk = open_desk(apples(folder))
    timeline = edited_twice(desk)
    ways = [button for button in timeline.findChildren(LinkButton) if button.isVisible()]
    assert len(ways) == 2, "one is at the newest point already"
    desk.click(ways[-1])
    desk.settle()
    assert desk.stored(1).rationale == "Ann has 1 and Ben has 1, so 1 + 1. One."
    assert desk.stored(1).teacher_label == "1 + 1"
    assert "Go back to an earlier version" in said(opened(desk))
    desk.press("Ctrl+Z")
    desk.settle()
    assert desk.stored(1).rationale == "Ann has 1 and Ben has 1, so 1 + 1. One. Two."
    assert desk.stored(1).teacher_label == "7"


def test_the_words_that_differ_from_the_teachers_are_marked_while_one_types(open_desk: OpenDesk, folder: Path) -> None:
    desk = open_desk(apples(folder))
    detail = desk.page.area.detail
    assert not detail.changes.isVisible(), "nothing to compare"
    edited_twice(desk)
    desk.click(detail.changes)
    assert detail.against.text.source() == "Ann has 1 and Ben has 1, so 1 + 1. One. Two."
    assert [(s.tone, s.struck) for s in detail.against.text._spans] == [("good", False)]
    desk.press("E", "Ctrl+End")
    desk.type(" Three.")
    desk.qtbot.waitUntil(lambda: detail.against.text.source().endswith("Three."))
    desk.press("Esc", "J")
    desk.settle()
    assert not detail.against.isVisible(), "the next one is as the teacher wrote it"
    desk.press("K")
    assert detail.against.isVisible(), "the choice to compare stays"
