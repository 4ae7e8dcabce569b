"""The record table with a million rows; calls are counted, not milliseconds."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QItemSelection, QItemSelectionModel, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from dsbs_gui.kit.record_table.column import Column, Mark
from dsbs_gui.kit.record_table.model import Index, RecordTableModel
from dsbs_gui.kit.record_table.view import RecordTable
from dsbs_gui.kit.theme.tokens import LIGHT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QPainter
    from PySide6.QtWidgets import QStyleOptionViewItem
    from pytestqt.qtbot import QtBot

MILLION = 1_000_000
IDS = array("q", range(MILLION))
COLUMNS = (
    Column("state", "State", lambda r: "Accepted", 120, decoration=lambda r: (Mark("good"),)),
    Column("text", "Text", lambda r: f"row {r} " + "word " * 40, stretch=True, lines=2, sortable=True),
    Column("n", "Number", str, 80, align="right", monospace=True),
)


class Counted:
    """Gives each id as its own record and counts the calls."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, ids: Sequence[int]) -> dict[int, int]:
        self.calls += 1
        return {i: i for i in ids}


@pytest.fixture
def fetch() -> Counted:
    return Counted()


@pytest.fixture
def table(fetch: Counted, qtbot: QtBot) -> RecordTable:
    model = RecordTableModel(COLUMNS, fetch)
    model.set_ids(IDS)
    view = RecordTable(model, "Rows")
    qtbot.addWidget(view)
    view.resize(800, 600)
    view.show()
    view.grab()
    return view


def records(table: RecordTable) -> RecordTableModel:
    model = table.model()
    assert isinstance(model, RecordTableModel)
    return model


