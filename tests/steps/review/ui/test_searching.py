"""Searching at the Review page: words, patterns, the searches of the past, and the index behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dsbs_gui.core.store import search
from dsbs_gui.core.store.search import Search
from dsbs_gui.kit.message_bar import MessageBar
from tests.steps.review.making import add_examples, apples

if TYPE_CHECKING:
    from pathlib import Path

    from tests.steps.review.conftest import OpenDesk

    from .desk import Desk


def look_for(desk: Desk, text: str) -> None:
    desk.press("Ctrl+F")
    desk.type(text)
    desk.press("Return")
    desk.settle()


def bars(desk: Desk) -> list[MessageBar]:
    return desk.page.messages.bars()


def test_words_are_found_in_any_order(open_desk: OpenDesk, folder: Path) -> None:
    desk = open_desk(apples(folder))
    look_for(desk, "has 11 ann")
    assert desk.shown == [11]


def test_escape_clears_the_search_and_then_leaves_it(open_desk: OpenDesk, folder: Path) -> None:
    desk = open_desk(apples(folder))
    look_for(desk, "7")
    desk.press("Esc")
    desk.settle()
    assert (desk.page.area.search.text(), len(desk.shown)) == ("", 11)
    assert desk.page.area.search.hasFocus()
    desk.press("Esc")
    assert desk.page.area.table.hasFocus()


def test_a_pattern_is_searched_for_and_a_broken_one_is_explained(open_desk: OpenDesk, folder: Path) -> None:
    desk = open_desk(apples(folder))
    box = desk.page.area.search
    box.pattern.trigger()
    look_for(desk, r"has (3|5) app")
    assert desk.shown == [3, 5]
    desk.type("(")
    desk.press("Return")
    desk.settle()
    assert [bar.text.text() for bar in bars(desk)] == ["This is no complete pattern yet: missing ) at its end."]
    assert desk.shown == [3, 5], "the rows of the search before stay"
    desk.press("Backspace", "Return")
    desk.settle()
    assert bars(desk) == []
    box.pattern.trigger()
    desk.settle()
    assert desk.shown == [], "the same text as words"


def test_searches_of_the_past_are_in_the_project(open_desk: OpenDesk, folder: Path) -> None:
    project = apples(folder)
    desk = open_desk(project)
    box = desk.page.area.search
    look_for(desk, "has 11")
    desk.press("Esc")
    box.pattern.trigger()
    look_for(desk, "Ben.*3")
    assert search.recent(project.store.reader) == [Search("Ben.*3", "regex"), Search("has 11", "words")]
    box.fill_menu()
    entries = box.menu.actions()
    assert [entry.text() for entry in entries] == ["Ben.*3   (pattern)", "has 11"]
    entries[1].trigger()
    desk.settle()
    assert (box.text(), box.mode(), desk.shown) == ("has 11", "words", [11])


def test_what_was_only_typed_on_the_way_is_not_remembered(open_desk: OpenDesk, folder: Path) -> None:
    project = apples(folder)
    desk = open_desk(project)
    desk.press("Ctrl+F")
    for part in ("h", "as", " 11"):
        desk.type(part)
        desk.page.area.search._tell()
    desk.press("Esc")
    desk.settle()
    assert search.recent(project.store.reader) == [Search("has 11", "words")]


def test_the_index_keeps_up_by_itself_while_the_window_lives(open_desk: OpenDesk, folder: Path) -> None:
    project = apples(folder)
    desk = open_desk(project)

    def indexed() -> int:
        return int(project.store.reader.execute("SELECT indexed FROM search_state").fetchone()[0])

    desk.qtbot.waitUntil(lambda: indexed() == 12)
    [new] = add_examples(project, [{"fields": {"input": "A new pear."}, "label": "1"}], split="test")
    desk.qtbot.waitUntil(lambda: indexed() == new)
