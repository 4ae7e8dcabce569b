"""The real program, started as a person starts it: what it shows, how soon, and what it has not loaded."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dsbs_gui.app.main import HEAVY, display_problem, main


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """An empty home in which the start page is what opens."""
    names = ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME")
    home = {name: str(tmp_path / name.lower()) for name in names}
    settings = tmp_path / "xdg_config_home" / "dsbs-studio" / "settings.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text('[projects]\nrecent = ["/nowhere/gone"]\n', "utf-8")
    return dict(os.environ) | home | {"QT_QPA_PLATFORM": "offscreen"}


def start(environment: dict[str, str], *arguments: str) -> list[dict[str, Any]]:
    command = [sys.executable, "-m", "dsbs_gui.app.main", "--exit-when-shown", *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=90)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_the_window_is_there_before_anything_slow_is_loaded(environment: dict[str, str]) -> None:
    painted, done = start(environment)
    assert "page_at" not in painted, "the window does not wait for its page"
    assert done["page"] == "start"
    assert done["heavy"] == []


def test_a_project_opens_without_anything_heavy(
    environment: dict[str, str], make_project: Callable[..., Path], tmp_path: Path
) -> None:
    done = start(environment, str(make_project()))[-1]
    assert done["page"] == "data"
    assert done["heavy"] == []
    log = (tmp_path / "xdg_state_home" / "dsbs-studio" / "log" / "dsbs-gui.log").read_text("utf-8")
    assert "not caught" not in log


def test_the_first_start_makes_and_opens_the_sample_project(environment: dict[str, str], tmp_path: Path) -> None:
    settings = tmp_path / "xdg_config_home" / "dsbs-studio" / "settings.toml"
    settings.unlink()
    done = start(environment)[-1]
    assert done["page"] == "data"
    assert set(done["heavy"]) <= {"sqlite_utils"}, "a new database is made by its migrations"
    assert "sample-project" in settings.read_text("utf-8")
    assert (tmp_path / "xdg_data_home" / "dsbs-studio" / "sample-project" / "project.db").is_file()


def test_a_project_that_is_gone_leads_to_the_start_page(environment: dict[str, str], tmp_path: Path) -> None:
    assert start(environment, str(tmp_path / "gone"))[-1]["page"] == "start"


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGTERM to catch")
def test_a_terminated_window_lets_go_of_its_project(
    environment: dict[str, str], make_project: Callable[..., Path]
) -> None:
    folder = make_project()
    code = (
        "import sys; from PySide6.QtCore import QTimer; from dsbs_gui.app import window;"
        "shown = window.Window.go_to;"
        "window.Window.go_to = lambda self, key: (shown(self, key), print('open', flush=True));"
        "from dsbs_gui.app.main import main; sys.exit(main([sys.argv[1]]))"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(folder)], env=environment, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        assert select.select([process.stdout], [], [], 60)[0], "the project was never opened"
        assert process.stdout.readline() == "open\n"
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
    finally:
        process.kill()
        process.communicate()
    assert not (folder / "project.db-wal").exists(), "closed in its own way"


def test_a_crash_of_native_code_leaves_its_stack_and_the_next_start_keeps_it(
    environment: dict[str, str], tmp_path: Path
) -> None:
    code = "import os; from dsbs_gui.app import main; main.begin = lambda *_: os.abort(); main.main([])"
    crashed = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, timeout=90)
    assert crashed.returncode != 0
    log = tmp_path / "xdg_state_home" / "dsbs-studio" / "log"
    stack = (log / "native-crash.log").read_text("utf-8")
    assert "Aborted" in stack
    assert "main.py" in stack
    start(environment)
    assert (log / "native-crash-before.log").read_text("utf-8") == stack
    assert not (log / "native-crash.log").read_text("utf-8")


def test_without_a_display_it_says_so_and_names_the_way_out(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    assert "no display" in display_problem()
    assert main([]) == 2
    assert "dsbs demo" in capsys.readouterr().err


def test_the_list_of_heavy_modules_has_those_that_the_design_names() -> None:
    assert {"torch", "transformers", "datasets", "pandas", "llama_cpp", "pyqtgraph"} <= set(HEAVY)
