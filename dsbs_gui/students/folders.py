"""Folders that are whole or absent: a temporary sibling, a manifest, fsync, rename.

A folder counts only if its manifest agrees with its files; names and dates are never trusted.
Standard library only.
"""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path

from dsbs_gui.core.files import read_json, sha256, sync_file, sync_folder, write_json

MANIFEST = "manifest.json"
UNFINISHED = ".unfinished-"
REPLACED = ".replaced-"


def write_folder(target: Path, fill: Callable[[Path], None]) -> None:
    """Make ``target`` in one step from what ``fill`` writes into an empty folder.

    An older ``target`` is replaced. A crash leaves the old folder or the new one under its name, and what
    :func:`clear_unfinished` puts right; for an instant in between both have other names.
    Raises whatever ``fill`` raises, and OSError; ``target`` is then untouched.
    """
    _make(target.parent)
    unfinished = _beside(target, UNFINISHED)
    unfinished.mkdir()
    try:
        fill(unfinished)
        names = sorted(path.relative_to(unfinished).as_posix() for path in unfinished.rglob("*") if path.is_file())
        for name in names:
            sync_file(unfinished / name)
        for folder in (path for path in unfinished.rglob("*") if path.is_dir()):
            sync_folder(folder)
        entries = {n: {"size": (unfinished / n).stat().st_size, "sha256": sha256(unfinished / n)} for n in names}
        write_json(unfinished / MANIFEST, {"files": entries})  # its fsync of the folder covers the files' names
        _put_in_place(unfinished, target)
    except BaseException:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise


def is_whole(folder: Path, needed: Iterable[str] = ()) -> bool:
    """Whether every file that the manifest names is there with its size and sha256, those ``needed`` among them."""
    manifest = read_json(folder / MANIFEST)
    entries = manifest.get("files") if isinstance(manifest, dict) else None
    if not isinstance(entries, dict) or not entries or not set(needed) <= entries.keys():
        return False
    try:
        if any((folder / name).stat().st_size != entry["size"] for name, entry in entries.items()):
            return False
        return all(sha256(folder / name) == entry["sha256"] for name, entry in entries.items())
    except (OSError, KeyError, TypeError):
        return False


def clear_unfinished(parent: Path) -> None:
    """Put right what a killed :func:`write_folder` left behind.

    A whole folder whose name is free was on its way to it and gets it, the new one before the one it was to replace;
    all else is removed.
    """
    for prefix in (UNFINISHED, REPLACED):
        for path in sorted(parent.glob(f"{prefix}*")):
            name = path.name.removeprefix(prefix).rpartition("-")[0]
            if name and not (parent / name).exists() and is_whole(path):
                os.replace(path, parent / name)
                sync_folder(parent)
            else:
                shutil.rmtree(path, ignore_errors=True)


def _make(folder: Path) -> None:
    """A folder with those above it, so that its name survives a power loss too."""
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    for path in missing:
        sync_folder(path.parent)


def _beside(target: Path, prefix: str) -> Path:
    return target.parent / f"{prefix}{target.name}-{secrets.token_hex(4)}"


def _put_in_place(unfinished: Path, target: Path) -> None:
    """Rename, moving an older folder out of the way first: at no time is there no whole one."""
    older = _beside(target, REPLACED) if target.exists() else None
    if older is not None:
        os.replace(target, older)
    try:
        os.replace(unfinished, target)
    except OSError:
        if older is not None:
            os.replace(older, target)
        raise
    sync_folder(target.parent)
    if older is not None:
        shutil.rmtree(older, ignore_errors=True)
