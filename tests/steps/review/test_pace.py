from __future__ import annotations

from dsbs_gui.steps.review.pace import LEAST_DECISIONS, LONGEST_LOOK_S, Pace


def pace(*times: float) -> Pace:
    made = Pace()
    for t in times:
        made.decided(t)
    return made


def test_there_is_no_pace_before_there_are_enough_decisions() -> None:
    assert Pace().seconds_left(10) is None
    assert pace(*range(0, 10 * (LEAST_DECISIONS - 1), 10)).seconds_each() is None
    assert pace(*range(0, 10 * LEAST_DECISIONS, 10)).seconds_each() == 10


def test_the_time_left_is_the_typical_time_for_each_that_is_left() -> None:
    assert pace(0, 10, 20, 30, 100).seconds_left(287) == 2870


def test_a_pause_does_not_count() -> None:
    lunch = 40 + LONGEST_LOOK_S + 1
    assert pace(0, 10, 20, 30, 40, lunch, lunch + 10).seconds_each() == 10


def test_the_pace_follows_the_last_decisions() -> None:
    slow = [i * 100.0 for i in range(60)]
    fast = [slow[-1] + i * 2.0 for i in range(1, 60)]
    assert pace(*slow, *fast).seconds_each() == 2
