"""What the process takes and gives back. In processes of their own: nobody else may allocate meanwhile."""

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


_STARTED_BY_A_LARGE_ONE = """
import subprocess, sys
large = b"x" * 400_000_000
sys.exit(subprocess.call([sys.executable, "-c", sys.argv[1]]))
"""
_PEAK = """
from dsbs_gui.core.memory import peak_resident_bytes
{first}
print(peak_resident_bytes())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only on Linux a program takes over the figure of who started it")
def test_the_peak_is_the_processs_own_whoever_started_it() -> None:
    def peak(first: str) -> int:
        command = [sys.executable, "-c", _STARTED_BY_A_LARGE_ONE, _PEAK.format(first=first)]
        return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)

    assert 1_000_000 < peak("") < 200_000_000
    assert 300_000_000 < peak('del [b"x" * 300_000_000][0]') < 500_000_000
