"""Table and focus view: two views of the same rows, and nothing is lost between them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dsbs_gui.core.project import Project
from dsbs_gui.kit.theme.apply import apply_theme
from tests.steps.review.making import apples

from .test_signals import find

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from PySide6.QtWidgets import QApplication

    from tests.steps.review.conftest import OpenDesk


@pytest.fixture(autouse=True)
def _themed(qapp: QApplication) -> Iterator[None]:
    """As in the program: the style sheet has a say in fonts."""
    apply_theme(qapp, "light")
    yield
    qapp.setStyleSheet("")


def test_a_key_and_a_control_switch_between_the_views(open_desk: OpenDesk, folder: Path) -> None:
    desk = open_desk(apples(folder))
    area = desk.page.area
    assert area.table.isVisible()
    assert not area.bar.next.isVisible()
    desk.press("V")
    assert not area.table.isVisible()
    assert area.detail.isVisible()
    assert desk.page.views.switch.value() == "focus"
    desk.click(desk.page.views.switch._buttons["table"])
    assert area.table.isVisible()
    desk.press("J")
    assert desk.current == 2, "the table has the focus again"


def test_the_focus_view_has_the_input_beside_the_rationale_in_large_type(open_desk: OpenDesk, folder: Path) -> None:
    desk = open_desk(apples(folder))
    detail = desk.page.area.detail
    small = detail.rationale.font().pixelSize()
    desk.press("V")
    desk.settle()
    where = detail.input.mapTo(desk.page, detail.input.rect().topRight())
    assert where.x() < detail.rationale.mapTo(desk.page, detail.rationale.rect().topLeft()).x()
    assert detail.rationale.font().pixelSize() == detail.input.font().pixelSize() > small
    assert [b.key() for b in desk.page.area.bar.buttons.values()] == ["A", "R", "S"]
    assert (desk.page.area.bar.previous.key(), desk.page.area.bar.next.key()) == ("K", "J")
    desk.press("V")
    desk.settle()
    assert detail.rationale.font().pixelSize() == small
    below = detail.rationale.mapTo(desk.page, detail.rationale.rect().topLeft()).y()
    assert detail.input.mapTo(desk.page, detail.input.rect().bottomLeft()).y() < below


def test_a_decision_goes_on_to_the_next_example_and_says_how_far_one_is(open_desk: OpenDesk, folder: Path) -> None:
    desk = open_desk(apples(folder, 71))
    desk.press("V")
    said = desk.page.area.foot.sentence
    assert said.text() == "0 of 70 reviewed"
    for _ in range(6):
        desk.now += 30
        desk.press("A")
    desk.settle()
    assert desk.current == 7
    assert said.text() == "6 of 70 reviewed · about 30\u00a0min left at your pace"
    desk.click(desk.page.area.bar.previous)
    assert desk.current == 6
    assert desk.page.area.detail.head.place.text() == "6 of 70"
    desk.click(desk.page.area.bar.next)
    assert desk.current == 7


def test_filter_order_and_place_survive_switching_editing_and_coming_back(open_desk: OpenDesk, folder: Path) -> None:
    desk = open_desk(apples(folder, 120))
    page = desk.page
    page.clear_filters()
    desk.settle()
    desk.click(page.area.filters.agreement._chips["agree"])
    desk.settle()
    page.area.table.sort_asked.emit("id", True)
    desk.settle()
    shown, chosen = desk.shown, page.area.filters.value()
    page.area.table.set_current_id(50)
    page.area.table.verticalScrollBar().setValue(35)
    top = page.area.table.verticalScrollBar().value()
    desk.press("V", "E", "Ctrl+End")
    desk.type(" Yes.")
    desk.press("Ctrl+S", "Esc")
    desk.settle()
    desk.press("V")
    desk.settle()
    assert desk.stored(50).rationale == "Ann has 50 and Ben has 50, so 50 + 50. Yes."
    assert (desk.shown, page.area.filters.value()) == (shown, chosen)
    assert (page.listing.order, page.listing.descending) == ("id", True)
    assert desk.current == 50
    assert page.area.table.verticalScrollBar().value() == top
    page.hide()
    page.show()
    page.refresh()
    desk.settle()
    assert desk.current == 50
    assert page.area.table.verticalScrollBar().value() == top


def test_where_one_went_in_the_focus_view_is_seen_in_the_table(open_desk: OpenDesk, folder: Path) -> None:
    desk = open_desk(apples(folder, 120))
    desk.press("V", *["J"] * 60, "V")
    desk.settle()
    table = desk.page.area.table
    assert desk.current == 61
    assert table.viewport().rect().contains(table.visualRect(table.currentIndex()).center())


def test_several_selected_rows_wait_for_the_table(open_desk: OpenDesk, folder: Path) -> None:
    desk = open_desk(apples(folder))
    desk.choose(2, 4, 7)
    desk.press("V")
    assert desk.page.area.detail.isVisible(), "one example is shown, so a key decides just that one"
    desk.press("R")
    desk.settle()
    assert [i for i in range(1, 12) if desk.stored(i).state == "rejected"] == [7]
    desk.press("V")
    desk.settle()
    assert list(desk.page.area.table.selected_ids()) == [2, 4, 7]
    assert desk.page.area.bulk.isVisible()


def test_several_selected_rows_are_found_again_in_a_list_that_has_changed(open_desk: OpenDesk, folder: Path) -> None:
    desk = open_desk(apples(folder))
    desk.choose(2, 4, 7)
    desk.press("V", "R")
    desk.settle()
    desk.press("F5")
    desk.settle()
    assert 7 not in desk.shown
    desk.press("V")
    assert list(desk.page.area.table.selected_ids()) == [2, 4]


def test_what_is_being_typed_goes_on_in_the_other_view(open_desk: OpenDesk, folder: Path) -> None:
    desk = open_desk(apples(folder))
    desk.press("E", "Ctrl+End")
    desk.type(" One")
    desk.click(desk.page.views.switch._buttons["focus"])
    assert desk.page.area.detail.rationale.hasFocus()
    desk.type(" two.")
    desk.press("Esc", "J")
    desk.settle()
    assert desk.stored(1).rationale == "Ann has 1 and Ben has 1, so 1 + 1. One two."


def test_the_signals_are_sentences_in_the_focus_view_too(open_desk: OpenDesk, folder: Path) -> None:
    project = apples(folder)
    find(project, 1, ("arithmetic", "2 + 2 = 5 (it is 4)"))
    desk = open_desk(project)
    desk.press("V")
    said = desk.page.area.detail.signals
    assert said.isVisible()
    assert said.text.text() == "A calculation does not hold: 2 + 2 = 5 (it is 4)."


def test_nothing_matches_is_said_in_the_focus_view(open_desk: OpenDesk, folder: Path) -> None:
    desk = open_desk(apples(folder))
    desk.press("V", "/")
    desk.type("pears")
    desk.press("Return")
    desk.settle()
    assert desk.page.area.none.isVisible()
    desk.press("Esc", "Esc")
    desk.settle()
    assert desk.page.area.detail.input.isVisible()


def test_the_view_is_kept_for_the_next_time(open_desk: OpenDesk, folder: Path) -> None:
    desk = open_desk(apples(folder))
    desk.press("V")
    desk.close()
    again = open_desk(Project.open(folder))
    assert again.page.views.view == "focus"
    assert not again.page.area.table.isVisible()
    again.press("A")
    again.settle()
    assert again.stored(1).state == "accepted"
