"""The model of the record table, without a view."""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt

from dsbs_gui.kit.record_table.column import Column, Mark
from dsbs_gui.kit.record_table.model import RecordTableModel

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytestqt.modeltest import ModelTester
    from pytestqt.qtbot import QtBot


@dataclass(frozen=True)
class Row:
    """A made-up record."""

    id: int
    text: str


class Store:
    """Records in memory that count how often they are asked for."""

    def __init__(self) -> None:
        self.calls: list[int] = []
        self.text: dict[int, str] = {}
        self.gone: set[int] = set()

    def fetch(self, ids: Sequence[int]) -> dict[int, Row]:
        self.calls.append(len(ids))
        return {i: Row(i, self.text.get(i, f"text {i}")) for i in ids if i not in self.gone}


COLUMNS = (
    Column("id", "Id", lambda r: str(r.id), align="right"),
    Column("text", "Text", lambda r: r.text, lines=2, decoration=lambda r: (Mark("good", "", "Accepted"),)),
)


@pytest.fixture
def store() -> Store:
    return Store()


@pytest.fixture
def model(store: Store, qtbot: QtBot) -> RecordTableModel:
    made = RecordTableModel(COLUMNS, store.fetch)
    made.set_ids(array("q", range(1000, 2000)))
    return made


def shown(model: RecordTableModel, row: int, column: int = 1, role: int = Qt.ItemDataRole.DisplayRole) -> object:
    return model.data(model.index(row, column), role)


def test_it_keeps_the_promises_of_a_model(model: RecordTableModel, qtmodeltester: ModelTester) -> None:
    qtmodeltester.check(model, force_py=True)


def test_a_page_is_fetched_once_for_its_128_rows(model: RecordTableModel, store: Store) -> None:
    assert [shown(model, row) for row in range(128)] == [f"text {1000 + row}" for row in range(128)]
    assert store.calls == [128]
    assert shown(model, 999) == "text 1999"
    assert store.calls == [128, 1000 - 7 * 128]


def test_at_most_64_pages_are_kept(store: Store, qtbot: QtBot) -> None:
    model = RecordTableModel(COLUMNS, store.fetch)
    model.set_ids(array("q", range(100_000)))
    for page in range(70):
        shown(model, page * 128)
    shown(model, 69 * 128)
    assert len(store.calls) == 70
    shown(model, 0)
    assert len(store.calls) == 71


def test_refresh_repaints_only_the_rows_of_these_ids(model: RecordTableModel, store: Store, qtbot: QtBot) -> None:
    shown(model, 0)
    store.text = {1003: "new", 1004: "newer", 1010: "newest"}
    blocks: list[tuple[int, int]] = []
    model.dataChanged.connect(lambda top, bottom: blocks.append((top.row(), bottom.row())))
    model.refresh([1010, 1003, 1004, 1999, 5])
    assert blocks == [(3, 4), (10, 10)]
    assert shown(model, 3) == "new"
    assert shown(model, 10) == "newest"


def test_refreshing_all_fetches_only_what_is_looked_at_again(
    model: RecordTableModel, store: Store, qtbot: QtBot
) -> None:
    shown(model, 0), shown(model, 500)
    store.text[1000] = "new"
    with qtbot.waitSignal(model.dataChanged) as told:
        model.refresh_all()
    assert (told.args[0].row(), told.args[1].row()) == (0, 999)
    assert shown(model, 0) == "new"
    assert store.calls == [128, 128, 128]


def test_a_cell_is_painted_as_it_is_told(model: RecordTableModel, store: Store) -> None:
    painted = model.painted(0, 1)
    assert painted is not None
    assert painted.text == shown(model, 0)
    assert [mark.meaning for mark in painted.marks] == ["Accepted"]
    store.gone.add(1001)
    model.refresh([1001])
    assert model.painted(1, 1) is None


def test_a_deleted_record_is_an_empty_row(model: RecordTableModel, store: Store) -> None:
    store.gone = {1001}
    assert shown(model, 1) is None
    assert shown(model, 2) == "text 1002"


def test_ids_and_rows_find_each_other(model: RecordTableModel) -> None:
    assert model.id_at(5) == 1005
    assert model.row_of(1005) == 5
    assert model.row_of(7) is None
    with pytest.raises(IndexError):
        model.id_at(-1)


def test_a_cell_is_short_and_on_one_line(model: RecordTableModel, store: Store) -> None:
    store.text = {1000: "first\nsecond " + "x" * 100_000}
    text = shown(model, 0)
    assert isinstance(text, str)
    assert len(text) == 300
    assert text.startswith("first↵second")


def test_markup_in_data_is_shown_and_not_obeyed(model: RecordTableModel, store: Store) -> None:
    store.text = {1000: "<img src='/etc/passwd'> & <b>bold</b>"}
    tip = shown(model, 0, role=Qt.ItemDataRole.ToolTipRole)
    assert tip == "<qt>&lt;img src=&#x27;/etc/passwd&#x27;&gt; &amp; &lt;b&gt;bold&lt;/b&gt;<br>Accepted</qt>"


def test_a_cell_is_read_out_with_its_title_and_marks(model: RecordTableModel) -> None:
    assert shown(model, 0, role=Qt.ItemDataRole.AccessibleTextRole) == "Text: text 1000, Accepted"


def test_a_new_vector_replaces_all_rows(model: RecordTableModel, qtbot: QtBot) -> None:
    with qtbot.waitSignal(model.modelReset):
        model.set_ids(array("q", [7, 3]))
    assert model.rowCount() == 2
    assert shown(model, 0) == "text 7"