def test_a_repaint_fetches_at_most_two_pages(table: RecordTable, fetch: Counted) -> None:
    assert 1 <= fetch.calls <= 2
    before = fetch.calls
    table.verticalScrollBar().setValue(table.verticalScrollBar().maximum() // 2)
    table.grab()
    assert fetch.calls - before <= 2


def test_selecting_all_asks_for_no_record(table: RecordTable, fetch: Counted) -> None:
    before = fetch.calls
    QTest.keyClick(table, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert table.selected_count() == MILLION
    assert fetch.calls == before


def test_selected_ids_come_from_ranges_in_the_order_shown(table: RecordTable) -> None:
    model = records(table)
    model.set_ids(array("q", range(100, 0, -1)))
    rows = QItemSelection()
    rows.select(model.index(2, 0), model.index(4, 2))
    rows.select(model.index(90, 0), model.index(90, 2))
    table.selectionModel().select(rows, QItemSelectionModel.SelectionFlag.ClearAndSelect)
    assert list(table.selected_ids()) == [98, 97, 96, 10]
    assert table.selected_count() == 4


def test_the_current_id_stays_over_a_new_order(table: RecordTable) -> None:
    table.set_current_id(5000)
    records(table).set_ids(array("q", range(MILLION, 0, -1)))
    assert table.current_id() == 5000
    assert list(table.selected_ids()) == [5000]


def test_a_row_that_leaves_the_filter_hands_over_to_the_next(table: RecordTable) -> None:
    records(table).set_ids(array("q", [10, 20, 30]))
    table.set_current_id(20)
    records(table).set_ids(array("q", [10, 30]))
    assert table.current_id() == 30
    records(table).set_ids(array("q"))
    assert table.current_id() is None


def test_home_end_and_arrows_move_the_current_row(table: RecordTable) -> None:
    seen: list[object] = []
    table.current_changed.connect(seen.append)
    QTest.keyClick(table, Qt.Key.Key_End)
    QTest.keyClick(table, Qt.Key.Key_Up)
    QTest.keyClick(table, Qt.Key.Key_Home)
    QTest.keyClick(table, Qt.Key.Key_Down)
    assert seen == [MILLION - 1, MILLION - 2, 0, 1]
    QTest.keyClick(table, Qt.Key.Key_PageDown)
    assert 5 < (table.current_id() or 0) < 30


def test_shift_end_selects_to_the_end(table: RecordTable) -> None:
    table.set_current_id(MILLION - 10)
    QTest.keyClick(table, Qt.Key.Key_End, Qt.KeyboardModifier.ShiftModifier)
    assert table.selected_count() == 10
    QTest.keyClick(table, Qt.Key.Key_Home, Qt.KeyboardModifier.ShiftModifier)
    assert table.selected_count() == MILLION - 9


def test_return_and_double_click_activate_a_row(table: RecordTable, qtbot: QtBot) -> None:
    table.set_current_id(3)
    with qtbot.waitSignal(table.row_activated, check_params_cb=lambda id: id == 3):
        QTest.keyClick(table, Qt.Key.Key_Return)
    place = table.visualRect(records(table).index(1, 1)).center()
    QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    with qtbot.waitSignal(table.row_activated, check_params_cb=lambda id: id == 1):
        QTest.mouseDClick(table.viewport(), Qt.MouseButton.LeftButton, pos=place)


def test_letters_are_left_to_the_page(table: RecordTable, fetch: Counted) -> None:
    table.set_current_id(3)
    before = fetch.calls
    QTest.keyClick(table, Qt.Key.Key_R)
    assert table.current_id() == 3
    assert fetch.calls == before


def test_a_click_on_a_title_asks_for_an_order_and_selects_nothing(table: RecordTable) -> None:
    asked: list[tuple[str, bool]] = []
    table.sort_asked.connect(lambda key, descending: asked.append((key, descending)))
    titles = table.horizontalHeader()
    for section in (1, 1, 0):
        place = QPoint(titles.sectionViewportPosition(section) + 20, titles.height() // 2)
        QTest.mouseClick(titles.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert asked == [("text", False), ("text", True)]
    assert table.selected_count() == 0


def test_a_state_is_a_coloured_dot_with_a_word(table: RecordTable) -> None:
    area = table.visualRect(records(table).index(0, 0))
    image = table.viewport().grab(area).toImage()
    middle = image.pixelColor(8 + 4, image.height() // 2).name().upper()
    assert middle == LIGHT.good.shape


def test_two_line_rows_are_taller(table: RecordTable, qtbot: QtBot) -> None:
    single = RecordTable(RecordTableModel(COLUMNS[2:], lambda ids: {i: i for i in ids}), "One line")
    qtbot.addWidget(single)
    assert table.verticalHeader().defaultSectionSize() == LIGHT.size.row_two_lines
    assert single.verticalHeader().defaultSectionSize() == LIGHT.size.row


def test_refresh_does_not_lose_the_selection(table: RecordTable) -> None:
    table.set_current_id(7)
    records(table).refresh([7, 8])
    assert list(table.selected_ids()) == [7]


def test_selected_rows_are_copied_whole(table: RecordTable) -> None:
    table.set_current_id(3)
    QTest.keyClick(table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QApplication.clipboard().text() == f"Accepted\trow 3 {'word ' * 40}\t3\n"


def test_the_whole_row_under_the_pointer_is_lit(table: RecordTable) -> None:
    def ground(row: int, column: int) -> str:
        area = table.visualRect(records(table).index(row, column))
        image = table.viewport().grab(area).toImage()
        return image.pixelColor(image.width() - 3, 3).name().upper()

    table.entered.emit(records(table).index(2, 1))
    assert [ground(2, column) for column in (0, 1, 2)] == [LIGHT.hover] * 3
    assert ground(1, 0) == LIGHT.surface


def test_a_page_that_cannot_be_read_is_asked_for_once(qtbot: QtBot) -> None:
    calls: list[int] = []

    def fetch(ids: Sequence[int]) -> dict[int, int]:
        calls.append(len(ids))
        raise OSError("the disk went away")

    model = RecordTableModel(COLUMNS, fetch)
    model.set_ids(array("q", range(10)))
    with pytest.raises(OSError, match="disk went away"):
        model.record(0)
    assert model.record(1) is None
    assert calls == [10]


def test_scrolling_paints_the_rows_that_come_in_and_no_others(table: RecordTable, qtbot: QtBot) -> None:
    qtbot.waitExposed(table)
    QApplication.processEvents()
    painted: set[int] = set()
    delegate = table.itemDelegate()

    def noting(painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        painted.add(index.row())
        type(delegate).paint(delegate, painter, option, index)

    delegate.paint = noting  # type: ignore[method-assign]
    bar = table.verticalScrollBar()
    bar.setValue(bar.value() + 3)
    qtbot.waitUntil(lambda: bool(painted))
    last = table.rowAt(table.viewport().height() - 1)
    assert painted <= set(range(last - 4, last + 2)), painted


def test_below_the_last_row_is_the_ground_of_the_table(table: RecordTable) -> None:
    records(table).set_ids(array("q", range(2)))
    shot = table.viewport().grab().toImage()
    assert shot.pixelColor(shot.width() // 2, shot.height() - 5).name().upper() == LIGHT.surface
