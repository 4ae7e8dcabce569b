"""What a student in training answers to the same few validation rows each time, and what has changed since before."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox

from dsbs_gui.kit.buttons import IconButton
from dsbs_gui.kit.card import Card
from dsbs_gui.kit.layout import boxed, row
from dsbs_gui.kit.record_table.column import Column, Mark
from dsbs_gui.kit.record_table.model import RecordTableModel
from dsbs_gui.kit.record_table.view import RecordTable
from dsbs_gui.kit.theme.apply import current
from dsbs_gui.kit.words import count, percent, plural
from dsbs_gui.steps.training.predictions import Sample, compared

from .sample_pane import SamplePane

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from PySide6.QtWidgets import QWidget

    from dsbs_gui.kit.theme.tokens import Tone

_ROWS = 4
_TONES: dict[str, Tone] = {"now right": "good", "now wrong": "bad"}


class SamplesCard(Card):
    """A table of the ``samples`` of a validation, which one chooses; the newest one until then.

    Signals:
        step_asked: another validation was chosen: ``step()`` says which.
    """

    step_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        self.steps = QComboBox()
        self.earlier = IconButton("caret-left", "Validation before", role="muted")
        self.later = IconButton("caret-right", "Validation after", role="muted")
        chooser = boxed(row(self.earlier, self.steps, self.later, gap="xs"))
        super().__init__("Sample predictions", note=" ", action=chooser, parent=parent)
        self._samples: dict[int, Sample] = {}
        self._run = ""
        self._known: list[tuple[int, str]] = []
        self.model = RecordTableModel(_columns(), self._fetch)
        self.table = RecordTable(self.model, "Sample predictions")
        size = current().size
        self.table.setMinimumHeight(_ROWS * size.row_two_lines + size.row)
        self.pane = SamplePane()
        self.add(self.table, self.pane)
        self.steps.setAccessibleName("Validation")
        self.steps.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.steps.activated.connect(lambda _: self._on_chosen())
        self.earlier.clicked.connect(lambda: self._move(1))
        self.later.clicked.connect(lambda: self._move(-1))
        self.table.current_changed.connect(self._on_current_changed)
        self._show_buttons()

    # ------------------------------------------------------------ what others call

    def show_validations(self, run: str, scores: Sequence[tuple[int, float]]) -> None:
        """Offer the validations of a run: step and accuracy, ascending. A chosen one stays; the newest follows."""
        follows = run != self._run or self.steps.currentIndex() <= 0
        wanted, self._run = self.step(), run
        known = [(step, f"step {count(step)} · {percent(accuracy)}") for step, accuracy in reversed(scores)]
        if known != self._known:
            self._known = known
            self.steps.clear()
            for step, text in known:
                self.steps.addItem(text, step)
        place = 0 if follows else self.steps.findData(wanted)
        self.steps.setCurrentIndex(max(0, place) if known else -1)
        self._show_buttons()

    def step(self) -> int:
        """The chosen validation; 0 if there is none."""
        return int(self.steps.currentData() or 0)

    def show_samples(self, now: Sequence[Mapping[str, Any]], before: Sequence[Mapping[str, Any]]) -> None:
        """Show the answers of the chosen validation beside those of the one before."""
        samples = compared(now, before)
        found = {sample.example_id: sample for sample in samples}
        if found == self._samples and self.model.rowCount() == len(found):
            self._say(samples)
            return
        self._samples = found
        self.model.set_ids(array("q", found))
        if found and not self.table.currentIndex().isValid():
            self.table.selectRow(0)
        self._on_current_changed(self._current())
        self._say(samples)

    # ------------------------------------------------------------ showing

    def _say(self, samples: Sequence[Sample]) -> None:
        if not samples:
            self.set_note("no validation so far" if self._run else "of the validation rows")
            return
        right = sum(sample.correct for sample in samples)
        changed = sum(bool(sample.change) for sample in samples)
        since = f" · {count(changed) if changed else 'none'} changed" if samples[0].before is not None else ""
        self.set_note(f"{self._run} · {count(right)} of {plural(len(samples), 'row')} right{since}")

    def _current(self) -> int | None:
        index = self.table.currentIndex()
        return self.model.id_at(index.row()) if index.isValid() else None

    def _on_current_changed(self, sample_id: Any) -> None:
        self.pane.show_sample(self._samples.get(sample_id) if sample_id is not None else None)

    def _fetch(self, ids: Sequence[int]) -> dict[int, Sample]:
        return {i: self._samples[i] for i in ids if i in self._samples}

    def _move(self, by: int) -> None:
        self.steps.setCurrentIndex(self.steps.currentIndex() + by)
        self._on_chosen()

    def _on_chosen(self) -> None:
        self._show_buttons()
        self.step_asked.emit()

    def _show_buttons(self) -> None:
        place, number = self.steps.currentIndex(), self.steps.count()
        self.earlier.setEnabled(0 <= place < number - 1)
        self.later.setEnabled(place > 0)
        self.steps.setEnabled(number > 0)


def _columns() -> list[Column]:
    return [
        Column("input", "Input", lambda s: s.input, lines=2, stretch=True),
        Column("label", "Label", lambda s: s.label, width=68),
        Column("prediction", "Prediction", lambda s: s.prediction, width=92, decoration=_mark),
        Column("change", "Since before", _said, width=136, tone=lambda s: _TONES.get(s.change, "muted")),
        Column("rationale", "Its own rationale", lambda s: s.rationale or "–", lines=2, stretch=True),
    ]


def _mark(sample: Sample) -> list[Mark]:
    return [Mark("good", "check", "right")] if sample.correct else [Mark("bad", "x", "wrong")]


def _said(sample: Sample) -> str:
    if sample.change in ("", "other rationale"):
        return sample.change
    return f"{sample.change}, was {sample.before or '–'}"
