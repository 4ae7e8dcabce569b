"""S1: an API key, given in every way there is, stands in no file, log, export, message or command line.

It may be in the memory of the program, in the environment of the worker that asks the server (and of a command that
was given it in its own environment), and in the header of a request: nowhere else. The key looks like no other, so
that nothing is found by its looks; logs are written at their most talkative.
"""

from __future__ import annotations

import logging
import os
import secrets
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import pytest
import structlog
from PySide6.QtCore import QSettings

from dsbs_gui.core import log
from dsbs_gui.core.jobs.folder import RunFolder
from dsbs_gui.core.store import runs
from tests.steps.teacher.fault_server import FaultServer, answer, serving, status
from tests.steps.teacher.working import sums

from .conftest import OpenWindow

pytestmark = pytest.mark.timeout(300)
ROWS, BEFORE_THE_LOOK = 12, 5
LONG_MS = 120_000
TALKATIVE = """
import logging, sys
from dsbs_gui.app import cli
from dsbs_gui.core import log
real = log.set_up
log.set_up = lambda folder: real(folder, level=logging.DEBUG)
sys.exit(cli.main(sys.argv[1:]))
"""


@dataclass
class Canary:
    """A key of its own for each test, and where it was seen."""

    key: str = field(default_factory=lambda: f"canary{secrets.token_hex(16)}")
    go_on: threading.Event = field(default_factory=threading.Event)
    n_asked: int = 0

    def server_mode(self, handler: Any, body: dict[str, Any]) -> None:
        """A server that repeats the key in good and bad replies, and waits in the middle until all was looked at."""
        self.n_asked += 1
        if self.n_asked == BEFORE_THE_LOOK:
            self.go_on.wait(60)
        said = f"Your key is {handler.headers['Authorization']}. "
        if self.n_asked == 2:
            status(400, said)(handler, body)
        else:
            answer(f"{said}The answer is 1.")(handler, body)

    def files(self, *folders: Path) -> list[Path]:
        """Files under the folders that hold the key, in any of the usual writings."""
        writings = [self.key.encode(coding) for coding in ("utf-8", "utf-16-le", "utf-16-be")]
        found = []
        for folder in folders:
            for file in folder.rglob("*"):
                if file.is_file() and any(writing in file.read_bytes() for writing in writings):
                    found.append(file)
        return found

    def processes(self) -> tuple[set[int], set[int]]:
        """Processes that show it in their command line, and those that hold it in their environment."""
        lines, environments = set(), set()
        for process in psutil.process_iter():
            try:
                if any(self.key in part for part in process.cmdline()):
                    lines.add(process.pid)
                if self.key in process.environ().values():
                    environments.add(process.pid)
            except (psutil.Error, OSError):
                continue
        return lines, environments


@pytest.fixture
def canary() -> Canary:
    return Canary()


@pytest.fixture
def server(canary: Canary) -> Iterator[FaultServer]:
    with serving(canary.server_mode) as made:
        yield made
        canary.go_on.set()


@pytest.fixture
def talkative_log(tmp_path: Path) -> Iterator[None]:
    log.set_up(tmp_path / "log", level=logging.DEBUG)
    yield
    root = logging.getLogger()
    for handler in [handler for handler in root.handlers if getattr(handler, "dsbs", False)]:
        root.removeHandler(handler)
        handler.close()
    root.setLevel(logging.WARNING)
    structlog.reset_defaults()


def worker_of(project: Path) -> int:
    (run,) = (project / "runs").glob("generate-*")
    return int(RunFolder(run).read_state()["pid"])


