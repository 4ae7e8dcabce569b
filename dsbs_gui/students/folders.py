"""Folders that are whole or absent: a temporary sibling, a manifest, fsync, rename.

A folder counts only if its manifest agrees with its files; names and dates are never trusted.
Standard library only.
"""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Callable
from pathlib import Path

from dsbs_gui.core.files import read_json, sha256, sync_folder, write_json

MANIFEST = "manifest.json"
UNFINISHED = ".unfinished-"


def write_folder(target: Path, fill: Callable[[Path], None]) -> None:
    """Make ``target`` in one step from what ``fill`` writes into an empty folder.

    An older ``target`` is replaced. A crash leaves the old folder, the new one, or (for an instant
    in between) none, and a ``.unfinished-`` folder that :func:`clear_unfinished` removes.
    Raises whatever ``fill`` raises, and OSError; ``target`` is then untouched.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.parent / f"{UNFINISHED}{target.name}-{secrets.token_hex(4)}"
    unfinished.mkdir()
    try:
        fill(unfinished)
        names = sorted(path.relative_to(unfinished).as_posix() for path in unfinished.rglob("*") if path.is_file())
        for name in names:
            _sync(unfinished / name)
        entries = {n: {"size": (unfinished / n).stat().st_size, "sha256": sha256(unfinished / n)} for n in names}
        write_json(unfinished / MANIFEST, {"files": entries})
        if target.exists():
            shutil.rmtree(target)
        os.replace(unfinished, target)
    except BaseException:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise
    sync_folder(target.parent)


def is_whole(folder: Path) -> bool:
    """Whether every file that the manifest names is there with its size and sha256."""
    manifest = read_json(folder / MANIFEST)
    entries = manifest.get("files") if isinstance(manifest, dict) else None
    if not isinstance(entries, dict) or not entries:
        return False
    try:
        if any((folder / name).stat().st_size != entry["size"] for name, entry in entries.items()):
            return False
        return all(sha256(folder / name) == entry["sha256"] for name, entry in entries.items())
    except (OSError, KeyError, TypeError):
        return False


def clear_unfinished(parent: Path) -> None:
    """Remove what a killed :func:`write_folder` left behind."""
    if parent.is_dir():
        for path in parent.iterdir():
            if path.name.startswith(UNFINISHED):
                shutil.rmtree(path, ignore_errors=True)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
