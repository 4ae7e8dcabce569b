"""Rates and times left: claimed only from what was seen, and forgotten when it no longer holds."""

from __future__ import annotations

import pytest

from dsbs_gui.core.rates import SILENCE_S, WINDOW_S, Rate


def steady(rate: Rate, *, start: float = 100.0, every_s: float = 1.0, each: int = 3, reports: int = 10) -> float:
    """Reports at an even pace; the time of the last one."""
    for number in range(reports):
        rate.note(start + number * every_s, "Generating", number * each)
    return start + (reports - 1) * every_s


def test_a_steady_job_has_its_pace_and_its_time_left() -> None:
    rate = Rate()
    now = steady(rate)
    assert rate.per_second(now) == pytest.approx(3.0)
    assert rate.seconds_left(27 + 300, now) == pytest.approx(100.0)


def test_the_time_left_goes_down_between_two_reports() -> None:
    rate = Rate()
    now = steady(rate)
    assert rate.seconds_left(327, now + 10) == pytest.approx(90.0)


def test_nothing_is_claimed_before_there_is_something_to_go_by() -> None:
    rate = Rate()
    assert rate.per_second(0) is None
    rate.note(0, "Generating", 0)
    assert rate.per_second(0.1) is None
    rate.note(0.5, "Generating", 40)
    assert rate.per_second(0.5) is None, "half a second says little"


def test_a_warm_up_is_forgotten_after_the_window() -> None:
    rate = Rate()
    rate.note(0, "Training", 0)
    rate.note(60, "Training", 1)
    for second in range(61, 61 + 2 * int(WINDOW_S)):
        rate.note(second, "Training", 1 + 10 * (second - 60))
    assert rate.per_second(61 + 2 * WINDOW_S) == pytest.approx(10.0, rel=0.05)


def test_reports_further_apart_than_the_window_still_give_a_pace() -> None:
    rate = Rate()
    now = steady(rate, every_s=2 * WINDOW_S, each=12, reports=4)
    assert rate.per_second(now) == pytest.approx(12 / (2 * WINDOW_S))


def test_a_new_phase_begins_anew() -> None:
    rate = Rate()
    now = steady(rate)
    rate.note(now + 1, "Saving", 28)
    assert rate.per_second(now + 1) is None


def test_a_count_or_a_clock_that_goes_back_begins_anew() -> None:
    rate = Rate()
    now = steady(rate)
    rate.note(now + 1, "Generating", 2)
    assert rate.per_second(now + 1) is None
    now = steady(rate, start=500)
    rate.note(now - 60, "Generating", 30)
    assert rate.per_second(now) is None


def test_a_silent_job_has_no_pace() -> None:
    rate = Rate()
    now = steady(rate)
    assert rate.per_second(now + SILENCE_S - 1) is not None
    assert rate.per_second(now + SILENCE_S + 1) is None
    assert rate.seconds_left(1000, now + SILENCE_S + 1) is None


def test_a_job_that_stands_still_has_no_pace() -> None:
    rate = Rate()
    for second in range(10):
        rate.note(second, "Generating", 5)
    assert rate.per_second(10) is None


def test_an_unknown_total_has_no_time_left() -> None:
    rate = Rate()
    now = steady(rate)
    assert rate.seconds_left(None, now) is None
    assert rate.seconds_left(0, now) is None


def test_more_done_than_the_total_leaves_nothing() -> None:
    rate = Rate()
    now = steady(rate)
    assert rate.seconds_left(20, now) == 0.0
