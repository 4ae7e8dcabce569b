"""How a worker speaks: events appended to ``events.jsonl``, signs of life in ``state.json``."""

from __future__ import annotations

import contextlib
import errno
import os
import threading
import time
from collections.abc import Callable
from typing import Any

from dsbs_gui.core.failures import FULL
from dsbs_gui.core.files import write_json
from dsbs_gui.core.jobs.folder import RunFolder
from dsbs_gui.core.jobs.identity import start_mark
from dsbs_gui.core.protocol import Event, Message, Progress, encode

from .place import session_pid

HEARTBEAT_S = 1.0
FULL_DISK_RETRY_S = 2.0


class Channel:
    """Writes events in order. Used by the job's thread; the heartbeat has its own."""

    def __init__(self, folder: RunFolder) -> None:
        self._folder = folder
        self._file = open(folder.events, "ab", buffering=0)  # noqa: SIM115  # closed by close()
        self._end = self._file.seek(0, os.SEEK_END)
        self._seq, whole = _written(folder)
        if not whole:  # a worker was killed inside a line: ours must not be joined to it
            self._append(b"\n")
        self.stop_flag = threading.Event()
        self.progress: Progress | None = None

    def emit(self, message: Message) -> None:
        """Append one event. While the disk is full it waits: results are not thrown away."""
        self._seq += 1
        if isinstance(message, Progress):
            self.progress = message
        line = (encode(Event(self._seq, time.time(), message)) + "\n").encode("utf-8", "backslashreplace")
        while not self._append(line):
            if self.should_stop():
                raise OSError(errno.ENOSPC, "the disk is full", str(self._folder.events))
            time.sleep(FULL_DISK_RETRY_S)
        if message.durable:
            os.fsync(self._file.fileno())

    def _append(self, line: bytes) -> bool:
        """Whole or not at all: what a full disk took of a line is cut off again."""
        try:
            if self._file.write(line) == len(line):
                self._end += len(line)
                return True
        except OSError as error:
            if error.errno not in FULL:
                raise
        self._file.truncate(self._end)
        self._file.seek(self._end)
        return False

    def close(self) -> None:
        self._file.close()

    def should_stop(self) -> bool:
        """True once the user, or SIGTERM, wants an end. Blocks while the job is paused."""
        while self._folder.asked("pause") and not self._wants_end():
            time.sleep(0.1)
        return self._wants_end()

    def _wants_end(self) -> bool:
        return self.stop_flag.is_set() or self._folder.asked("stop")


def _written(folder: RunFolder) -> tuple[int, bool]:
    """How many lines an earlier worker wrote into this folder, and whether the last one is whole."""
    lines, last = 0, b"\n"
    with folder.events.open("rb") as file:
        for last in file:  # noqa: B007  # the last one is looked at
            lines += 1
    return lines, last.endswith(b"\n")


class Heartbeat(threading.Thread):
    """Replaces ``state.json`` every second, whatever the job does."""

    def __init__(self, folder: RunFolder, progress: Callable[[], Progress | None]) -> None:
        super().__init__(name="heartbeat", daemon=True)
        self._folder = folder
        self._progress = progress
        self._done = threading.Event()
        pid = session_pid()
        self._identity: dict[str, Any] = {"pid": pid, "pid_started": _started(pid), "pid_mark": start_mark(pid)}

    def beat(self) -> None:
        progress = self._progress()
        at = {} if progress is None else {"phase": progress.phase, "done": progress.done, "total": progress.total}
        try:
            write_json(self._folder.state, self._identity | {"heartbeat": time.time()} | at, durable=False)
        except OSError:  # a full disk must not end the work, nor make us look dead; the pid stays what it was
            with contextlib.suppress(OSError):
                os.utime(self._folder.state)

    def run(self) -> None:
        while not self._done.wait(HEARTBEAT_S):
            self.beat()

    def end(self) -> None:
        self._done.set()
        self.beat()


def _started(pid: int) -> float | None:
    """When a process began; None on a bare machine without psutil (then the pid alone counts)."""
    try:
        import psutil
    except ImportError:
        return None
    return float(psutil.Process(pid).create_time())
