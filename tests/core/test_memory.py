"""Memory that is freed goes back to the system. In a process of its own: nobody else may allocate meanwhile."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

_RESIDENT = """
import psutil
from dsbs_gui.core.memory import give_large_blocks_back
{first}
mb = lambda: psutil.Process().memory_info().rss >> 20
bytearray(b"x" * 30_000_000)  # freed at once: from here on glibc would keep blocks of that size for itself
before = mb()
large = [bytearray(b"x" * 8_000_000) for _ in range(6)]
small = bytes(100_000)  # behind them, and still needed
del large
print(mb() - before)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc keeps large blocks")
def test_large_blocks_go_back_to_the_system() -> None:
    def grown(first: str) -> int:
        done = subprocess.run(
            [sys.executable, "-c", _RESIDENT.format(first=first)], capture_output=True, text=True, check=True
        )
        return int(done.stdout)

    assert grown("") > 30  # else this shows nothing
    assert grown("give_large_blocks_back()") < 5
