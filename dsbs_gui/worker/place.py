"""Which of several processes of a job this one is, and whose session it lives in. Standard library only."""

from __future__ import annotations

import os
import threading

LAUNCHER = "DSBS_LAUNCHER_PID"


def place() -> tuple[int, int]:
    """``(rank, of how many)`` of this process, as its launcher says; (0, 1) if it is alone."""
    try:
        rank, world = int(os.environ["RANK"]), int(os.environ["WORLD_SIZE"])
    except (KeyError, ValueError):
        return 0, 1
    return (rank, world) if world > 1 else (0, 1)


def die_with_launcher() -> None:
    """End this process when the one that launched it ends: its end of our standard input closes then."""
    if LAUNCHER in os.environ:
        threading.Thread(target=_wait_for_the_end, name="launcher", daemon=True).start()


def session_pid() -> int:
    """Whose session this is: the launcher's, or our own."""
    return int(os.environ.get(LAUNCHER, os.getpid()))


def _wait_for_the_end() -> None:
    while os.read(0, 4096):  # not through sys.stdin, whose lock would be held when the interpreter ends
        pass
    os._exit(1)
