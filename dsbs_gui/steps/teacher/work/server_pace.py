"""How many requests go to a server at a time and in a minute. Worker only; used on one event loop.

When a server says that it is too much, half as many go at a time; each full round of answers adds one again.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

MINUTE_S = 60.5
"""A little over a minute: the server counts requests when they arrive, not when they leave."""


@dataclass(slots=True)
class Turn:
    """One request that was sent. ``tokens`` is what it may take at most, later what it took."""

    started: float
    tokens: int


class Pace:
    """
    Args:
        parallel: the most requests at a time.
        requests_per_minute, tokens_per_minute: the user's own limits; 0: none.
    """

    def __init__(
        self,
        parallel: int,
        requests_per_minute: int = 0,
        tokens_per_minute: int = 0,
        minute_s: float = MINUTE_S,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._most = max(1, parallel)
        self._requests, self._tokens = requests_per_minute, tokens_per_minute
        self._minute_s, self._now = minute_s, now
        self._allowed = float(self._most)
        self._active = 0
        self._slowed_at = self._open_at = -1.0
        self._sent: deque[Turn] = deque()
        self._freed = asyncio.Condition()

    @property
    def allowed(self) -> int:
        """How many requests may be under way now."""
        return int(self._allowed)

    @contextlib.asynccontextmanager
    async def turn(self, tokens: int) -> AsyncIterator[Turn]:
        """Wait until one more request may go; it may be under way until the end of the block."""
        async with self._freed:
            await self._freed.wait_for(lambda: self._active < self.allowed)
            self._active += 1
        try:
            while (wait_s := self._wait_s(tokens)) > 0:
                await asyncio.sleep(wait_s)
            turn = Turn(self._now(), tokens)
            self._sent.append(turn)
            yield turn
        finally:
            self._active -= 1
            async with self._freed:
                self._freed.notify_all()

    def succeeded(self) -> None:
        self._allowed = min(float(self._most), self._allowed + 1 / self._allowed)

    def slow_down(self, turn: Turn, wait_s: float | None) -> bool:
        """The server answered ``turn`` with *too much*, and nothing is to be sent for ``wait_s``.

        Returns whether fewer go from now on: requests that left before the last time count as the same sign.
        """
        self._open_at = max(self._open_at, self._now() + (wait_s or 0.0))
        if turn.started < self._slowed_at or self._allowed <= 1:
            return False
        self._slowed_at = self._now()
        self._allowed = max(1.0, self._allowed // 2)
        return True

    def _wait_s(self, tokens: int) -> float:
        """Seconds until a request of ``tokens`` may leave; 0: now."""
        now = self._now()
        if now < self._open_at:
            return self._open_at - now
        while self._sent and self._sent[0].started <= now - self._minute_s:
            self._sent.popleft()
        in_tokens = sum(turn.tokens for turn in self._sent) + tokens if self._tokens else 0
        full = (self._requests and len(self._sent) >= self._requests) or in_tokens > self._tokens
        return max(0.001, self._sent[0].started + self._minute_s - now) if full and self._sent else 0.0
