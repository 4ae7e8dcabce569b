"""The chips that narrow the table down to rows with a signal; only such as some row has are shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dsbs_gui.kit.chips import ChipRow
from dsbs_gui.kit.words import tooltip
from dsbs_gui.steps.review.signals.explaining import SIGNALS

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

_SHOWN = tuple(name for name in SIGNALS if name != "conflict")
"""Whether the label is the gold one has chips of its own."""


class SignalChips:
    """A chip a signal; the filter bar lays them out."""

    def __init__(self) -> None:
        self.chips = {name: ChipRow([(name, SIGNALS[name].title)], name="Signal") for name in _SHOWN}
        for name, chip in self.chips.items():
            chip.setToolTip(tooltip(SIGNALS[name].meaning))

    def value(self) -> tuple[str, ...]:
        """The signals that are switched on."""
        return tuple(name for name, chip in self.chips.items() if chip.value())

    def set_value(self, chosen: Collection[str]) -> None:
        """Switch exactly these on, without telling."""
        for name, chip in self.chips.items():
            chip.set_value([name] if name in chosen else [])

    def set_counts(self, counts: Mapping[str, int], chosen: Collection[str]) -> None:
        """Show how many rows each would leave, and only those that leave some or are on."""
        for name, chip in self.chips.items():
            chip.set_counts({name: counts.get(name, 0)})
            chip.setVisible(name in counts or name in chosen)
