"""Writing files so that a reader never sees half of one. Standard library only."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import secrets
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any


def write_atomically(path: Path, data: str | bytes, durable: bool = True) -> None:
    """Replace ``path`` by ``data`` in one step. Raises OSError; the old file is then untouched.

    Args:
        durable: also wait until the disk has it; False for heartbeats.
    """
    raw = data.encode("utf-8") if isinstance(data, str) else data
    name = path.parent / f".{path.name[:100]}-{secrets.token_hex(6)}"
    handle = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(raw)
            file.flush()
            if durable:
                os.fsync(file.fileno())
        os.replace(name, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise
    if durable:
        sync_folder(path.parent)


def sync_file(path: Path) -> None:
    """Wait until the disk has what a library wrote into a file. Raises OSError."""
    handle = os.open(path, os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sync_folder(folder: Path) -> None:
    """Make a rename in ``folder`` survive a power loss, where the system can."""
    with contextlib.suppress(OSError):  # Windows cannot open a folder
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def write_json(path: Path, value: Any, durable: bool = True) -> None:
    write_atomically(path, json.dumps(value, ensure_ascii=False, indent=1) + "\n", durable)


def read_json(path: Path) -> Any:
    """The value in ``path``; None if it is absent or not JSON (a crash may leave either)."""
    try:
        return json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return None


def read_jsonl(path: Path) -> Iterator[dict[str, Any]]:
    """Objects of a file of our own making, one a line."""
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_lines(path: Path, lines: Iterable[str]) -> int:
    """Replace ``path`` by these lines in one step, without having them all in memory; returns how many there were.

    Raises OSError; the old file is then untouched.
    """
    name = path.parent / f".{path.name[:100]}-{secrets.token_hex(6)}"
    written = 0
    try:
        with name.open("x", encoding="utf-8", newline="\n") as file:
            for line in lines:
                file.write(f"{line}\n")
                written += 1
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise
    sync_folder(path.parent)
    return written
