"""The cards at the right of the Data page: splits, labels, lengths, rejected rows, near-duplicates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from dsbs_gui.kit.bar_list import Bar, BarList
from dsbs_gui.kit.buttons import LinkButton
from dsbs_gui.kit.card import Card
from dsbs_gui.kit.histogram import Histogram
from dsbs_gui.kit.layout import column
from dsbs_gui.kit.plain_label import PlainLabel
from dsbs_gui.kit.words import count, plural, visible

from .table import SPLIT_NAMES

if TYPE_CHECKING:
    from dsbs_gui.steps.data.figures import Figures


class Cards(QWidget):
    """Shows ``Figures`` and near-duplicates.

    Signals:
        rejected_asked: the user wants the list of rejected rows.
        split_asked: the user wants to split again.
        split_chosen(name): a bar of the splits was activated.
    """

    rejected_asked = Signal()
    split_asked = Signal()
    split_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.splits = BarList("Rows by split", active=True)
        self.labels = BarList("Gold labels")
        self.labels_rest = PlainLabel(type="caption", tone="muted", wrap=True)
        self.lengths = Histogram("Length of input", "characters")
        self.rejected = PlainLabel(wrap=True)
        self.rejected_list = LinkButton("Show rejected rows")
        self.duplicates = PlainLabel(wrap=True)
        self.split_again = LinkButton("Split again")
        self._label_card = Card("Gold labels", self.labels, self.labels_rest)
        self._length_card = Card("Length of input", self.lengths)
        self._rejected_card = Card("Rejected rows", self.rejected, self.rejected_list, gap="xs")
        layout = column(
            Card("Rows by split", self.splits),
            self._label_card,
            self._length_card,
            Card("Near-duplicates", self.duplicates, self.split_again, gap="xs"),
            self._rejected_card,
            None,
            gap="m",
            parent=self,
        )
        layout.setContentsMargins(0, 0, 0, 0)
        self.splits.bar_activated.connect(self.split_chosen)
        self.rejected_list.clicked.connect(self.rejected_asked)
        self.split_again.clicked.connect(self.split_asked)
        self.show_near_duplicates(None, {})

    def show_figures(self, figures: Figures, scope: str) -> None:
        """``scope`` says which rows labels and lengths are of; empty for all."""
        self.splits.set_bars([Bar(SPLIT_NAMES[name], n, key=name) for name, n in figures.splits.items()])
        bars = [Bar(visible(label, 80), n) for label, n in figures.labels]
        if figures.unlabelled:
            bars.append(Bar("(no label)", figures.unlabelled, "attention"))
        self.labels.set_bars(bars)
        kinds, rows = figures.other_labels
        self.labels_rest.show_text(
            f"and {plural(kinds, 'further label')} of {plural(rows, 'row')}" if kinds else "", "muted"
        )
        self.lengths.set_values(figures.lengths, 32)
        self._label_card.set_note(scope)
        self._length_card.set_note(scope)
        self._show_rejected(figures)

    def show_near_duplicates(self, twins: dict[str, int] | None, splits: dict[str, int]) -> None:
        """``twins`` None: still being counted."""
        if twins is None:
            self.duplicates.show_text("Counting…", "muted")
            return
        lines = [
            f"{count(twins[name])} of {count(splits[name])} {SPLIT_NAMES[name].lower()} rows have a twin in train."
            for name in ("valid", "test")
            if splits.get(name)
        ]
        if not lines:
            self.duplicates.show_text("There is nothing to compare train with: no valid or test rows yet.", "muted")
        elif any(twins.values()):
            why = "Twins are equal once numbers are masked, so a student may know the answer by heart."
            self.duplicates.show_text("\n".join([*lines, why]), "attention")
        else:
            self.duplicates.show_text("No valid or test row has a twin in train once numbers are masked.", "text")

    def _show_rejected(self, figures: Figures) -> None:
        rejected, again = figures.rejected, figures.duplicates
        text = f"{plural(rejected, 'row was', 'rows were')} not taken." if rejected else "Every row was taken."
        if again:
            text += f" {plural(again, 'row has', 'rows have')} an input that was there already."
        self.rejected.show_text(text, "attention" if rejected else "text")
        self.rejected_list.setVisible(rejected > 0)
