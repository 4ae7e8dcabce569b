"""Telling a process from a later one with the same number by what setting a clock does not change.

Linux alone tells it. Standard library only: worker and owner must find the same.
"""

from __future__ import annotations

from pathlib import Path

_PROC = Path("/proc")
_STARTTIME = 22 - 3
"""Place of the start time in ``/proc/PID/stat`` behind the name, which is the second field and may hold anything."""


def start_mark(pid: int) -> str:
    """The boot, and the clock tick of it, in which a process started; "" where the system does not tell."""
    try:
        boot = (_PROC / "sys/kernel/random/boot_id").read_text("ascii").strip()
        fields = (_PROC / str(pid) / "stat").read_bytes().rpartition(b")")[2].split()
        return f"{boot} {int(fields[_STARTTIME])}"
    except (OSError, ValueError, IndexError):
        return ""
