"""The chips that narrow the table down, with counts."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from dsbs_gui.core.store.filters import AGREEMENTS, SPLITS, STATES, Filter
from dsbs_gui.kit.buttons import LinkButton
from dsbs_gui.kit.chips import ChipRow, FilterChip
from dsbs_gui.kit.flow import Flow
from dsbs_gui.kit.layout import column
from dsbs_gui.steps.review import sentences
from dsbs_gui.steps.review.facets import Facets

from .queue_button import QueueButton
from .remark_chips import RemarkChips
from .signal_chips import SignalChips

if TYPE_CHECKING:
    from collections.abc import Mapping

_STATE_ORDER = ("unreviewed", "accepted", "edited", "rejected", "skipped", "empty")


class FilterBar(QWidget):
    """Several chips of one group widen the filter, those of different groups narrow it.

    Signals:
        changed: the user changed the filter.
        clear_asked: the user wants no filter at all.
        queue_shown(name): another queue was chosen; empty = none.
    """

    changed = Signal()
    clear_asked = Signal()
    queue_shown = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._filter = Filter()
        self.queues = QueueButton()
        self.states = _chips(sentences.STATES, _STATE_ORDER, "State")
        self.agreement = _chips(sentences.AGREEMENT, AGREEMENTS, "Agreement with the gold label")
        self.splits = {split: ChipRow([(split, sentences.SPLITS[split])], name="Split") for split in SPLITS}
        self.failed = ChipRow([("failed", "Failed")], name="Failure")
        self.offered = ChipRow([("offered", "To compare")], name="New answer")
        self.signals = SignalChips()
        self.clear = LinkButton("Clear filters")
        self.remarks = RemarkChips(self)
        single = (self.failed, self.offered, *self.splits.values(), *self.signals.chips.values())
        groups = (self.states, self.agreement, *single)
        holder = Flow(self.queues, *groups, *self.remarks.widgets, self.clear)
        column(holder, gap="none", parent=self)
        for chips in groups:
            chips.changed.connect(self._on_chips_changed)
        self.remarks.changed.connect(self._on_chips_changed)
        self.clear.clicked.connect(self.clear_asked)
        self.set_facets(Facets())

    def focus_first(self) -> None:
        """Put the focus on the first chip."""
        first = next(iter(self.states.findChildren(FilterChip)))
        first.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def value(self) -> Filter:
        """The filter in force."""
        return self._filter

    def set_value(self, chosen: Filter) -> None:
        """Show a filter without telling."""
        self.queues.set_value(chosen.queue)
        before, self._filter = self._filter, chosen
        if before.queue != chosen.queue:
            self.queue_shown.emit(chosen.queue)
        self.states.set_value(chosen.states)
        self.agreement.set_value(chosen.agreement)
        self.failed.set_value(["failed"] if chosen.failed else [])
        self.offered.set_value(["offered"] if chosen.offered else [])
        self.signals.set_value(chosen.signals)
        self.remarks.set_value(chosen)
        for split, chips in self.splits.items():
            chips.set_value([split] if split in chosen.splits else [])
        self._show_clear()

    def set_text(self, text: str, mode: str = "words") -> None:
        """Search for another text; ``mode`` of ``core.store.search.MODES``."""
        mode = mode if text else Filter().mode
        if (text, mode) != (self._filter.text, self._filter.mode):
            self._filter = replace(self._filter, text=text, mode=mode)
            self._show_clear()
            self.changed.emit()

    def set_facets(self, facets: Facets) -> None:
        """Show counts, and the chips that make a difference."""
        self.states.set_counts(facets.states)
        self.agreement.set_counts(facets.agreement)
        self.failed.set_counts({"failed": facets.failed})
        self.failed.setVisible(bool(facets.all_failed) or self._filter.failed)
        self.offered.set_counts({"offered": facets.offered})
        self.offered.setVisible(bool(facets.offered) or self._filter.offered)
        self.signals.set_counts(facets.signals, self._filter.signals)
        self.remarks.set_counts(facets.remarked)
        several = sum(n > 0 for n in facets.all_splits.values()) > 1
        for split, chips in self.splits.items():
            chips.set_counts(facets.splits)
            chips.setVisible((several and facets.all_splits.get(split, 0) > 0) or split in self._filter.splits)

    def _on_chips_changed(self) -> None:
        chosen_splits = tuple(split for split, chips in self.splits.items() if chips.value())
        states, agreement = self.states.value(), self.agreement.value()
        self._filter = replace(
            self._filter,
            states=tuple(state for state in STATES if state in states),
            agreement=tuple(name for name in AGREEMENTS if name in agreement),
            failed=bool(self.failed.value()),
            offered=bool(self.offered.value()),
            splits=chosen_splits,
            signals=self.signals.value(),
            ratings=self.remarks.rating_value(),
            tags=self.remarks.tag_value(),
            noted=self.remarks.noted_value(),
        )
        self._show_clear()
        self.changed.emit()

    def _show_clear(self) -> None:
        self.clear.setVisible(self._filter != Filter())


def _chips(words: Mapping[str, str], order: tuple[str, ...], name: str) -> ChipRow:
    return ChipRow([(key, words[key]) for key in order], name=name)
