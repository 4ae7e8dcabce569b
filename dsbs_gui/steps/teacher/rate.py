"""How fast answers come, from what a run says of its progress. Plain Python; no clock of its own."""

from __future__ import annotations

from collections import deque

WINDOW_S = 30.0
LEAST_S = 2.0


class Rate:
    """Of one run, over the last half minute, so that loading and pauses are soon forgotten."""

    def __init__(self, run_id: str = "") -> None:
        self.run_id = run_id
        self._seen: deque[tuple[float, int]] = deque()

    def note(self, t: float, done: int) -> None:
        """Take in that ``done`` answers were there at ``t`` seconds. Fewer than before begins anew."""
        if self._seen and (done < self._seen[-1][1] or t < self._seen[-1][0]):
            self._seen.clear()
        self._seen.append((t, done))
        while len(self._seen) > 2 and t - self._seen[1][0] >= WINDOW_S:
            self._seen.popleft()

    def per_second(self) -> float | None:
        """Answers a second; None while there is too little to go by."""
        if len(self._seen) < 2:
            return None
        (t0, done0), (t1, done1) = self._seen[0], self._seen[-1]
        if t1 - t0 < LEAST_S or done1 == done0:
            return None
        return (done1 - done0) / (t1 - t0)
