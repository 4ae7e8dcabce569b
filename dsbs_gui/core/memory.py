"""The process's memory: how much it took at most, and what it asks of the C library so that it gives back the rest."""

from __future__ import annotations

import contextlib
import ctypes
import functools
import re
import sys
from pathlib import Path

_M_MMAP_THRESHOLD = -3  # of glibc's malloc.h
_LARGE_BYTES = 1 << 20


@functools.cache
def give_large_blocks_back() -> None:
    """From now on blocks of a megabyte and more go back to the system when they are freed. Any thread.

    glibc raises this limit by itself to the largest block that was ever freed, up to 32 MB. After the first vectors of
    a million ids those that follow would lie among small blocks, in memory that stays with the program: 50 MB of it.
    Elsewhere than on glibc nothing is done.
    """
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):  # another C library
            ctypes.CDLL(None).mallopt(_M_MMAP_THRESHOLD, _LARGE_BYTES)


def peak_resident_bytes() -> int | None:
    """The most memory this process has had resident so far; None where nobody says. Any thread.

    Linux's ``ru_maxrss`` will not do: a program that is started takes over the largest figure of the process that
    starts it, and a worker would be said to have taken what the window took.
    """
    if sys.platform == "linux":
        with contextlib.suppress(OSError, ValueError):
            found = re.search(r"^VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text("ascii"), re.MULTILINE)
            if found:
                return int(found[1]) * 1024
    with contextlib.suppress(ImportError):  # Windows
        import resource

        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak if sys.platform == "darwin" else peak * 1024
    return None
