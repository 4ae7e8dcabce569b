"""What panels with one step axis share: the range shown, the crosshair, the runs and how they look. No plots."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

if TYPE_CHECKING:
    from collections.abc import Callable

_LEAST_WIDTH = 1.0
_EDGE, _HEADROOM = 0.02, 0.06
"""Beside the first and last step; and what a view that follows leaves free for steps to come: so it moves seldom."""


@dataclass
class RunLook:
    """A run in the legend. ``place`` decides its colour and its symbol."""

    name: str
    place: int
    shown: bool = True


class CurveGroup(QObject):
    """Shared by panels that stand above each other. GUI thread only.

    Signals:
        range_changed: other steps are shown; ask ``low`` and ``high``.
        cursor_changed: the crosshair moved, came or went.
        runs_changed: runs came, went, were renamed, hidden or shown.
    """

    range_changed = Signal()
    cursor_changed = Signal()
    runs_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.low, self.high = 0.0, _LEAST_WIDTH
        self.following = True
        self.cursor: float | None = None
        self.runs: dict[str, RunLook] = {}
        self._extents: list[Callable[[], tuple[float, ...]]] = []

    # ------------------------------------------------------------ the steps shown

    def join(self, extent: Callable[[], tuple[float, ...]]) -> None:
        """Take part: ``extent`` says the first and last step of what a panel has to show, () for nothing."""
        self._extents.append(extent)

    def extent(self) -> tuple[float, float] | None:
        """First and last step of all that is there."""
        found = [x for extent in self._extents for x in extent()]
        return (min(found), max(found)) if found else None

    def follow(self) -> None:
        """Show all steps if nobody has chosen others; the view stays where it holds them and little else.

        Steps that somebody chose and where nothing is, since other runs are shown now, are given up.
        """
        found = self.extent()
        if found is None:
            return
        self.following = self.following or found[1] < self.low or found[0] > self.high
        if not self.following:
            return
        width = max(found[1] - found[0], _LEAST_WIDTH)
        inside = self.low <= found[0] and found[1] <= self.high
        if not inside or self.high - self.low > (1 + 2 * _EDGE + 2 * _HEADROOM) * width:
            self._show(found[0] - _EDGE * width, found[0] + (1 + _HEADROOM) * width)

    def choose(self, low: float, high: float) -> None:
        """Show just these steps, whatever comes."""
        self.following = False
        self._show(low, max(high, low + 1e-6))

    def zoom(self, factor: float) -> None:
        """Show ``factor`` as many steps, about the crosshair if it is in sight, else about the middle."""
        inside = self.cursor is not None and self.low <= self.cursor <= self.high
        centre = self.cursor if inside and self.cursor is not None else (self.low + self.high) / 2
        self.choose(centre - (centre - self.low) * factor, centre + (self.high - centre) * factor)

    def pan(self, share: float) -> None:
        """Move by a share of what is shown."""
        by = share * (self.high - self.low)
        self.choose(self.low + by, self.high + by)

    def fit(self) -> None:
        """Show just all steps, and follow new ones again."""
        self.following = True
        if (found := self.extent()) is not None:
            edge = _EDGE * max(found[1] - found[0], _LEAST_WIDTH)
            self._show(found[0] - edge, max(found[1], found[0] + _LEAST_WIDTH) + edge)

    def _show(self, low: float, high: float) -> None:
        if (low, high) != (self.low, self.high):
            self.low, self.high = low, high
            self.range_changed.emit()

    # ------------------------------------------------------------ the crosshair

    def set_cursor(self, at: float | None) -> None:
        """Move the crosshair, or take it away."""
        if at != self.cursor:
            self.cursor = at
            self.cursor_changed.emit()

    # ------------------------------------------------------------ the runs

    @property
    def several(self) -> bool:
        """Whether colours tell runs apart, not quantities."""
        return len(self.runs) > 1

    def add_run(self, run: str, name: str = "") -> None:
        """Make a run known, or give it another name."""
        known = self.runs.get(run)
        if known is None:
            taken = {look.place for look in self.runs.values()}
            self.runs[run] = RunLook(name or run, next(i for i in range(len(taken) + 1) if i not in taken))
        elif name and known.name != name:
            known.name = name
        else:
            return
        self.runs_changed.emit()

    def remove_run(self, run: str) -> None:
        """Forget a run; its colour and symbol are free again."""
        if self.runs.pop(run, None) is not None:
            self.runs_changed.emit()

    def show_run(self, run: str, shown: bool) -> None:
        """Hide or show all curves of a run."""
        if self.runs[run].shown != shown:
            self.runs[run].shown = shown
            self.runs_changed.emit()
