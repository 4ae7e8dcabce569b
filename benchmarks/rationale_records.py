"""Finished runs of the signal test in a file, one JSON object a line, so that an interruption loses none of them."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any


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
