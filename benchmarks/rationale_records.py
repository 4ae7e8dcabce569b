"""Finished runs of the signal test in a file, one JSON object a line, so that an interruption loses none of them.

Each says how it was made (torch, processor, commit); the first hundred do not.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any


@cache
def made() -> dict[str, str]:
    """What a run hangs on beside its key, here and now: ``torch``, ``processor``, ``commit``; "" for what is unknown.

    The commit ends in "-dirty" where files differ from it.
    """
    return {"torch": version("torch"), "processor": _processor(), "commit": _commit()}


def made_otherwise(records: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Those that were not made as a run would be now, or do not say how."""
    return [record for record in records if record.get("made") != made()]


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.is_file():
        for line in cpuinfo.read_text("utf-8", errors="replace").splitlines():
            name, _, value = line.partition(":")
            if name.strip() == "model name":
                return value.strip()
    return platform.processor()


def _commit() -> str:
    command = ["git", "describe", "--always", "--dirty", "--exclude=*"]
    try:
        done = subprocess.run(
            command, cwd=Path(__file__).parent, capture_output=True, text=True, timeout=60, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip()


def read(path: Path) -> list[dict[str, Any]]:
    """Whole lines only: one that an interruption has cut is left out, and that run is done again."""
    if not path.is_file():
        return []
    found = []
    for line in path.read_text("utf-8").splitlines():
        try:
            found.append(json.loads(line))
        except ValueError:
            continue
    return found


def append(path: Path, record: Mapping[str, Any]) -> None:
    """On the disk when this returns. A torn last line is closed first."""
    with path.open("a+b") as file:
        if file.tell() and not _ends_a_line(path):
            file.write(b"\n")
        file.write(json.dumps(record, ensure_ascii=False).encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())


def _ends_a_line(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"


def packed(right: list[bool]) -> str:
    """A hex digit for four rows."""
    bits = "".join("01"[one] for one in right)
    return f"{int(bits, 2):0{-(-len(bits) // 4)}x}"


def unpacked(text: str, n: int) -> list[bool]:
    return [bit == "1" for bit in f"{int(text, 16):0{n}b}"]
