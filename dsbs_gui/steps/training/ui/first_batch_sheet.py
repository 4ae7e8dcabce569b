"""The first batch before the start: its rows at the left, the tokens of one of them at the right."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING, Any

from dsbs_gui.kit.chips import Chip
from dsbs_gui.kit.layout import boxed, clear, column, row
from dsbs_gui.kit.plain_label import PlainLabel
from dsbs_gui.kit.record_table.column import Column, Mark
from dsbs_gui.kit.record_table.model import RecordTableModel
from dsbs_gui.kit.record_table.view import RecordTable
from dsbs_gui.kit.scroller import Scroller
from dsbs_gui.kit.sheet import Sheet
from dsbs_gui.kit.words import count, plural
from dsbs_gui.steps.training.first_batch import summary

from .token_text import TokenText

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from PySide6.QtWidgets import QLabel, QWidget

_HEIGHT, _LEFT, _WIDTH = 600, 340, 1_040
_HEIGHTS = {"input": 84, "target": 64, "label": 30}
_ASKED = {"label": "Input of the label task", "rationale": "Input of the rationale task", "both": "Input"}
_LEARNT = {"label": "Label to write", "rationale": "Rationale to write", "both": "Rationale and label to write"}


class FirstBatchSheet(Sheet):
    """Shows what ``first_batch.json`` holds. Arrow keys go through the rows."""

    def __init__(self, parent: QWidget | None, body: Mapping[str, Any]) -> None:
        super().__init__(
            parent,
            "The first batch, as the student will see it",
            subtitle=summary(dict(body)),
            width="l",
            cancel="Close",
        )
        self._rows: list[Mapping[str, Any]] = list(body["rows"])
        self.model = RecordTableModel(_columns(), lambda ids: {i: (i, self._rows[i]) for i in ids})
        self.table = RecordTable(self.model, "Rows of the batch")
        self.table.setFixedWidth(_LEFT)
        self.texts: list[TokenText] = []
        self._right = column(gap="m")
        chips = row(Chip("prefix", "info"), Chip("special token", "accent"), Chip("cut off", "bad"), None, gap="s")
        scroller = Scroller(boxed(self._right))
        right = column(chips, scroller, gap="m")
        both = row(self.table, gap="l")
        both.addLayout(right, 1)
        self.body.addLayout(both)
        self.resize(_WIDTH, _HEIGHT)
        self.table.current_changed.connect(self._on_current_changed)
        self.model.set_ids(array("q", range(len(self._rows))))
        self.table.selectRow(0)
        self.table.setFocus()

    def _on_current_changed(self, number: Any) -> None:
        if number is None:
            return
        clear(self._right)
        self.texts = []
        for caption, name, pieces in _blocks(self._rows[number]):
            text = TokenText(caption)
            text.setFixedHeight(_HEIGHTS[name])
            text.show_pieces(pieces)
            self.texts.append(text)
            self._right.addLayout(column(_caption(caption, pieces), text, gap="xs"))
        self._right.addStretch(1)


def _blocks(record: Mapping[str, Any]) -> Iterator[tuple[str, str, Sequence[Mapping[str, Any]]]]:
    """Caption, what decides the height, tokens."""
    for task in record["tasks"]:
        yield _ASKED[task["task"]], "input", task["input"]
        yield _LEARNT[task["task"]], "label" if task["task"] == "label" else "target", task["target"]


def _caption(caption: str, pieces: Sequence[Mapping[str, Any]]) -> QLabel:
    lost = sum(bool(piece.get("cut")) for piece in pieces)
    cut = f" · {plural(lost, 'token')} cut off" if lost else ""
    label = PlainLabel(f"{caption} · {plural(len(pieces) - lost, 'token')}{cut}", type="caption", tone="muted")
    label.set_tone("bad" if lost else "muted")
    return label


def _columns() -> list[Column]:
    return [
        Column("input", "Row", lambda r: _input(r[1]), stretch=True, decoration=lambda r: _marks(r[1])),
        Column("tokens", "Tokens", lambda r: count(_tokens(r[1])), width=70, align="right"),
    ]


def _input(record: Mapping[str, Any]) -> str:
    pieces = record["tasks"][0]["input"]
    return "".join(str(p["text"]) for p in pieces if not (p.get("special") or p.get("prefix"))).strip()


def _tokens(record: Mapping[str, Any]) -> int:
    return sum(not p.get("cut") for task in record["tasks"] for side in ("input", "target") for p in task[side])


def _marks(record: Mapping[str, Any]) -> list[Mark]:
    marks = []
    if any(p.get("cut") for task in record["tasks"] for side in ("input", "target") for p in task[side]):
        marks.append(Mark("bad", "scissors", "something is cut off"))
    return marks
