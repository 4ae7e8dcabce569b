"""How fast this person reviews, from the decisions of this session alone.

Nothing is guessed: without enough decisions there is no pace, and pauses do not count.
"""

from __future__ import annotations

from statistics import median

LEAST_DECISIONS = 5
LONGEST_LOOK_S = 300.0
"""A longer gap between two decisions is a pause, not the time that an example took."""
_REMEMBERED = 50


class Pace:
    """Seconds an example takes: the median gap between the last decisions."""

    def __init__(self) -> None:
        self._last: float | None = None
        self._gaps: list[float] = []

    def decided(self, now: float) -> None:
        """One example was decided on its own at ``now`` (seconds of a monotonic clock)."""
        if self._last is not None and now - self._last <= LONGEST_LOOK_S:
            self._gaps = [*self._gaps, now - self._last][-_REMEMBERED:]
        self._last = now

    def seconds_each(self) -> float | None:
        """Seconds per example; None while there are too few decisions to say."""
        return median(self._gaps) if len(self._gaps) >= LEAST_DECISIONS - 1 else None

    def seconds_left(self, left: int) -> float | None:
        """How long ``left`` examples will take at this pace; None while there is no pace."""
        each = self.seconds_each()
        return None if each is None else each * left
