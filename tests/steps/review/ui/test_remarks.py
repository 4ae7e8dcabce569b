"""Ratings, tags and notes on the page: by keys alone, one example and many, and what the chips leave."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from dsbs_gui.core.project import Project
from dsbs_gui.core.store import decisions, drafts, examples, remarks
from dsbs_gui.core.store.filters import Filter, Selection
from dsbs_gui.kit.plain_label import PlainLabel
from dsbs_gui.steps.review.ui import remarking
from tests.steps.review.making import add_examples, apples

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from tests.steps.review.conftest import OpenDesk

    from .desk import Desk


def tag(project: Project, name: str, *ids: int) -> None:
    project.store.write_now(lambda tx: remarks.tag(tx, Selection.of(ids), name))


def shown_columns(desk: Desk) -> set[str]:
    area = desk.page.area
    return {c.key for i, c in enumerate(area.model.columns) if not area.table.isColumnHidden(i)}


def agree_to_all(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    asked: list[str] = []
    monkeypatch.setattr(remarking, "confirm", lambda _, title, *rest: bool(asked.append(title) or True))
    return asked


def test_one_example_is_rated_tagged_and_noted_by_keys_alone(open_desk: OpenDesk, folder: Path) -> None:
    desk = open_desk(apples(folder))
    desk.press("Alt+4", "T")
    desk.type("wrong unit")
    desk.press("Return")
    desk.type("odd")
    desk.press("Return", "Esc", "N")
    desk.type("Ask Mia.")
    desk.press("Esc", "J")
    desk.settle()
    found = desk.stored(1)
    assert (found.rating, found.tags, found.note, found.state) == (4, ("wrong unit", "odd"), "Ask Mia.", "unreviewed")
    assert desk.current == 2
    desk.press("K")
    fields = desk.page.area.detail.remarks
    assert [star.accessibleName() for star in fields.rating.stars][3] == "Take the rating away"
    assert list(fields.tags.chips) == ["wrong unit", "odd"]
    assert fields.note.toPlainText() == "Ask Mia."
    desk.press("Alt+0")
    desk.settle()
    assert desk.stored(1).rating is None
    desk.press(*["Ctrl+Z"] * 5)
    desk.settle()
    found = desk.stored(1)
    assert (found.rating, found.tags, found.note) == (None, (), None)


def test_a_click_on_a_tag_takes_it_away_and_on_the_rating_too(open_desk: OpenDesk, folder: Path) -> None:
    project = apples(folder)
    tag(project, "odd", 1)
    tag(project, "unit", 1)
    desk = open_desk(project)
    fields = desk.page.area.detail.remarks
    desk.click(fields.rating.stars[1])
    desk.click(fields.tags.chips["odd"])
    desk.settle()
    assert (desk.stored(1).rating, desk.stored(1).tags) == (2, ("unit",))
    desk.click(fields.rating.stars[1])
    desk.settle()
    assert desk.stored(1).rating is None


def test_tab_leads_from_the_line_to_the_tags_and_on_to_the_note(open_desk: OpenDesk, folder: Path) -> None:
    project = apples(folder)
    tag(project, "odd", 1)
    desk = open_desk(project)
    tag(project, "unit", 1)
    desk.settle()
    fields = desk.page.area.detail.remarks
    desk.press("T", "Tab", "Tab")
    assert QApplication.focusWidget() is fields.tags.chips["unit"]
    desk.press(" ")
    desk.settle()
    assert desk.stored(1).tags == ("odd",)
    assert QApplication.focusWidget() is fields.tags.line
    desk.press("Tab", "Tab")
    assert QApplication.focusWidget() is fields.note


def test_a_note_with_an_accepted_rationale_is_no_edit_of_it(open_desk: OpenDesk, folder: Path) -> None:
    desk = open_desk(apples(folder))
    desk.press("N")
    desk.type("Fine.")
    desk.press("Esc", "A")
    desk.settle()
    assert (desk.stored(1).note, desk.stored(1).state, desk.stored(1).edited) == ("Fine.", "accepted", 0)
    assert desk.last_act() == "Accept 1 rationale"


def test_a_note_that_is_being_typed_survives_a_kill(open_desk: OpenDesk, folder: Path) -> None:
    project = apples(folder)
    project.store.write_now(lambda tx: drafts.keep(tx, 2, None, None, "Half a no"))
    desk = open_desk(project)
    desk.page.show_example(2)
    desk.settle()
    note = desk.page.area.detail.remarks.note
    assert note.toPlainText() == "Half a no"
    desk.press("N", "Ctrl+End")
    desk.type("te")
    desk.qtbot.waitUntil(lambda: [d.note for d in drafts.left(project.store.reader)] == ["Half a note"])
    desk.press("Ctrl+S")
    desk.settle()
    assert desk.stored(2).note == "Half a note"
    assert drafts.left(project.store.reader) == []


def test_tags_of_the_project_complete_what_is_typed(open_desk: OpenDesk, folder: Path) -> None:
    project = apples(folder)
    tag(project, "wrong unit", 5)
    tag(project, "odd", 5)
    desk = open_desk(project)
    desk.press("T")
    desk.type("UNI")
    completer = desk.page.area.detail.remarks.tags.completer
    desk.qtbot.waitUntil(completer.popup().isVisible)
    assert completer.completionCount() == 1
    desk.qtbot.keyClick(completer.popup(), Qt.Key.Key_Down)
    desk.qtbot.keyClick(completer.popup(), Qt.Key.Key_Return)
    desk.settle()
    assert desk.stored(1).tags == ("wrong unit",)
    assert desk.page.area.detail.remarks.tags.line.text() == ""
    assert desk.written_acts() == 3, "it was told once"


def test_all_that_match_are_tagged_after_a_question_and_one_undo_takes_it_back(
    open_desk: OpenDesk, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = agree_to_all(monkeypatch)
    desk = open_desk(apples(folder))
    desk.press("Ctrl+A", "T")
    assert QApplication.focusWidget() is desk.page.area.bulk.tags.line
    desk.type("{batch}")
    desk.press("Return")
    desk.settle()
    assert asked == ["Tag 11\u00a0examples “{batch}”?"]
    assert all(desk.stored(i).tags == ("{batch}",) for i in range(1, 12))
    assert desk.stored(12).tags == (), "it has no rationale and did not match"
    assert desk.last_act() == "Tag 11 examples “{batch}”"
    assert [chip.text() for chip in desk.page.area.bulk.tags.chips.values()] == ["{batch}  11  ✕"]
    desk.press("Alt+2")
    desk.settle()
    assert {desk.stored(i).rating for i in range(1, 12)} == {2}
    desk.click(desk.page.area.bulk.tags.chips["{batch}"])
    desk.settle()
    assert {desk.stored(i).tags for i in range(1, 12)} == {()}
    for _ in range(3):
        desk.project.store.write_now(decisions.undo)
    assert {(desk.stored(i).tags, desk.stored(i).rating) for i in range(1, 12)} == {((), None)}


def test_a_few_selected_rows_are_rated_without_a_question(
    open_desk: OpenDesk, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = agree_to_all(monkeypatch)
    desk = open_desk(apples(folder))
    desk.choose(2, 4)
    desk.press("Alt+5")
    desk.settle()
    assert not asked
    assert [desk.stored(i).rating for i in (1, 2, 3, 4)] == [None, 5, None, 5]


def test_a_question_that_is_answered_no_changes_nothing(
    open_desk: OpenDesk, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remarking, "confirm", lambda *given: False)
    desk = open_desk(apples(folder))
    desk.press("Ctrl+A", "Alt+1")
    desk.settle()
    assert desk.written_acts() == 0


def test_chips_for_what_some_row_has_filter_and_the_columns_come_and_go(open_desk: OpenDesk, folder: Path) -> None:
    project = apples(folder)
    desk = open_desk(project)
    desk.page.resize(2400, 900)
    desk.settle()
    chips = desk.page.area.filters.remarks
    assert not any(widget.isVisible() for widget in chips.widgets)
    assert not {"rating", "tags", "note"} & shown_columns(desk)
    tag(project, "odd", 2, 3)
    tag(project, "unit", 3)
    project.store.write_now(lambda tx: remarks.rate(tx, Selection.of([2, 5]), 1))
    project.store.write_now(lambda tx: decisions.edit(tx, 7, note="look here"))
    desk.settle()
    assert {"rating", "tags", "note"} <= shown_columns(desk)
    assert [n for n, chip in chips.ratings.items() if chip.isVisible()] == [1]
    desk.click(chips.ratings[1]._chips["1"])
    desk.settle()
    assert desk.shown == [2, 5]
    chips.menu.actions()[0].trigger()
    desk.settle()
    assert desk.shown == [2]
    assert chips.tags.text() == "Tag: odd"
    assert desk.page.area.filters.value().tags == ("odd",)
    desk.page.clear_filters()
    desk.settle()
    assert chips.tags.text() == "Tags"
    desk.click(chips.noted._chips["noted"])
    desk.settle()
    assert desk.shown == [7]


def test_notes_are_found_by_the_search_line(open_desk: OpenDesk, folder: Path) -> None:
    project = apples(folder)
    project.store.write_now(lambda tx: decisions.edit(tx, 7, note="compare with the crème book"))
    desk = open_desk(project)
    desk.page.area.filters.set_text("creme", "words")
    desk.settle()
    assert desk.shown == [7]
    desk.page.area.filters.set_text("with .* book", "regex")
    desk.settle()
    assert desk.shown == [7]


def test_one_line_is_added_to_the_notes_of_all_that_are_selected(
    open_desk: OpenDesk, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = agree_to_all(monkeypatch)
    desk = open_desk(apples(folder))
    desk.press("N")
    desk.type("Half")
    desk.press("Esc", "Ctrl+A", "N")
    assert QApplication.focusWidget() is desk.page.area.bulk.note
    desk.press("Return")
    assert not asked, "a blank line is none"
    desk.type("Ask Mia.")
    desk.press("Return")
    desk.settle()
    assert asked == ["Add to the notes of 11\u00a0examples?"]
    assert [desk.stored(i).note for i in (1, 2, 12)] == ["Half\nAsk Mia.", "Ask Mia.", None]
    assert len(examples.ids(desk.project.store.reader, Filter(text="mia"))) == 11, "notes are searched"
    desk.press("Esc")
    desk.press("Ctrl+Z")
    desk.settle()
    assert [desk.stored(i).note for i in (1, 2, 12)] == ["Half", None, None]


def test_the_history_tells_remarks_in_words(open_desk: OpenDesk, folder: Path) -> None:
    project = apples(folder)
    tag(project, "odd", 1)
    tag(project, "unit", 1)
    project.store.write_now(lambda tx: remarks.rate(tx, Selection.of([1]), 4))
    desk = open_desk(project)
    desk.page.area.detail.history.set_open(True)
    said = [label.text() for label in desk.page.area.detail.history.findChildren(PlainLabel)]
    assert "Rating: none → 4" in said
    assert "Tags: odd → odd, unit" in said
    assert "Tag 1 example “unit”" in said


def test_a_project_for_reading_only_shows_remarks_and_takes_none(open_desk: OpenDesk, folder: Path) -> None:
    project = apples(folder)
    tag(project, "odd", 1)
    project.close()
    desk = open_desk(Project.open(folder, read_only=True))
    fields = desk.page.area.detail.remarks
    assert list(fields.tags.chips) == ["odd"]
    assert not fields.tags.line.isEnabled()
    assert not any(star.isEnabled() for star in fields.rating.stars)
    desk.press("Alt+3")
    desk.settle()
    assert desk.stored(1).rating is None


def test_an_example_without_anything_can_be_remarked_on(open_desk: OpenDesk, folder: Path) -> None:
    project = apples(folder)
    [i] = add_examples(project, [{"fields": {"input": "x"}, "label": "1"}])
    desk = open_desk(project)
    desk.page.clear_filters()
    desk.settle()
    desk.page.show_example(i)
    desk.settle()
    desk.press("Alt+1")
    desk.settle()
    assert (desk.stored(i).rating, desk.stored(i).state) == (1, "empty")
