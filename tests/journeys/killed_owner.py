"""An owner of a project that generates until all is answered, and says what it has stored; tests kill it."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
os.environ["QT_QPA_PLATFORM"] = "offscreen"

from dsbs_gui.app.wiring import intakes
from dsbs_gui.core.project import Project
from dsbs_gui.core.protocol import Event, TeacherAnswer
from dsbs_gui.core.store import runs
from dsbs_gui.steps.teacher import plan


def tell(_: str, event: Event) -> None:
    """Jobs call this after an event was stored: the row is acknowledged."""
    if isinstance(event.message, TeacherAnswer):
        print(event.message.example_id, flush=True)


def generate(project: Project, teacher: str, parallel: int) -> None:
    """First what an earlier owner left running or queued, then what is missing."""
    for run in runs.all_runs(project.store.reader, "generate", runs.LIVE):
        project.jobs.wait(run.id)
    request = plan.generate_request(project, teacher=teacher, parallel=parallel, max_tokens=24)
    if plan.pending(project, request):
        print("begun", flush=True)
        run = project.jobs.wait(project.jobs.submit(request).id)
        if run.state != "done":
            print(f"ended {run.state}: {run.reason}", flush=True)
            return
    print("all", flush=True)


def plainly(folder: Path, teacher: str, parallel: int) -> int:
    project = Project.open(folder, intakes=intakes())
    project.jobs.watch(tell)
    project.jobs.begin()
    generate(project, teacher, parallel)
    project.close()
    return 0


def in_a_window(folder: Path, teacher: str, parallel: int) -> int:
    from PySide6.QtCore import QTimer
    from PySide6.QtWidgets import QApplication

    from dsbs_gui.app.crash import CrashReporter
    from dsbs_gui.app.window import Window
    from dsbs_gui.core.settings import Settings
    from dsbs_gui.kit.theme.apply import apply_theme

    app = QApplication([])
    apply_theme(app, "light")
    window = Window(Settings(folder.parent / "settings.toml"), CrashReporter(folder.parent / "log"))
    window.setProperty("unasked", True)
    window.show()
    window.open_folder(folder)

    def begin() -> None:
        session: Any = window.session
        if session is None:
            QTimer.singleShot(20, begin)
            return
        window.go_to("teacher")
        session.project.jobs.watch(tell)
        session.bridge.run(lambda: generate(session.project, teacher, parallel), lambda _: window.close())

    QTimer.singleShot(0, begin)
    return int(app.exec())


if __name__ == "__main__":
    owner = in_a_window if sys.argv[4] == "window" else plainly
    sys.exit(owner(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])))
