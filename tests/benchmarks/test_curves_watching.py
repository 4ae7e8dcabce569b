"""How long ``curves_watching.py`` watches, and of what its shares are."""

from __future__ import annotations

from types import SimpleNamespace

import curves
import curves_watching
import pytest


@pytest.mark.parametrize(("seconds", "least", "most"), [(curves.WATCHED_S, 120, 170), (curves.QUICK_WATCHED_S, 8, 25)])
def test_a_short_look_has_short_turns(
    seconds: float, least: float, most: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    worked: list[float] = []
    shown: list[bool] = []

    def work(asked: float) -> float:
        worked.append(asked)
        return asked * (0.04 if shown and shown[-1] else 0.02)

    monkeypatch.setattr(curves_watching, "work", work)
    monkeypatch.setattr(curves_watching, "cores", lambda: 4)
    page = SimpleNamespace(show=lambda: None, refresh=lambda: None, setVisible=shown.append)
    found = curves_watching.turns(page, seconds, [])
    assert least < sum(worked) < most
    assert found["watched_s"] == seconds
    assert found["watching_percent_of_one_core"] == pytest.approx(2)
    assert found["watching_percent"] == pytest.approx(0.5)


def test_this_process_may_use_a_core() -> None:
    assert curves_watching.cores() >= 1