def test_the_command_line_keeps_a_key_of_the_environment_to_itself(
    canary: Canary, server: FaultServer, tmp_path: Path
) -> None:
    project = tmp_path / "sums"
    sums(project, ROWS).close()
    homes = {name: str(tmp_path / name.lower()) for name in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME")}
    homes |= {name: str(tmp_path / name.lower()) for name in ("XDG_STATE_HOME", "XDG_CACHE_HOME")}
    environment = os.environ | homes | {"DSBS_API_KEY": canary.key}
    said = []

    def dsbs(*arguments: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", TALKATIVE, *arguments]
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)

    with dsbs("generate", str(project), "--teacher", server.address, "--parallel", "1", "--json") as generate:
        while canary.n_asked < BEFORE_THE_LOOK:
            assert generate.poll() is None, generate.communicate()
            threading.Event().wait(0.05)
        lines, environments = canary.processes()
        assert lines == set()
        assert environments == {generate.pid, worker_of(project)}
        assert canary.files(tmp_path) == []
        canary.go_on.set()
        said += generate.communicate(timeout=120)
        assert generate.returncode == 0, said
    server.modes = [status(401, f"no such key: {canary.key}")]
    for arguments in (
        ("generate", str(project), "--teacher", server.address, "--only-failed", "--json"),
        ("export-data", str(project), str(tmp_path / "out.jsonl"), "--format", "jsonl"),
        ("check-teacher", str(project), "--json"),
        ("jobs", str(project), "--json"),
        ("doctor", "--json"),
    ):
        with dsbs(*arguments) as command:
            said += command.communicate(timeout=120)
    assert {headers["Authorization"] for headers in server.headers} == {f"Bearer {canary.key}"}, "it was really used"
    assert "does not accept the key" in " ".join(said)
    assert canary.key not in " ".join(said)
    assert canary.files(tmp_path) == []
    assert (tmp_path / "out.jsonl").read_text().count("[removed]") > 0, "what the server repeated was taken out"
    assert list(tmp_path.rglob(log.FILE)), "there is a log that was searched"


@pytest.mark.usefixtures("talkative_log")
def test_the_window_keeps_a_typed_key_to_itself(
    canary: Canary, server: FaultServer, open_window: OpenWindow, tmp_path: Path, qtbot: Any, capfd: Any
) -> None:
    project = tmp_path / "sums"
    sums(project, ROWS).close()
    window = open_window(project)
    window.go_to("teacher")
    assert window.session is not None
    db = window.session.project.store.reader
    view: Any = window.session.page("teacher")
    ask = view.view("ask")
    ask.teacher.choose("server", server.address)
    ask.teacher.server.requests.setValue(0)
    qtbot.waitUntil(ask.generate_button.isEnabled, timeout=LONG_MS)
    ask.teacher.key.edit.setText(canary.key)
    ask.teacher.key.edit.editingFinished.emit()
    qtbot.waitUntil(lambda: not ask.teacher.key.edit.text(), timeout=LONG_MS)
    qtbot.waitUntil(ask.generate_button.isEnabled, timeout=LONG_MS)
    ask.generate_button.click()
    qtbot.waitUntil(lambda: canary.n_asked >= BEFORE_THE_LOOK, timeout=LONG_MS)
    lines, environments = canary.processes()
    assert lines == set()
    assert environments == {worker_of(project)}
    canary.go_on.set()
    qtbot.waitUntil(lambda: [run.live for run in runs.all_runs(db, "generate")] == [False], timeout=LONG_MS)
    server.modes = [status(401, f"no such key: {canary.key}")]
    ask.refresh()
    qtbot.waitUntil(lambda: ask.form.isVisible() and not ask.run.is_live, timeout=LONG_MS)
    ask.form.choose_failed()
    ask.generate()
    qtbot.waitUntil(lambda: [run.state for run in runs.all_runs(db, "generate")] == ["failed", "done"], timeout=LONG_MS)
    qtbot.waitUntil(lambda: bool(ask.messages.bars()), timeout=LONG_MS)
    assert {headers["Authorization"] for headers in server.headers} == {f"Bearer {canary.key}"}, "it was really used"
    assert canary.key not in " ".join(_texts(window))
    qtbot.waitUntil(lambda: bool(list(tmp_path.rglob(log.FILE))))
    window.close()
    assert canary.files(tmp_path, Path(QSettings().fileName()).parent, *_homes()) == []
    assert canary.key not in "".join(capfd.readouterr())
    assert canary.key not in os.environ.values()


def _homes() -> list[Path]:
    return [Path(value) for name, value in os.environ.items() if name.startswith("XDG_") and name.endswith("_HOME")]


def _texts(window: Any) -> list[str]:
    """Everything that stands in the window."""
    from PySide6.QtWidgets import QLabel, QLineEdit, QPlainTextEdit

    texts = [label.text() for label in window.findChildren(QLabel)]
    texts += [line.text() for line in window.findChildren(QLineEdit)]
    texts += [line.toolTip() for line in window.findChildren(QLineEdit)]
    return texts + [edit.toPlainText() for edit in window.findChildren(QPlainTextEdit)]
