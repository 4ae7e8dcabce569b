"""T1, as a person meets it: the real window while a server does its worst. Measured, so only on demand:

``python -m pytest tests/journeys/test_gaps.py -m slow -s`` prints how long the window was deaf at most, and how long a
stop took.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QObject, Qt, QTimer

from dsbs_gui.core.store import runs
from tests.steps.teacher import fault_server as fault
from tests.steps.teacher.fault_server import Handler, Mode, answer, serving
from tests.steps.teacher.test_server_faults import ROW_FAULTS, TRIES
from tests.steps.teacher.working import sums

from .conftest import OpenWindow

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
ROWS = 300
BEAT_MS = 10
GAP_MS, STOP_S = 200.0, 1.0
LONG_MS = 240_000


class Heart(QObject):
    """Beats on the window's thread and notes how long it was silent, in milliseconds."""

    def __init__(self) -> None:
        super().__init__()
        self.gaps: list[float] = []
        self._last = time.perf_counter()
        self._timer = QTimer(self, interval=BEAT_MS)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._beat)

    def begin(self) -> None:
        self.gaps, self._last = [], time.perf_counter()
        self._timer.start()

    def end(self) -> None:
        self._beat()
        self._timer.stop()

    def _beat(self) -> None:
        now = time.perf_counter()
        self.gaps.append(1000 * (now - self._last))
        self._last = now

    def share(self, part: float) -> float:
        return sorted(self.gaps)[int(part * (len(self.gaps) - 1))]


def ask_view(window: Any, address: str, qtbot: Any) -> Any:
    """The view “Ask” of the window, with the server chosen and ready to generate."""
    window.resize(1280, 800)
    window.go_to("teacher")
    view = window.session.page("teacher").view("ask")
    view.teacher.choose("server", address, "only")
    qtbot.waitUntil(view.generate_button.isEnabled, timeout=LONG_MS)
    return view


def states(window: Any) -> list[str]:
    return [run.state for run in runs.all_runs(window.session.project.store.reader, "generate")]


def test_the_window_is_never_deaf_while_three_rows_in_ten_meet_a_fault(
    open_window: OpenWindow, tmp_path: Path, qtbot: Any
) -> None:
    passing = [mode for _, mode, failure, tries in ROW_FAULTS if tries == TRIES and failure]
    met: set[int] = set()

    def chosen(handler: Handler, body: dict[str, Any]) -> None:
        row = int(body["messages"][0]["content"].rsplit("What is ", 1)[1].split(" ", 1)[0])
        if row % 10 < 3 and row not in met:
            met.add(row)
            passing[row % len(passing)](handler, body)
        else:
            answer(f"{row} + 1 = {row + 1}. The answer is {row + 1}.")(handler, body)

    sums(tmp_path / "sums", ROWS).close()
    heart = Heart()
    with serving(chosen) as server:
        window = open_window(tmp_path / "sums")
        view = ask_view(window, server.address, qtbot)
        heart.begin()
        view.generate()
        qtbot.waitUntil(lambda: states(window) == ["done"], timeout=LONG_MS)
        heart.end()
        took = sum(heart.gaps) / 1000
    assert window.session is not None
    (run,) = runs.all_runs(window.session.project.store.reader, "generate")
    print(
        f"\n{ROWS} rows in {took:.1f} s, {len(met)} of them met a fault; {len(heart.gaps)} beats of {BEAT_MS} ms; "
        f"gaps: median {heart.share(0.5):.0f}, 99 % {heart.share(0.99):.0f}, longest {max(heart.gaps):.0f} ms"
    )
    assert (run.summary["done"], run.summary["failed"]) == (ROWS, {})
    assert max(heart.gaps) <= GAP_MS


@pytest.mark.parametrize("mode", [fault.never, fault.drip, fault.endless], ids=["silence", "slow drip", "endless body"])
def test_a_stop_by_its_button_takes_a_second_whatever_the_server_does(
    mode: Mode, open_window: OpenWindow, tmp_path: Path, qtbot: Any
) -> None:
    sums(tmp_path / "sums", 50).close()
    heart = Heart()
    with serving(answer("So. The answer is 1."), answer("So. The answer is 1."), mode) as server:
        window = open_window(tmp_path / "sums")
        view = ask_view(window, server.address, qtbot)
        view.generate()
        qtbot.waitUntil(lambda: len(server.asked) > 4 and view.live.stop_button.isVisible(), timeout=LONG_MS)
        began = time.perf_counter()
        heart.begin()
        qtbot.mouseClick(view.live.stop_button, Qt.MouseButton.LeftButton)
        qtbot.waitUntil(lambda: states(window) == ["stopped"], timeout=LONG_MS)
        took = time.perf_counter() - began
        heart.end()
    print(f"\nstopped after {took:.2f} s, longest gap {max(heart.gaps):.0f} ms")
    assert took <= STOP_S
