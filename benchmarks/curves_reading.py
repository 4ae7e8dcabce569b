"""A run of a million rows of metrics is opened on the page, and goes on; prints one line of JSON.

``python benchmarks/curves_reading.py STEPS``: eight metrics at so many steps divided by two make a million rows.
"""

from __future__ import annotations

import json
import math
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QCoreApplication, Qt, QTimer
from PySide6.QtWidgets import QApplication

from dsbs_gui.core.memory import peak_resident_bytes
from dsbs_gui.core.project import Project
from dsbs_gui.core.protocol import Event, StepMetrics
from dsbs_gui.core.settings import Settings
from dsbs_gui.core.store import runs
from dsbs_gui.kit.bridge import Bridge
from dsbs_gui.kit.theme.apply import apply_theme
from dsbs_gui.steps.training import intake, overview
from dsbs_gui.steps.training.ui.watch_view import WatchView

METRICS = (
    "label_loss",
    "rationale_loss",
    "loss",
    "valid_label_loss",
    "lr",
    "grad_norm",
    "examples_per_s",
    "tokens_per_s",
)
EVENTS = 2_000
TICK_MS = 5
LONGEST_S = 300.0


def add_run(project: Project, steps: int) -> str:
    """A run that has told its metrics at so many steps."""

    def write(tx: Any) -> str:
        spec = {"method": "step-by-step"}
        run = runs.add(tx, kind="train", title="A long night", lane="gpu", spec=spec, context={})
        runs.set_state(tx, run.id, "running")
        for name in METRICS:
            rows = ((run.id, name, step, 3 / (step + 1) + 0.01 * (step * 7 % 11)) for step in range(steps))
            tx.executemany("INSERT INTO metrics (run_id, name, step, value) VALUES (?, ?, ?, ?)", rows)
        return str(run.id)

    found: str = project.store.write_now(write)
    return found


def intake_s(project: Project, run_id: str, first: int) -> float:
    """Seconds of processor time for one message of the run, as the owner takes it in."""
    run = runs.get(project.store.reader, run_id)
    values = dict.fromkeys(METRICS, 0.5)

    def write(tx: Any) -> float:
        began = time.process_time()
        for i in range(EVENTS):
            intake.take(tx, run, Event(i, 0.0, StepMetrics(first + i, values)))
        return time.process_time() - began

    seconds: float = project.store.write_now(write)
    return seconds / EVENTS


def wait_for(condition: Callable[[], bool]) -> None:
    """Let the window work until something is so. Raises TimeoutError."""
    deadline = time.monotonic() + LONGEST_S
    while not condition():
        QCoreApplication.processEvents()
        time.sleep(0.001)  # a window waits, it does not spin beside the thread that reads
        if time.monotonic() > deadline:
            raise TimeoutError


class Gaps:
    """The longest time for which a timer of the window did not fire."""

    def __init__(self) -> None:
        self.worst_ms, self._last = 0.0, time.perf_counter()
        self._timer = QTimer(interval=TICK_MS, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)
        self._timer.start()

    def _tick(self) -> None:
        now = time.perf_counter()
        self.worst_ms, self._last = max(self.worst_ms, 1000 * (now - self._last)), now


def open_run(project: Project, folder: Path, run_id: str) -> dict[str, float]:
    """Show the run on the page: until its outline is there, until every point is, until a new point is."""
    bridge = Bridge(project)
    view = WatchView(project, bridge, Settings(folder / "settings.toml"))
    view.resize(900, 1000)
    view.show()
    curves = view._make_curves()  # its libraries are loaded, as in a window that has shown curves before
    gaps = Gaps()
    QCoreApplication.processEvents()
    began = time.perf_counter()
    found: dict[str, Any] = {v.id: v for v in overview.run_views(project.store.reader, {})}
    view.show_runs(found, [run_id], None)
    wait_for(lambda: run_id in curves.last() and not curves.losses.plot._timer.isActive())
    outline = time.perf_counter() - began
    wait_for(lambda: not curves.is_coarse(run_id) and not view._asking)
    whole = time.perf_counter() - began
    last = curves.last()[run_id]["label_loss"] + 1
    project.store.write_now(
        lambda tx: intake.take(tx, found[run_id].run, Event(1, 0.0, StepMetrics(int(last), {"label_loss": 1.0})))
    )
    began = time.perf_counter()
    view.show_runs({v.id: v for v in overview.run_views(project.store.reader, found)}, [run_id], None)
    wait_for(lambda: curves.last()[run_id]["label_loss"] == last and not curves.losses.plot._timer.isActive())
    news = time.perf_counter() - began
    view.hide()
    bridge.close()
    return {"open_outline_s": outline, "open_whole_s": whole, "news_s": news, "open_worst_gap_ms": gaps.worst_ms}


def main(points: int) -> dict[str, float]:
    """All figures."""
    app = QApplication([])
    apply_theme(app, "light")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        project = Project.create(folder / "project", "text")
        steps = points // 2
        fresh = intake_s(project, add_run(project, 0), 0)
        long_run = add_run(project, steps)
        grown = intake_s(project, long_run, steps)
        figures = open_run(project, folder, long_run)
        project.close()
    return {
        "rows_count": steps * len(METRICS),
        "intake_us": 1e6 * grown,
        "intake_growth": grown / fresh,
        **figures,
        "reading_rss_mb": (peak_resident_bytes() or math.nan) / 1e6,
    }


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]))))
