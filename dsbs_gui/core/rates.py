"""How fast a job goes and when it will be done, from what it said so far. Pure; no clock of its own.

The rate is that of the last half minute, so that a warm-up or a pause is soon forgotten. Nothing is claimed
before there is something to go by, nor once a job has fallen silent for much longer than it used to.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

WINDOW_S = 30.0
LEAST_S = 2.0
SILENCE_S = 15.0
_SILENCE_FACTOR = 5.0


@dataclass
class Rate:
    """Progress reports of one run; times in seconds of any one clock."""

    _phase: str = ""
    _seen: deque[tuple[float, int]] = field(default_factory=deque)
    _longest_gap_s: float = 0.0

    def note(self, t: float, phase: str, done: int) -> None:
        """Take in one report. A new phase, a clock set back or a smaller count begins anew."""
        if phase != self._phase or (self._seen and (done < self._seen[-1][1] or t < self._seen[-1][0])):
            self.forget()
        self._phase = phase
        if self._seen:
            self._longest_gap_s = max(self._longest_gap_s, t - self._seen[-1][0])
        self._seen.append((t, done))
        while len(self._seen) > 2 and t - self._seen[1][0] >= WINDOW_S:
            self._seen.popleft()

    def forget(self) -> None:
        """Begin anew, as after a pause."""
        self._seen.clear()
        self._longest_gap_s = 0.0

    def per_second(self, now: float) -> float | None:
        """Units per second; None while unknown."""
        if len(self._seen) < 2:
            return None
        (first_t, first_done), (last_t, last_done) = self._seen[0], self._seen[-1]
        silent = now - last_t
        if silent > max(SILENCE_S, _SILENCE_FACTOR * self._longest_gap_s):
            return None
        if last_t - first_t < LEAST_S or last_done == first_done:
            return None
        return (last_done - first_done) / (last_t - first_t)

    def seconds_left(self, total: int | None, now: float) -> float | None:
        """Seconds until ``total`` is reached; None while unknown. Never below zero."""
        speed = self.per_second(now)
        if speed is None or not total or not self._seen:
            return None
        last_t, last_done = self._seen[-1]
        return max(0.0, (total - last_done) / speed - (now - last_t))
