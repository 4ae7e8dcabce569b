"""What the program asks of the C library's memory, so that what is no longer needed goes back to the system."""

from __future__ import annotations

import contextlib
import ctypes
import functools
import sys

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
