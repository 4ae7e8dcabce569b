"""The whole way through the real window: real pages, real workers, the real embedded teacher."""

from __future__ import annotations

import importlib.util
import json
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt

from dsbs_gui.app.window import Window
from dsbs_gui.app.wiring import intakes
from dsbs_gui.core import catalogue
from dsbs_gui.core.project import Project
from dsbs_gui.core.store import answers, examples, exports, predictions, runs
from dsbs_gui.core.store import training as trained
from dsbs_gui.core.store.filters import Filter
from dsbs_gui.core.store.runs import Run

from .conftest import OpenWindow

pytestmark = [
    pytest.mark.timeout(600),
    pytest.mark.skipif(
        importlib.util.find_spec("llama_cpp") is None or catalogue.find("smollm2-135m").local_path() is None,
        reason="the embedded teacher is not installed",
    ),
]
LONG_MS = 240_000


def page(window: Window, step: str) -> Any:
    """Go to a step as its navigation entry does; the page."""
    window.go_to(step)
    assert window.session is not None
    return window.session.page(step)


def click(qtbot: Any, button: Any) -> None:
    qtbot.waitUntil(button.isEnabled, timeout=20_000)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def newest(window: Window, kind: str) -> Run | None:
    assert window.session is not None
    made = runs.all_runs(window.session.project.store.reader, kind)
    return made[0] if made else None


def wait_for_end(qtbot: Any, window: Window, kind: str, n: int = 1) -> Run:
    """Until the n-th run of a kind has ended; it must have done its work."""

    def ended() -> bool:
        run = newest(window, kind)
        return run is not None and _count(window, kind) == n and not run.live

    qtbot.waitUntil(ended, timeout=LONG_MS)
    run = newest(window, kind)
    assert run is not None
    assert (run.state, run.reason) == ("done", "")
    return run


def _count(window: Window, kind: str) -> int:
    assert window.session is not None
    return len(runs.all_runs(window.session.project.store.reader, kind))


