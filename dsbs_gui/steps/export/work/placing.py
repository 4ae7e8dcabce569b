"""Putting an export where the user wants it: whole or not at all, and never over something that is not ours."""

from __future__ import annotations

import os
import secrets
import shutil
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dsbs_gui.core.errors import ResourceError, UserError
from dsbs_gui.core.files import read_json, sha256, sync_folder, write_json

if TYPE_CHECKING:
    from collections.abc import Iterator

MANIFEST = "manifest.json"
MADE_BY = "DSBS Studio"


@contextmanager
def new_folder(out: Path) -> Iterator[Path]:
    """An empty folder beside ``out`` that takes its place when the block ends well; removed when it does not.

    Raises:
        UserError: if ``out`` holds anything that is not an unchanged export of ours.
        ResourceError: for a full or read-only disk.
    """
    check_free(out)
    staging = _sibling(out)
    with _machine_faults(out):
        staging.mkdir(parents=True)
        try:
            yield staging
            sync_tree(staging)
            _replace_folder(staging, out)
        finally:
            shutil.rmtree(staging, ignore_errors=True)


@contextmanager
def new_file(out: Path) -> Iterator[Path]:
    """The same for a single file, whose manifest stands beside it as ``<name>.manifest.json``."""
    check_free(out)
    staging = _sibling(out)
    with _machine_faults(out):
        out.parent.mkdir(parents=True, exist_ok=True)
        try:
            yield staging
            _sync(staging)
            staging.replace(out)
            sync_folder(out.parent)
        finally:
            staging.unlink(missing_ok=True)


def check_free(out: Path) -> None:
    """Raises UserError unless ``out`` is free, empty, or an earlier export of ours that nobody touched."""
    if not out.name or out.name in (".", ".."):
        raise UserError(f"“{out}” is no name for an export.", "Choose a new file or folder.")
    if not out.exists():
        return
    if out.is_file():
        entries = _entries(beside(out))
        ours = entries.get(out.name, {}).get("sha256") == sha256(out)
    else:
        names = [path.relative_to(out).as_posix() for path in out.rglob("*") if not path.is_dir()]
        entries = _entries(out / MANIFEST)
        ours = all(name == MANIFEST or _unchanged(out / name, entries.get(name)) for name in names)
    if not ours:
        raise UserError(
            f"{out} exists already and holds files that are not from an earlier export, or were changed since.",
            "Choose another name, or move them away. Nothing was changed.",
        )


def beside(out: Path) -> Path:
    return out.with_name(f"{out.name}.{MANIFEST}")


def file_entries(folder: Path) -> dict[str, dict[str, Any]]:
    """Size in bytes and SHA-256 of each file under ``folder``, but for the manifest."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and path != folder / MANIFEST)
    return {path.relative_to(folder).as_posix(): file_entry(path) for path in paths}


def file_entry(path: Path) -> dict[str, Any]:
    return {"size": path.stat().st_size, "sha256": sha256(path)}


def write_manifest(path: Path, files: dict[str, dict[str, Any]], **facts: Any) -> None:
    write_json(path, {"made_by": MADE_BY, **facts, "files": files})


def sync_tree(folder: Path) -> None:
    """Make all files under ``folder`` survive a power loss."""
    for path in folder.rglob("*"):
        if path.is_file():
            _sync(path)
        else:
            sync_folder(path)


def need_space(out: Path, size: int) -> None:
    """Raises ResourceError if the disk of ``out`` has less than ``size`` bytes left."""
    place = next(parent for parent in [out, *out.absolute().parents] if parent.exists())
    free = shutil.disk_usage(place).free
    if free < size:
        raise ResourceError(
            f"The export needs about {size / 1e6:,.0f} MB, {place} has {free / 1e6:,.0f} MB left.",
            "Make room, or choose a folder on another disk.",
        )


def _entries(manifest: Path) -> dict[str, dict[str, Any]]:
    body = read_json(manifest)
    if not isinstance(body, dict) or body.get("made_by") != MADE_BY or not isinstance(body.get("files"), dict):
        return {}
    return {str(name): entry for name, entry in body["files"].items() if isinstance(entry, dict)}


def _unchanged(path: Path, entry: dict[str, Any] | None) -> bool:
    return entry is not None and path.stat().st_size == entry.get("size") and sha256(path) == entry.get("sha256")


def _replace_folder(staging: Path, out: Path) -> None:
    if out.exists():
        old = _sibling(out)
        out.rename(old)
        try:
            staging.rename(out)
        except OSError:
            old.rename(out)
            raise
        shutil.rmtree(old, ignore_errors=True)
    else:
        staging.rename(out)
    sync_folder(out.parent)


def _sibling(out: Path) -> Path:
    return out.parent / f".{out.name[:100]}-{secrets.token_hex(6)}"


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDWR | getattr(os, "O_BINARY", 0))
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _machine_faults(out: Path) -> Iterator[None]:
    """Disk faults as a sentence with a remedy."""
    try:
        yield
    except OSError as error:
        raise ResourceError(
            f"{out} could not be written: {error.strerror or error}.",
            "Make room, or choose a folder on another disk. Nothing half-written was left there.",
        ) from error
