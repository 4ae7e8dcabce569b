"""What it takes of the processor to watch a training: a real worker trains, the page is shown and hidden in turns.

``python benchmarks/curves_watching.py SECONDS``: so long each, in turns of ten seconds, or of less where that makes
fewer than two. Counted is the processor time of the window's own process, so it holds while other programs use the
machine: ``watching_percent_of_one_core``, and ``watching_percent`` of all cores that this process may use. Prints one
line of JSON.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QApplication

from dsbs_gui.app import sample
from dsbs_gui.app.wiring import intakes
from dsbs_gui.core.project import Project
from dsbs_gui.core.protocol import StepMetrics
from dsbs_gui.core.store import runs
from dsbs_gui.kit.bridge import Bridge
from dsbs_gui.kit.theme.apply import apply_theme
from dsbs_gui.steps.training import plan
from dsbs_gui.steps.training.ui.page import TrainingPage

LONGEST_TURN_S, LEAST_TURNS, SETTLE_S = 10.0, 2, 1.5
STEPS = 1_000_000
LONGEST_S = 300.0


def work(seconds: float) -> float:
    """Let the window live; processor seconds that its process took."""
    end, began = time.monotonic() + seconds, time.process_time()
    while time.monotonic() < end:
        QCoreApplication.processEvents()
        time.sleep(0.005)
    return time.process_time() - began


def wait_for_steps(project: Project, run_id: str) -> None:
    """Until the worker has begun to train. Raises TimeoutError, RuntimeError if it ended."""
    deadline = time.monotonic() + LONGEST_S
    while runs.get(project.store.reader, run_id).done < 5:
        work(0.2)
        run = runs.get(project.store.reader, run_id)
        if not run.live:
            raise RuntimeError(f"the training ended: {run.state} {run.reason}")
        if time.monotonic() > deadline:
            raise TimeoutError


def main(seconds: float) -> dict[str, float]:
    """All figures."""
    app = QApplication([])
    apply_theme(app, "light")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "project"
        sample.create(folder)
        project = Project.open(folder, intakes=intakes())
        project.jobs.begin()
        bridge = Bridge(project)
        told: list[int] = []
        bridge.job_event.connect(lambda _, event: told.append(isinstance(event.message, StepMetrics)))
        page = TrainingPage(project, bridge)
        page.resize(1280, 800)
        run = project.jobs.submit(plan.train_request(project, student="starter", steps=STEPS, eval_every=200))
        wait_for_steps(project, run.id)
        figures = turns(page, seconds, told)
        project.jobs.stop(run.id)
        project.jobs.wait(run.id, LONGEST_S)
        page.hide()
        project.jobs.close()
        bridge.close()
        project.close()
    return figures


def turns(page: Any, seconds: float, told: list[int]) -> dict[str, float]:
    """Shown and hidden in turns, ``seconds`` each in all."""
    turn_s = min(LONGEST_TURN_S, seconds / LEAST_TURNS)
    page.show()
    page.refresh()
    work(2 * turn_s)  # what is loaded and drawn for the first time is not watching
    spent = {True: 0.0, False: 0.0}
    number, began = max(LEAST_TURNS, round(seconds / turn_s)), time.monotonic()
    first = len(told)
    for turn in range(2 * number):
        shown = turn % 2 == 0
        page.setVisible(shown)
        if shown:
            page.refresh()
        work(SETTLE_S)  # coming and going is not watching either
        spent[shown] += work(turn_s)
    each = number * turn_s
    events = told[first:]
    passed = time.monotonic() - began
    of_one_core = 100 * (spent[True] - spent[False]) / each
    return {
        "events_per_s": len(events) / passed,
        "metrics_per_s": sum(events) / passed,
        "window_cpu_s_per_min_shown": 60 * spent[True] / each,
        "window_cpu_s_per_min_hidden": 60 * spent[False] / each,
        "watching_percent": of_one_core / cores(),
        "watching_percent_of_one_core": of_one_core,
        "cores_count": cores(),
        "watched_s": each,
    }


def cores() -> int:
    """How many this process may use, where the system says."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


if __name__ == "__main__":
    print(json.dumps(main(float(sys.argv[1]))))
