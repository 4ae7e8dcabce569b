"""What the page asks of the store: questions are counted, not milliseconds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dsbs_gui.core.store import examples
from dsbs_gui.steps.review.ui import counting as counting_module
from tests.steps.review.making import apples

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

    import pytest

    from tests.steps.review.conftest import OpenDesk


def test_the_first_rows_do_not_wait_for_the_counts(
    open_desk: OpenDesk, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    count, list_ids = counting_module.census, examples.ids
    monkeypatch.setattr(counting_module, "census", lambda *given: (told.append("counted"), count(*given))[1])
    monkeypatch.setattr(examples, "ids", lambda *given: (told.append("listed"), list_ids(*given))[1])
    open_desk(apples(folder))
    assert told[:2] == ["listed", "counted"]


def test_counting_does_not_use_the_reader_of_the_window(
    open_desk: OpenDesk, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    used: list[Any] = []
    count = counting_module.census
    monkeypatch.setattr(counting_module, "census", lambda db, *given: (used.append(db), count(db, *given))[1])
    desk = open_desk(apples(folder))
    assert used
    assert desk.project.store.reader not in used


def test_a_page_of_rows_is_two_queries(open_desk: OpenDesk, folder: Path) -> None:
    desk = open_desk(apples(folder))
    queries: list[str] = []
    desk.project.store.reader.set_trace_callback(queries.append)
    desk.page._fetch(desk.page.area.model.ids())
    desk.project.store.reader.set_trace_callback(None)
    assert len(queries) == 2


def test_selecting_all_of_a_list_that_is_up_to_date_asks_nothing(
    open_desk: OpenDesk, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = open_desk(apples(folder))
    listed: list[object] = []
    list_ids = examples.ids
    monkeypatch.setattr(examples, "ids", lambda *given: (listed.append(given), list_ids(*given))[1])
    desk.press("Ctrl+A")
    assert desk.page.area.table.selected_count() == 11
    assert not listed


def test_selecting_all_after_a_decision_asks_what_matches_now(open_desk: OpenDesk, folder: Path) -> None:
    desk = open_desk(apples(folder))
    desk.press("A")
    desk.settle()
    desk.press("Ctrl+A")
    desk.settle()
    assert list(desk.page.area.table.selected_ids()) == list(range(2, 12))


def test_a_change_of_everything_names_no_row(open_desk: OpenDesk, folder: Path) -> None:
    desk = open_desk(apples(folder))
    fetched: list[int] = []
    cache = desk.page.area.model._cache
    fetch = cache._fetch
    cache._fetch = lambda ids: (fetched.append(len(ids)), fetch(ids))[1]
    desk.project.store.write_now(lambda tx: tx.touch("examples"))
    desk.settle()
    desk.page.area.table.grab()
    assert fetched == [11]


def test_a_selection_in_pieces_is_kept_over_a_reload(open_desk: OpenDesk, folder: Path) -> None:
    desk = open_desk(apples(folder))
    desk.choose(2, 3, 7, 11)
    desk.page.area.filters.set_text("apples")
    desk.settle()
    desk.page.listing.show_order("id", True)
    desk.settle()
    assert sorted(desk.page.area.table.selected_ids()) == [2, 3, 7, 11]
