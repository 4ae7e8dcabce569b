"""Where two students differ: the examples that only one of them has right."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import TYPE_CHECKING

from dsbs_gui.kit.card import Card
from dsbs_gui.kit.record_table.column import Column, Mark
from dsbs_gui.kit.record_table.model import RecordTableModel
from dsbs_gui.kit.record_table.view import RecordTable
from dsbs_gui.kit.theme.apply import current
from dsbs_gui.kit.words import plural

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from dsbs_gui.steps.evaluation.overview import Flipped

_ROWS = 6


class FlippedCard(Card):
    """A table of ``Flipped``."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Where they differ", note=" ", parent=parent)
        self._items: dict[int, Flipped] = {}
        self.model = RecordTableModel(_columns(), self._fetch)
        self.table = RecordTable(self.model, "Examples that only one has right")
        size = current().size
        self.table.setMinimumHeight(_ROWS * size.row_two_lines + size.row)
        self.add(self.table)

    def show_flipped(self, a: str, b: str, items: Sequence[Flipped]) -> None:
        """``a`` and ``b`` are names for people."""
        self._items = {item.example_id: item for item in items}
        self.model.set_ids(array("q", self._items))
        only_a = sum(item.a_right for item in items)
        self.set_note(f"{plural(only_a, 'row')} only {a} has right, {len(items) - only_a} only {b}")

    def _fetch(self, ids: Sequence[int]) -> dict[int, Flipped]:
        return {i: self._items[i] for i in ids if i in self._items}


def _columns() -> list[Column]:
    return [
        Column("input", "Input", lambda f: f.input, lines=2, stretch=True, width=240),
        Column("gold", "Gold label", lambda f: f.gold, width=110),
        Column("a", "First says", lambda f: f.a, width=130, decoration=lambda f: [_mark(f.a_right)]),
        Column("b", "Second says", lambda f: f.b or "–", width=130, decoration=lambda f: [_mark(not f.a_right)]),
    ]


def _mark(right: bool) -> Mark:
    return Mark("good", "check", "right") if right else Mark("bad", "x", "wrong")