def test_from_opening_to_an_exported_student(
    qtbot: Any, open_window: OpenWindow, project_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = open_window(project_folder)
    assert window.session is not None
    project = window.session.project
    db = project.store.reader

    data = page(window, "data")
    qtbot.waitUntil(lambda: data.model.rowCount() == 1200, timeout=20_000)

    teacher = page(window, "teacher").view("ask")
    qtbot.waitUntil(
        lambda: "Ana" in teacher.prompt.text.source() or "A:" in teacher.prompt.text.source(), timeout=20_000
    )
    click(qtbot, teacher.answer.try_button)
    run = wait_for_end(qtbot, window, "generate")
    assert run.summary["done"] == 1
    qtbot.waitUntil(lambda: teacher.answer.raw.source() != "", timeout=20_000)

    review = page(window, "review")
    before = examples.count(db, Filter(states=("accepted",)))
    qtbot.waitUntil(lambda: review.area.table.current_id() is not None, timeout=20_000)
    review.deciding.decide("accepted")
    qtbot.waitUntil(lambda: examples.count(db, Filter(states=("accepted",))) == before + 1, timeout=20_000)
    review.deciding.undo()
    qtbot.waitUntil(lambda: examples.count(db, Filter(states=("accepted",))) == before, timeout=20_000)

    training = page(window, "training")
    training.form.settings.numbers["steps"].setValue(4)
    training.form.settings.numbers["eval_every"].setValue(2)
    click(qtbot, training.train_button)
    run = wait_for_end(qtbot, window, "train")
    assert run.summary["steps"] == 4
    assert trained.series(db, run.id, "label_loss")[0][-1] == 4
    assert len(trained.evaluations(db, run.id)) == 2

    evaluation = page(window, "evaluation")
    monkeypatch.setattr("dsbs_gui.steps.evaluation.ui.page.confirm", lambda *_, **__: True)
    evaluation.split.set_value("test")
    evaluation.unlock()
    evaluation.refresh()
    qtbot.waitUntil(lambda: evaluation.evaluate_button.isVisible(), timeout=20_000)
    click(qtbot, evaluation.evaluate_button)
    wait_for_end(qtbot, window, "predict")
    assert len(predictions.of_run(db, run.id, "test")) == 100
    assert len(predictions.openings(db)) == 1

    export = page(window, "export")
    qtbot.waitUntil(lambda: export.student.button.isVisible(), timeout=20_000)
    click(qtbot, export.student.button)
    wait_for_end(qtbot, window, "export-student")
    made = exports.all_exports(db)[0]
    assert made.verified
    assert (Path(made.path) / "manifest.json").is_file()
    done = subprocess.run(
        [sys.executable, "-m", "dsbs_gui", "predict", made.path, "--explain"],
        input="Ana has 3 pens.\n",
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert {"prediction", "rationale"} <= set(json.loads(done.stdout.splitlines()[0]))


KILLED = """
    import os, sys
    from pathlib import Path
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    from PySide6.QtCore import QTimer
    from PySide6.QtWidgets import QApplication
    from dsbs_gui.app.crash import CrashReporter
    from dsbs_gui.app.window import Window
    from dsbs_gui.core.protocol import CheckpointSaved, TeacherAnswer
    from dsbs_gui.core.settings import Settings
    from dsbs_gui.kit.theme.apply import apply_theme
    from dsbs_gui.steps.teacher import plan as teacher
    from dsbs_gui.steps.training import plan as training

    folder, kind = Path(sys.argv[1]), sys.argv[2]
    app = QApplication([])
    apply_theme(app, "light")
    window = Window(Settings(folder.parent / "settings.toml"), CrashReporter(folder.parent / "log"))
    window.show()
    window.open_folder(folder)

    def told(run_id, event):
        if isinstance(event.message, TeacherAnswer | CheckpointSaved):
            print(run_id, flush=True)

    def begin():
        if window.session is None:
            QTimer.singleShot(50, begin)
            return
        session = window.session
        session.bridge.job_event.connect(told)
        session.bridge.run(lambda: session.project.jobs.submit(request(session.project)))

    def request(project):
        if kind == "generate":
            return teacher.generate_request(project, teacher="smollm2-135m", limit=16, max_tokens=48)
        return training.train_request(
            project, method="step-by-step", student="starter", steps=60, eval_every=15, save_every=15
        )

    QTimer.singleShot(120_000, app.quit)
    QTimer.singleShot(0, begin)
    sys.exit(app.exec())
"""


def _kill_the_window_after(folder: Path, kind: str, n: int) -> str:
    """Start a window that begins a job, kill it after the job has told ``n`` results; the run's id."""
    command = [sys.executable, "-c", textwrap.dedent(KILLED), str(folder), kind]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as window:
        assert window.stdout is not None
        lines = [window.stdout.readline().strip() for _ in range(n)]
        os.kill(window.pid, signal.SIGKILL)
    assert lines[-1], "the window ended before its job had told anything"
    return lines[-1]


@pytest.mark.skipif(os.name == "nt", reason="SIGKILL is a matter of POSIX systems")
def test_a_killed_window_loses_nothing_of_a_generation_and_finds_its_worker_again(project_folder: Path) -> None:
    run_id = _kill_the_window_after(project_folder, "generate", 2)
    project = Project.open(project_folder, intakes=intakes())
    try:
        assert answers.tally(project.store.reader, run_id)["answers"] >= 2, "what was told was stored"
        project.jobs.begin()
        run = project.jobs.wait(run_id, 240)
        tally = answers.tally(project.store.reader, run_id)
        assert run.state == "done"
        assert tally["answers"] == 16, "each answer once"
    finally:
        project.close()


@pytest.mark.skipif(os.name == "nt", reason="SIGKILL is a matter of POSIX systems")
def test_a_killed_window_and_a_killed_training_go_on_from_the_last_checkpoint(project_folder: Path) -> None:
    from dsbs_gui.steps.training import plan

    run_id = _kill_the_window_after(project_folder, "train", 2)  # by then the first one is whole
    project = Project.open(project_folder, intakes=intakes())
    try:
        state = project.jobs.folder(run_id).read_state()
        os.kill(int(state["pid"]), signal.SIGKILL)
        project.jobs.begin()
        run = project.jobs.wait(run_id, 120)
        assert run.state == "interrupted"
        assert trained.checkpoints(project.store.reader, run_id)
        resumed = project.jobs.submit(plan.train_request(project, method="step-by-step", student="", resume=run_id))
        ended = project.jobs.wait(resumed.id, 240)
        assert (ended.state, ended.reason) == ("done", "")
        assert ended.summary["steps"] == 60
        assert trained.series(project.store.reader, resumed.id, "label_loss")[0][-1] == 60
    finally:
        project.close()
