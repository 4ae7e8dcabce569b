"""How many requests go at a time and in a minute, by a clock of the test's own."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

import pytest

from dsbs_gui.steps.teacher.work.server_pace import Pace


class Clock:
    """Time passes only while somebody sleeps."""

    def __init__(self) -> None:
        self.now = 100.0

    async def sleep(self, seconds: float) -> None:
        self.now += seconds
        await _next_turn()


_real_sleep = asyncio.sleep


async def _next_turn() -> None:
    await _real_sleep(0)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("dsbs_gui.steps.teacher.work.server_pace.asyncio.sleep", clock.sleep)
    return clock


def leave(pace: Pace, clock: Clock, tokens: list[int]) -> list[float]:
    """When requests of these sizes leave, one after the other."""

    async def go() -> list[float]:
        times = []
        for size in tokens:
            async with pace.turn(size):
                times.append(clock.now)
        return times

    return asyncio.run(go())


def most_within(times: list[float], seconds: float, sizes: list[int]) -> int:
    """The most of ``sizes`` in any span of time."""
    spans = [[j for j, t in enumerate(times) if start <= t < start + seconds] for start in times]
    return max(sum(sizes[j] for j in span) for span in spans)


def test_no_minute_sees_more_requests_than_the_limit(clock: Clock) -> None:
    times = leave(Pace(8, requests_per_minute=10, now=lambda: clock.now), clock, [1] * 35)
    assert most_within(times, 60, [1] * 35) == 10
    assert times[-1] - times[0] < 4 * 62


def test_no_minute_sees_more_tokens_than_the_limit(clock: Clock) -> None:
    sizes = [300, 500, 200, 400, 100] * 4
    times = leave(Pace(8, tokens_per_minute=1000, now=lambda: clock.now), clock, sizes)
    assert most_within(times, 60, sizes) <= 1000
    assert times[2] == times[0]
    assert times[-1] - times[0] < 60 * sum(sizes) / 600


def test_a_request_larger_than_the_minutes_tokens_goes_alone_and_not_never(clock: Clock) -> None:
    times = leave(Pace(8, tokens_per_minute=100, now=lambda: clock.now), clock, [500, 500])
    assert times[1] - times[0] >= 60


def test_tokens_that_were_not_used_are_free_again(clock: Clock) -> None:
    pace = Pace(8, tokens_per_minute=1000, now=lambda: clock.now)

    async def go() -> float:
        for _ in range(10):
            async with pace.turn(500) as turn:
                turn.tokens = 50
        return clock.now

    assert asyncio.run(go()) == 100.0


def test_too_much_halves_once_for_all_that_was_under_way_and_grows_again_slowly(clock: Clock) -> None:
    pace = Pace(16, now=lambda: clock.now)

    async def go() -> None:
        async with contextlib.AsyncExitStack() as stack:
            turns = [await stack.enter_async_context(pace.turn(1)) for _ in range(16)]
            clock.now += 1
            assert pace.slow_down(turns[0], None)
            assert pace.allowed == 8
            assert not any(pace.slow_down(turn, None) for turn in turns[1:]), "they left before it was known"
            assert pace.allowed == 8
        clock.now += 1
        async with pace.turn(1) as later:
            clock.now += 1
            assert pace.slow_down(later, None)
        assert pace.allowed == 4
        for _ in range(4):
            pace.succeeded()
        assert pace.allowed == 4, "a whole round is not over yet: 4 + 4 · ¼ falls just short of 5"
        pace.succeeded()
        assert pace.allowed == 5
        for _ in range(1000):
            pace.succeeded()
        assert pace.allowed == 16

    asyncio.run(go())


def test_it_never_falls_below_one_and_waits_as_long_as_it_is_asked(clock: Clock) -> None:
    pace = Pace(2, now=lambda: clock.now)

    async def go() -> float:
        for wait_s in (None, None, 30.0):
            async with pace.turn(1) as turn:
                clock.now += 0.1
                pace.slow_down(turn, wait_s)
        asked = clock.now
        async with pace.turn(1):
            return clock.now - asked

    assert asyncio.run(go()) == pytest.approx(30.0)
    assert pace.allowed == 1


def test_only_as_many_as_allowed_are_under_way(clock: Clock) -> None:
    pace = Pace(3, now=lambda: clock.now)
    active, most = 0, 0

    async def one() -> None:
        nonlocal active, most
        async with pace.turn(1):
            active += 1
            most = max(most, active)
            await _next_turn()
            active -= 1

    async def all_of(*work: Callable[[], Awaitable[None]]) -> None:
        await asyncio.gather(*(act() for act in work))

    asyncio.run(all_of(*[one] * 20))
    assert most == 3
