"""Backups are thinned by age; files of others stay."""

from __future__ import annotations

import time

from dsbs_gui.core.backups import DAY_S, superfluous


def _name(age_days: float, now: float) -> str:
    return time.strftime("%Y%m%d-%H%M%S", time.localtime(now - age_days * DAY_S)) + "-edit.db"


def test_young_backups_all_stay_and_old_ones_are_one_a_day_then_one_a_month() -> None:
    now = time.mktime((2026, 6, 20, 12, 0, 0, 0, 0, -1))
    young = [_name(0.1 * i, now) for i in range(15)]
    days = [_name(5 + 0.01 * i, now) for i in range(4)]
    months = [_name(100, now), _name(101, now)]
    gone = superfluous([*young, *days, *months, "mine.db", "before-v2-x.db"], now)
    assert set(gone) == {*sorted(days)[:-1], sorted(months)[0]}
