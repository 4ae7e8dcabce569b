"""The frame as a person meets it: opening, going about, jobs in the strip, closing. Real clicks and keys."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton, QWidget

from dsbs_gui.app import closing
from dsbs_gui.app.crash import CrashReporter
from dsbs_gui.app.job_sheet import JobSheet
from dsbs_gui.app.shortcuts import ShortcutSheet
from dsbs_gui.app.window import Window
from dsbs_gui.core.errors import ResourceError
from dsbs_gui.core.project import Project
from dsbs_gui.core.protocol import Event, Progress
from dsbs_gui.core.settings import Settings
from dsbs_gui.core.store import runs
from dsbs_gui.core.store.runs import Run
from dsbs_gui.kit.message_bar import MessageBar
from dsbs_gui.kit.toast import Toast
from dsbs_gui.steps.teacher.lift import plan as lift_plan
from dsbs_gui.steps.teacher.ui import lift_sheet

from .conftest import BrokenPage, FirstPage, SecondPage

CTRL = Qt.KeyboardModifier.ControlModifier
OPEN_MS = 10_000


def front(window: Window) -> QWidget:
    return window.stack.currentWidget()


def texts(widget: QWidget) -> str:
    return "\n".join(label.text() for label in widget.findChildren(QLabel) if label.isVisibleTo(widget))


def press(widget: QWidget, qtbot: Any, text: str) -> None:
    button = next(b for b in widget.findChildren(QPushButton) if b.text() == text and b.isVisibleTo(widget))
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def bars(window: Window) -> list[MessageBar]:
    return [bar for bar in window.findChildren(MessageBar) if bar.isVisible()]


def add_run(
    window: Window,
    kind: str = "generate",
    state: str = "running",
    title: str = "Generate 10 rationales",
    **context: Any,
) -> Run:
    assert window.session is not None

    def add(tx: Any) -> Run:
        run = runs.add(tx, kind=kind, title=title, lane="network", spec={}, context=context)
        if state != "queued":
            runs.set_state(tx, run.id, "running")
        if state not in ("queued", "running"):
            runs.set_state(tx, run.id, state)
        return runs.get(tx, run.id)

    run = window.session.project.store.write_now(add)
    if state != "queued":  # one with a folder would be started
        window.session.project.jobs.folder(run.id).make(kind, {}, {})
    return run


def end_run(window: Window, run: Run, state: str, reason: str = "", hint: str = "") -> None:
    assert window.session is not None
    window.session.project.store.write_now(lambda tx: runs.set_state(tx, run.id, state, reason=reason, hint=hint))


def sees(window: Window, run: Run, state: str) -> bool:
    assert window.session is not None
    found = window.session.feed.find(run.id)
    return found is not None and found.state == state


# -- opening ----------------------------------------------------------------------------------


def test_without_a_project_the_start_page_offers_the_sample_first(window: Window) -> None:
    assert front(window) is window.start
    assert "word problems" in texts(window.start)
    assert not window.strip.isVisible()
    assert window.nav.current_key() == ""


def test_a_project_opens_on_its_first_step_with_its_count(opened: Window, settings: Settings) -> None:
    assert isinstance(front(opened), FirstPage)
    assert opened.windowTitle() == "Data · first · DSBS Studio"
    assert opened.nav.findChild(QWidget) is not None
    button = opened.nav._buttons["data"]
    assert "12" in button.accessibleDescription()
    assert settings.recent == [settings.last]
    assert Path(settings.last).name == "first"


def test_the_file_of_a_project_stands_for_its_folder(
    window: Window, make_project: Callable[..., Path], qtbot: Any
) -> None:
    with qtbot.waitSignal(window.opened, timeout=OPEN_MS):
        window.open_folder(make_project() / "project.db")
    assert window.session is not None


@pytest.mark.parametrize("what", ["nothing", "empty folder", "text", "newer"])
def test_what_is_no_good_project_is_said_and_nothing_is_changed(
    window: Window, make_project: Callable[..., Path], tmp_path: Path, qtbot: Any, what: str
) -> None:
    folder = tmp_path / "other"
    if what in ("text", "newer"):
        folder = make_project("other")
    if what == "empty folder":
        folder.mkdir()
    if what == "text":
        (folder / "project.db").write_text("this is no database " * 300, "utf-8")
    if what == "newer":
        from pysqlite3 import dbapi2

        connection = dbapi2.connect(str(folder / "project.db"))
        connection.execute("PRAGMA user_version = 999")
        connection.close()
    before = (folder / "project.db").read_bytes() if what in ("text", "newer") else b""
    with qtbot.waitSignal(window.idle, timeout=OPEN_MS):
        window.open_folder(folder)
    assert front(window) is window.start
    (bar,) = bars(window)
    assert bar.kind == "bad"
    assert bar.text.text()
    assert bar.hint.text()
    assert window.session is None
    if before:
        assert (folder / "project.db").read_bytes() == before


def test_a_failure_leaves_the_open_project_open(opened: Window, tmp_path: Path, qtbot: Any) -> None:
    with qtbot.waitSignal(opened.idle, timeout=OPEN_MS):
        opened.open_folder(tmp_path / "nowhere")
    assert isinstance(front(opened), FirstPage)
    assert opened.session is not None
    assert "nowhere" in bars(opened)[0].text.text()


def test_a_project_open_elsewhere_names_the_holder_and_opens_read_only(
    window: Window, make_project: Callable[..., Path], qtbot: Any
) -> None:
    folder = make_project()
    code = (
        "import sys, pathlib; from dsbs_gui.core.project import Project;"
        "held = Project.open(pathlib.Path(sys.argv[1])); print('held', flush=True); sys.stdin.read()"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", code, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with qtbot.waitSignal(window.idle, timeout=OPEN_MS):
            window.open_folder(folder)
        (bar,) = bars(window)
        assert str(holder.pid) in bar.text.text()
        with qtbot.waitSignal(window.opened, timeout=OPEN_MS):
            press(bar, qtbot, "Open read-only")
        assert window.session is not None
        assert window.session.project.store.read_only
        assert "reading only" in bars(window)[0].text.text()
    finally:
        holder.kill()
        holder.communicate()


def test_a_killed_holder_leaves_no_lock_behind(window: Window, make_project: Callable[..., Path], qtbot: Any) -> None:
    folder = make_project()
    code = (
        "import sys, pathlib; from dsbs_gui.core.project import Project;"
        "held = Project.open(pathlib.Path(sys.argv[1])); print('held', flush=True); sys.stdin.read()"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", code, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    holder.kill()
    holder.communicate()
    with qtbot.waitSignal(window.opened, timeout=OPEN_MS):
        window.open_folder(folder)
    assert window.session is not None
    assert not window.session.project.store.read_only


def test_opening_another_project_closes_the_first(
    opened: Window, make_project: Callable[..., Path], qtbot: Any
) -> None:
    assert opened.session is not None
    first = opened.session.project.folder
    with qtbot.waitSignal(opened.opened, timeout=OPEN_MS):
        opened.open_folder(make_project("second", rows=3))
    assert opened.session.project.name == "second"
    Project.open(first).close()  # the lock is free again
    assert opened.stack.count() <= 4, "pages of the first project are gone"


def test_of_two_wishes_the_later_one_is_granted(window: Window, make_project: Callable[..., Path], qtbot: Any) -> None:
    first, second = make_project("first"), make_project("second")
    with qtbot.waitSignal(window.opened, timeout=OPEN_MS):
        window.open_folder(first)
        window.open_folder(second)
    assert window.session is not None
    assert window.session.name == "second"

    def first_is_free() -> None:
        Project.open(first).close()

    qtbot.waitUntil(lambda: _works(first_is_free), timeout=OPEN_MS)


def test_a_project_that_is_asked_for_twice_is_opened_once(
    window: Window, make_project: Callable[..., Path], qtbot: Any
) -> None:
    folder = make_project()
    with qtbot.waitSignal(window.opened, timeout=OPEN_MS):
        window.open_folder(folder)
        qtbot.wait(50)
        window.open_folder(folder)
    assert not bars(window)
    window.close_project()
    with qtbot.waitSignal(window.opened, timeout=OPEN_MS):
        window.open_folder(folder)


def _works(act: Callable[[], None]) -> bool:
    try:
        act()
    except Exception:
        return False
    return True


def test_closing_the_project_goes_back_to_the_start(opened: Window, settings: Settings, qtbot: Any) -> None:
    qtbot.keyClick(opened, Qt.Key.Key_W, CTRL)
    assert front(opened) is opened.start
    assert settings.last == ""
    assert len(settings.recent) == 1
    qtbot.waitUntil(lambda: "12\u00a0examples" in texts(opened.start))


# -- going about ------------------------------------------------------------------------------


def test_keys_lead_to_the_steps_and_a_page_is_built_once(opened: Window, qtbot: Any) -> None:
    first = front(opened)
    qtbot.keyClick(opened, Qt.Key.Key_2, CTRL)
    second = front(opened)
    assert isinstance(second, SecondPage)
    qtbot.keyClick(opened, Qt.Key.Key_1, CTRL)
    assert front(opened) is first
    qtbot.keyClick(opened, Qt.Key.Key_2, CTRL)
    assert front(opened) is second
    assert second.refreshed == 2


def test_a_page_can_send_one_to_another_step(opened: Window) -> None:
    front(opened).go_to.emit("teacher")  # type: ignore[attr-defined]
    assert opened.nav.current_key() == "teacher"
    front(opened).go_to.emit("no such step")  # type: ignore[attr-defined]
    assert opened.nav.current_key() == "teacher"


def test_a_page_can_hand_rows_to_the_teacher(opened: Window) -> None:
    front(opened).ask_teacher.emit([3, 6], "Two rows", "always", True)  # type: ignore[attr-defined]
    assert opened.nav.current_key() == "teacher"
    assert front(opened).asked == ([3, 6], "Two rows", "always", True)  # type: ignore[attr-defined]


def test_a_page_can_have_rationales_measured_by_a_teacher_that_one_chooses(
    opened: Window, monkeypatch: pytest.MonkeyPatch, qtbot: Any
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(lift_sheet, "ask", lambda parent: "some.gguf")
    monkeypatch.setattr(lift_plan, "request", lambda project, teacher: asked.append(teacher))
    assert opened.session is not None
    monkeypatch.setattr(opened.session.project.jobs, "submit", lambda request: None)
    opened.session._measure()
    qtbot.waitUntil(lambda: asked == ["some.gguf"])
    monkeypatch.setattr(lift_sheet, "ask", lambda parent: "")
    opened.session._measure()
    assert asked == ["some.gguf"]


def test_a_page_that_cannot_be_built_says_so_and_can_be_tried_again(
    opened: Window, reporter: CrashReporter, qtbot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with qtbot.waitSignal(reporter.reported) as told:
        opened.go_to("training")
    assert "a fault of this page" in told.args[0]
    assert "Training could not be opened" in texts(front(opened))
    monkeypatch.setattr(BrokenPage, "healthy", True)
    press(front(opened), qtbot, "Try again")
    assert isinstance(front(opened), BrokenPage)


def test_messages_of_background_work_appear_under_the_title(opened: Window) -> None:
    assert opened.session is not None
    opened.session.bridge.message.emit("bad", "The file is empty.", "Choose another one.")
    (bar,) = bars(opened)
    assert front(opened).isAncestorOf(bar)
    assert (bar.text.text(), bar.hint.text()) == ("The file is empty.", "Choose another one.")


def test_success_is_a_toast(opened: Window) -> None:
    assert opened.session is not None
    opened.session.bridge.message.emit("good", "Saved", "")
    assert opened.findChildren(Toast)
    assert not bars(opened)


def test_a_fault_of_background_work_is_reported(opened: Window, reporter: CrashReporter, qtbot: Any) -> None:
    assert opened.session is not None
    with qtbot.waitSignal(reporter.reported) as told:
        opened.session.bridge.run(lambda: 1 / 0)
    assert "ZeroDivisionError" in told.args[0]


def test_the_list_of_keys_opens_with_f1(opened: Window, qtbot: Any) -> None:
    qtbot.keyClick(opened, Qt.Key.Key_F1)
    (sheet,) = opened.findChildren(ShortcutSheet)
    assert ("Ctrl+Q", "Quit") in sheet.keys
    sheet.reject()


def test_settings_take_effect_at_once(opened: Window, settings: Settings, qtbot: Any) -> None:
    qtbot.keyClick(opened, Qt.Key.Key_Comma, CTRL)
    assert opened.nav.current_key() == "settings"
    press(front(opened), qtbot, "Dark")
    from dsbs_gui.kit.theme.apply import current, theme

    assert settings.theme == "dark"
    assert current().name == "dark"
    theme().apply("light")


def test_settings_that_could_not_be_read_or_saved_are_told_above_every_page(
    opened: Window, settings: Settings, qtbot: Any
) -> None:
    settings.problems.append("settings.toml could not be read; the defaults are used.")
    opened.start_log()
    (bar,) = bars(opened)
    assert bar.text.text() == "settings.toml could not be read; the defaults are used."
    assert not settings.problems
    opened.go_to("teacher")
    assert bars(opened) == [bar]
    settings.path = opened.session.project.folder  # type: ignore[union-attr]  # a folder cannot be written
    settings.theme = "light"
    qtbot.waitUntil(lambda: any("holds until the program ends" in bar.text.text() for bar in bars(opened)))


def test_folding_is_remembered(
    opened: Window, settings: Settings, make_window: Callable[[], Window], qtbot: Any
) -> None:
    qtbot.keyClick(opened, Qt.Key.Key_B, CTRL)
    assert settings.navigation_folded
    assert make_window().nav.is_folded()


def test_in_a_narrow_window_the_navigation_folds_by_itself_and_unfolds_again(
    opened: Window, settings: Settings, qtbot: Any
) -> None:
    opened.resize(1100, 700)
    assert opened.nav.is_folded()
    qtbot.keyClick(opened, Qt.Key.Key_B, CTRL)
    assert not opened.nav.is_folded(), "who wants it there gets it"
    opened.resize(1400, 700)
    assert not opened.nav.is_folded()
    assert not settings.navigation_folded


def test_the_size_is_remembered(opened: Window, make_window: Callable[[], Window]) -> None:
    opened.resize(1100, 640)
    opened.close()
    assert make_window().height() == 640


# -- jobs -------------------------------------------------------------------------------------


def test_a_running_job_shows_its_pace_and_its_step_a_dot(opened: Window, qtbot: Any) -> None:
    run = add_run(opened)
    session = opened.session
    assert session is not None
    session.project.store.write_now(lambda tx: runs.set_progress(tx, run.id, "Generating", 30, 100, "rows"))
    now = time.time()
    for second in range(11):
        session.bridge.job_event.emit(
            run.id, Event(second + 1, now - 10 + second, Progress("Generating", 3 * second, 100))
        )
    qtbot.waitUntil(lambda: sees(opened, run, "running"))
    qtbot.waitUntil(lambda: "30 of 100 · 3.0\u00a0rows/s" in texts(opened.strip), timeout=3000)
    assert opened.nav._buttons["teacher"].accessibleDescription() == "running"


def test_a_failed_job_is_told_with_its_remedy_and_its_details(opened: Window, qtbot: Any) -> None:
    run = add_run(opened)
    qtbot.waitUntil(lambda: sees(opened, run, "running"))
    end_run(opened, run, "failed", "The key is not accepted.", "Check the key.")
    qtbot.waitUntil(lambda: bool(bars(opened)))
    (bar,) = bars(opened)
    assert "The key is not accepted." in bar.text.text()
    assert bar.hint.text() == "Check the key."
    assert opened.nav._buttons["teacher"].accessibleDescription() == "failed"
    press(bar, qtbot, "Details")
    qtbot.waitUntil(lambda: bool(opened.findChildren(JobSheet)))
    (sheet,) = opened.findChildren(JobSheet)
    assert "The key is not accepted." in sheet.details.source()
    press(sheet, qtbot, "Go to Teacher")
    assert opened.nav.current_key() == "teacher"
    assert opened.nav._buttons["teacher"].accessibleDescription() != "failed", "seen"


@pytest.mark.parametrize(("later", "offered"), [("failed", True), ("done", False)])
def test_a_run_offers_to_be_resumed_until_another_has_gone_on_from_it_to_its_end(
    opened: Window, qtbot: Any, later: str, offered: bool
) -> None:
    first = add_run(opened, "train", "interrupted")
    second = add_run(opened, "train", later, resumed=first.id)
    qtbot.waitUntil(lambda: sees(opened, second, later))
    opened.show_job(first.id)
    qtbot.waitUntil(lambda: bool(opened.findChildren(JobSheet)))
    (sheet,) = opened.findChildren(JobSheet)
    assert any(button.text() == "Resume" for button in sheet.findChildren(QPushButton)) == offered
    sheet.close()


def test_a_failure_that_the_page_in_front_tells_itself_is_told_once(
    opened: Window, qtbot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SecondPage, "says_ends", True)
    opened.go_to("teacher")
    first, other = add_run(opened, title="First"), add_run(opened, title="Other")
    qtbot.waitUntil(lambda: sees(opened, first, "running") and sees(opened, other, "running"))
    end_run(opened, other, "failed", "No.")
    qtbot.waitUntil(lambda: bool(bars(opened)))  # while another one goes on, the page may look after that one
    opened.message_area().clear()
    end_run(opened, first, "failed", "The key is not accepted.")
    qtbot.waitUntil(lambda: sees(opened, first, "failed"))
    assert not bars(opened)
    assert "The key is not accepted." in texts(opened.strip), "the list of jobs has it all the same"


def test_a_failure_told_elsewhere_goes_once_its_own_page_has_told_it(
    opened: Window, qtbot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = add_run(opened)
    qtbot.waitUntil(lambda: sees(opened, run, "running"))
    end_run(opened, run, "failed", "The key is not accepted.")
    qtbot.waitUntil(lambda: bool(bars(opened)))
    opened.go_to("teacher")
    opened.go_to("data")
    assert bars(opened), "the page of the step does not say it"
    monkeypatch.setattr(SecondPage, "says_ends", True)
    opened.go_to("teacher")
    opened.go_to("data")
    assert not bars(opened)


def test_a_job_that_is_done_gets_a_toast_only(opened: Window, qtbot: Any) -> None:
    run = add_run(opened)
    qtbot.waitUntil(lambda: sees(opened, run, "running"))
    end_run(opened, run, "done")
    qtbot.waitUntil(lambda: bool(opened.findChildren(Toast)))
    assert not bars(opened)


def test_jobs_that_only_serve_a_dialog_are_not_listed(opened: Window, qtbot: Any) -> None:
    add_run(opened, kind="preview")
    run = add_run(opened)
    qtbot.waitUntil(lambda: sees(opened, run, "running"))
    assert opened.session is not None
    assert [r.kind for r in opened.session.feed.runs] == ["generate"]


def test_stop_in_the_strip_asks_the_worker_to_stop(opened: Window, qtbot: Any) -> None:
    run = add_run(opened)
    session = opened.session
    assert session is not None
    qtbot.waitUntil(lambda: sees(opened, run, "running"))
    qtbot.mouseClick(opened.strip.stop, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: sees(opened, run, "stopping"))
    assert session.project.jobs.folder(run.id).asked("stop")


def test_pause_and_resume_in_the_strip(opened: Window, qtbot: Any) -> None:
    run = add_run(opened)
    qtbot.waitUntil(lambda: sees(opened, run, "running"))
    qtbot.mouseClick(opened.strip.pause, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: sees(opened, run, "paused"))
    qtbot.mouseClick(opened.strip.pause, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: sees(opened, run, "running"))


def test_a_waiting_job_can_be_moved_up(opened: Window, qtbot: Any) -> None:
    waiting = [add_run(opened, state="queued", title=f"Wait {i}") for i in range(3)]
    qtbot.waitUntil(lambda: sees(opened, waiting[2], "queued"))
    opened.strip.set_expanded(True)
    opened.strip.move_asked.emit(waiting[2].id, -1)
    session = opened.session
    assert session is not None
    wanted = [waiting[0].id, waiting[2].id, waiting[1].id]
    qtbot.waitUntil(lambda: [run.id for run in runs.queue(session.project.store.reader, "network")] == wanted)


# -- closing ----------------------------------------------------------------------------------


def test_closing_while_a_job_runs_asks_and_can_be_called_off(
    opened: Window, qtbot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = add_run(opened)
    qtbot.waitUntil(lambda: sees(opened, run, "running"))
    monkeypatch.setattr(closing, "ask", lambda parent, live: ("stay", True))
    opened.close()
    assert opened.isVisible()
    assert opened.session is not None


def test_closing_lets_the_job_go_on(
    opened: Window, qtbot: Any, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = add_run(opened)
    qtbot.waitUntil(lambda: sees(opened, run, "running"))
    assert opened.session is not None
    folder = opened.session.project.folder
    asked: list[str] = []
    monkeypatch.setattr(closing, "ask", lambda parent, live: asked.extend(r.id for r in live) or ("go-on", False))
    opened.close()
    assert asked == [run.id]
    assert not opened.isVisible()
    assert settings.ask_on_close is False
    project = Project.open(folder)
    assert not project.jobs.folder(run.id).asked("stop")
    project.close()


def test_closing_can_stop_the_jobs(opened: Window, qtbot: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    run = add_run(opened)
    qtbot.waitUntil(lambda: sees(opened, run, "running"))
    assert opened.session is not None
    jobs = opened.session.project.jobs
    monkeypatch.setattr(closing, "ask", lambda parent, live: ("stop", True))
    opened.close()
    assert jobs.folder(run.id).asked("stop")


def test_a_full_disk_that_keeps_jobs_from_being_stopped_keeps_the_window_open_and_is_told(
    opened: Window, qtbot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = add_run(opened)
    qtbot.waitUntil(lambda: sees(opened, run, "running"))
    assert opened.session is not None

    def full(run_id: str) -> None:
        raise ResourceError("The disk is full.", "Free some space.")

    monkeypatch.setattr(closing, "ask", lambda parent, live: ("stop", True))
    with monkeypatch.context() as patch:
        patch.setattr(opened.session.project.jobs, "stop", full)
        opened.close()
    assert opened.isVisible()
    (bar,) = bars(opened)
    assert bar.hint.text() == "The disk is full. Free some space."


def test_the_window_does_not_wait_for_what_waits_for_a_job(opened: Window, qtbot: Any) -> None:
    run = add_run(opened)
    qtbot.waitUntil(lambda: sees(opened, run, "running"))
    assert opened.session is not None
    jobs = opened.session.project.jobs
    opened.session.bridge.run(lambda: jobs.wait(run.id, 30))
    opened.setProperty("unasked", True)
    began = time.monotonic()
    opened.close()
    assert time.monotonic() - began < 15


def test_without_jobs_nothing_is_asked(opened: Window, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(closing, "ask", lambda parent, live: pytest.fail("asked"))
    opened.close()
    assert not opened.isVisible()


def test_a_job_whose_worker_died_while_the_window_was_closed_is_told(
    window: Window, make_project: Callable[..., Path], qtbot: Any
) -> None:
    folder = make_project()
    project = Project.open(folder)

    def add(tx: Any) -> Run:
        run = runs.add(tx, kind="generate", title="Generate 10 rationales", lane="gpu", spec={}, context={})
        runs.set_state(tx, run.id, "running")
        return run

    run = project.store.write_now(add)
    job = project.jobs.folder(run.id)
    job.control.mkdir(parents=True)
    job.state.write_text(json.dumps({"pid": 2**22 + 7, "pid_started": 1.0}), "utf-8")
    project.close()
    window.open_folder(folder)
    qtbot.waitUntil(lambda: bool(bars(window)), timeout=OPEN_MS)
    assert "was interrupted" in bars(window)[0].text.text()
