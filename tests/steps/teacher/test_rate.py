from __future__ import annotations

from dsbs_gui.steps.teacher.rate import Rate


def test_a_rate_is_known_after_two_seconds_of_answers() -> None:
    rate = Rate("generate-1")
    rate.note(0.0, 10)
    assert rate.per_second() is None
    rate.note(1.0, 12)
    assert rate.per_second() is None
    rate.note(4.0, 18)
    assert rate.per_second() == 2.0


def test_only_the_last_half_minute_counts() -> None:
    rate = Rate()
    for t in range(0, 100, 2):
        rate.note(float(t), t if t < 50 else 50 + 3 * (t - 50))
    assert rate.per_second() == 3.0


def test_fewer_answers_than_before_begin_anew() -> None:
    rate = Rate()
    rate.note(0.0, 100)
    rate.note(10.0, 200)
    rate.note(11.0, 1)
    assert rate.per_second() is None
