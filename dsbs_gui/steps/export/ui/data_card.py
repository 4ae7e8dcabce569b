"""The card that takes the curated data away: which rows, in which format, where to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal

from dsbs_gui.core.store.filters import SPLITS, STATES
from dsbs_gui.kit.buttons import SecondaryButton
from dsbs_gui.kit.card import Card
from dsbs_gui.kit.chips import ChipRow
from dsbs_gui.kit.form import FormField
from dsbs_gui.kit.layout import row
from dsbs_gui.kit.plain_label import PlainLabel
from dsbs_gui.kit.segmented_control import SegmentedControl
from dsbs_gui.kit.words import count, plural

from .target import Target

if TYPE_CHECKING:
    from pathlib import Path

    from PySide6.QtWidgets import QWidget

    from dsbs_gui.steps.export.overview import Overview

FORMATS = [("jsonl", "JSON lines"), ("parquet", "Parquet"), ("csv", "CSV"), ("hf", "Saved dataset")]
_HELP = {
    "jsonl": "One JSON object a line; every program reads it.",
    "parquet": "Typed columns, small; for pandas, polars and datasets.",
    "csv": "For spreadsheets. Cells that one would run as a formula get a ' before them; the import takes it off.",
    "hf": "A folder for Hugging Face load_from_disk, one part a split.",
}
_STATE_NAMES = {
    "accepted": "Accepted",
    "edited": "Edited",
    "unreviewed": "Unreviewed",
    "rejected": "Rejected",
    "skipped": "Skipped",
    "empty": "Without rationale",
}
_SPLIT_NAMES = {"train": "Train", "valid": "Valid", "test": "Test", "unsplit": "Not split"}


class DataCard(Card):
    """Signals:
    chosen: other states or splits; the number of rows has to be counted.
    export_asked: the user wants the chosen rows.
    """

    chosen = Signal()
    export_asked = Signal()

    def __init__(self, folder: Path, name: str, parent: QWidget | None = None) -> None:
        super().__init__("Data", gap="l", parent=parent)
        self._folder, self._name = folder, name
        self._allowed, self._rows, self._total = True, 0, 0
        self.states = ChipRow([(key, _STATE_NAMES[key]) for key in ("accepted", "edited", "unreviewed")], name="State")
        self.more_states = ChipRow([(key, _STATE_NAMES[key]) for key in ("rejected", "skipped", "empty")], name="State")
        self.splits = ChipRow([(key, _SPLIT_NAMES[key]) for key in SPLITS], name="Split")
        self.format_choice = SegmentedControl(FORMATS, "jsonl", "Format")
        self._format = FormField("Format", self.format_choice, _HELP["jsonl"])
        self.target = Target("File for the data")
        self.sentence = PlainLabel(type="emphasis", wrap=True)
        self.button = SecondaryButton("Export rows", "export")
        self._build()
        for chips in (self.states, self.more_states, self.splits):
            chips.changed.connect(lambda _: self.chosen.emit())
        self.format_choice.chosen.connect(self._on_format)
        self.target.changed.connect(self._show_button)
        self.button.clicked.connect(self.export_asked)
        self._on_format("jsonl")

    def _build(self) -> None:
        self.add(
            PlainLabel("Rows in these states; none chosen: all", type="emphasis"),
            row(self.states, None),
            row(self.more_states, None),
            PlainLabel("Splits; none chosen: all", type="emphasis"),
            row(self.splits, None),
            self._format,
            FormField("File", self.target, "With its manifest beside it."),
            self.sentence,
            row(self.button, None),
            None,
        )

    def show_overview(self, overview: Overview) -> None:
        """Show counts on the chips."""
        self._total = overview.rows
        self.states.set_counts(overview.states)
        self.more_states.set_counts(overview.states)
        self.splits.set_counts(overview.splits)

    def show_rows(self, rows: int) -> None:
        """``rows`` match what is chosen."""
        self._rows = rows
        parts = [_STATE_NAMES[state].lower() for state in self.chosen_states()]
        splits = [_SPLIT_NAMES[name].lower() for name in self.chosen_splits()]
        only = ", ".join(parts) + (" in " if parts and splits else "") + ", ".join(splits)
        text = f"{count(rows)} of {plural(self._total, 'row')}" + (f": {only} only" if only else "")
        self.sentence.show_text(text, "text" if rows else "muted")
        self._show_button()

    def chosen_states(self) -> tuple[str, ...]:
        on = self.states.value() | self.more_states.value()
        return tuple(state for state in STATES if state in on)

    def chosen_splits(self) -> tuple[str, ...]:
        return tuple(name for name in SPLITS if name in self.splits.value())

    def set_allowed(self, allowed: bool) -> None:
        """Whether the project may be written to."""
        self._allowed = allowed
        self._show_button()

    def _on_format(self, name: str) -> None:
        self._format.set_help(_HELP[name])
        ending = "-dataset" if name == "hf" else f".{name}"
        self.target.propose(self._folder / f"{self._name}{ending}")

    def _show_button(self) -> None:
        self.button.setText(f"Export {plural(self._rows, 'row')}" if self._rows else "Export rows")
        self.button.setEnabled(self._allowed and self._rows > 0 and bool(self.target.text()))
