"""What a student in training answers to the same few validation rows each time."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from dsbs_gui.kit.card import Card
from dsbs_gui.kit.record_table.column import Column, Mark
from dsbs_gui.kit.record_table.model import RecordTableModel
from dsbs_gui.kit.record_table.view import RecordTable
from dsbs_gui.kit.theme.apply import current
from dsbs_gui.kit.words import count

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

_ROWS = 5


class SamplesCard(Card):
    """A table of ``samples`` of a validation."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Sample predictions", note="of the validation rows", parent=parent)
        self._samples: dict[int, dict[str, Any]] = {}
        self.model = RecordTableModel(_columns(), self._fetch)
        self.table = RecordTable(self.model, "Sample predictions")
        size = current().size
        self.table.setMinimumHeight(_ROWS * size.row_two_lines + size.row)
        self.add(self.table)

    def show_samples(self, run: str, step: int, samples: Sequence[Mapping[str, Any]]) -> None:
        """Show the answers of ``run`` at ``step``."""
        self._samples = {int(sample["example_id"]): dict(sample) for sample in samples}
        self.model.set_ids(array("q", self._samples))
        self.set_note(f"{run} at step {count(step)}" if samples else "none before the first validation")

    def _fetch(self, ids: Sequence[int]) -> dict[int, dict[str, Any]]:
        return {i: self._samples[i] for i in ids if i in self._samples}


def _columns() -> list[Column]:
    return [
        Column("input", "Input", lambda s: str(s.get("input", "")), lines=2, stretch=True),
        Column("label", "Label", lambda s: str(s.get("label", "")), width=90),
        Column("prediction", "Prediction", lambda s: str(s.get("prediction", "")), width=110, decoration=_mark),
        Column("rationale", "Rationale", lambda s: str(s.get("rationale") or "–"), lines=2, stretch=True),
    ]


def _mark(sample: Mapping[str, Any]) -> list[Mark]:
    if sample.get("correct"):
        return [Mark("good", "check", "right")]
    return [Mark("bad", "x", "wrong")]
