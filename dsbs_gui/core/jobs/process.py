"""Worker processes: starting one detached, knowing whether it lives, ending its session."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import psutil

import dsbs_gui

from .folder import RunFolder
from .identity import start_mark

START_TOLERANCE_S = 2.0
_NEW_GROUP_WITHOUT_WINDOW = 0x200 | 0x08000000  # Windows flags; subprocess names them there only


Child = subprocess.Popen[bytes]
WORKER = (sys.executable, "-m", "dsbs_gui", "worker")


def launch(folder: RunFolder, secrets: Mapping[str, str], command: Sequence[str] = WORKER) -> Child:
    """Start ``command <folder>`` in a session of its own; it outlives us. Our own keys go to no job but as secrets."""
    package_root = str(Path(dsbs_gui.__file__).resolve().parent.parent)
    paths = [package_root, *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    own = {name: value for name, value in os.environ.items() if not name.startswith("DSBS_") or "KEY" not in name}
    environment = own | {"PYTHONPATH": os.pathsep.join(paths), "PYTHONUTF8": "1"} | dict(secrets)
    command = [*command, str(folder.path)]
    with folder.log.open("ab") as log:
        if os.name == "nt":
            flags = _NEW_GROUP_WITHOUT_WINDOW
            return subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=environment,
                creationflags=flags,
            )
        return subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment, start_new_session=True
        )


def alive(state: Mapping[str, object]) -> bool:
    """Whether the process that wrote this ``state.json`` still runs (same pid *and* start)."""
    pid = state.get("pid")
    if not isinstance(pid, int):
        return False
    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return False
        return _started_then(process, state)
    except psutil.Error:
        return False


def _started_then(process: psutil.Process, state: Mapping[str, object]) -> bool:
    """Told by the system's mark where worker and we have it; else by the clock, which may have been set since."""
    mark, started = state.get("pid_mark"), state.get("pid_started")
    if mark and (found := start_mark(process.pid)):
        return found == mark
    return not isinstance(started, int | float) or abs(process.create_time() - started) < START_TOLERANCE_S


def end_session(pid: int, *, hard: bool) -> None:
    """Ask (or, ``hard``, make) a worker and its children end."""
    if os.name == "nt":
        _end_tree(pid)
        return
    with contextlib.suppress(ProcessLookupError, PermissionError):  # it may have ended by itself
        os.killpg(pid, signal.SIGKILL if hard else signal.SIGTERM)


def _end_tree(pid: int) -> None:
    with contextlib.suppress(psutil.Error):  # it may have ended by itself
        process = psutil.Process(pid)
        for child in (*process.children(recursive=True), process):
            child.kill()


def how_it_ended(returncode: int | None) -> str:
    """A sentence about the way a worker went."""
    if returncode is None:
        return "The worker is no longer there."
    if returncode < 0:
        try:
            name = signal.Signals(-returncode).name
        except ValueError:
            name = str(-returncode)
        if name == "SIGKILL":
            return "The worker was killed (SIGKILL): by somebody, or by the system when memory ran out."
        return f"The worker crashed ({name})."
    return f"The worker ended without a result (exit code {returncode})."
