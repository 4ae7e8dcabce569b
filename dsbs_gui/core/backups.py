"""Automatic copies of the database: made before risky steps, thinned by age.

Kept: all of the last two days, then one a day for a month, then one a month.
"""

from __future__ import annotations

import re
import time
from pathlib import Path

import structlog

from .errors import DsbsError
from .failures import known
from .store.database import Store

log = structlog.get_logger("store")
DAY_S = 86_400
EVERY_S = 1_800
LARGE_BYTES = 100_000_000
"""Of a database this large one backup a day is enough: each costs its size."""
_NAME = re.compile(r"(\d{8}-\d{6})-.*\.db\Z")


def make(store: Store, folder: Path, reason: str) -> Path:
    """Back up and thin. ``reason`` becomes part of the file's name."""
    folder.mkdir(exist_ok=True)
    slug = re.sub(r"[^a-z0-9]+", "-", reason.lower()).strip("-")[:40]
    target = folder / f"{time.strftime('%Y%m%d-%H%M%S')}-{slug}.db"
    try:
        store.backup(target)
    except BaseException:
        target.unlink(missing_ok=True)
        raise
    for old in superfluous([path.name for path in folder.glob("*.db")], time.time()):
        (folder / old).unlink(missing_ok=True)
    return target


def make_if_due(store: Store, folder: Path, reason: str) -> Path | None:
    """Back up what has changed since the last backup, not too often; None if there was no need or no room.

    A backup that cannot be made must not keep anybody from the project: that is only logged.
    """
    if store.reader.execute("SELECT 1 FROM examples LIMIT 1").fetchone() is None or not _due(store.path, folder):
        return None
    try:
        return make(store, folder, reason)
    except (DsbsError, OSError) as error:
        log.warning("no backup could be made", error=str(known(error) or error))
        return None


def _due(database: Path, folder: Path) -> bool:
    copies = [made for path in folder.glob("*.db") if (made := _made(path.name)) is not None]
    if not copies:
        return True
    size = database.stat().st_size
    wal = database.with_name(database.name + "-wal")
    changed = max(path.stat().st_mtime for path in (database, wal) if path.exists())
    return changed > max(copies) and time.time() - max(copies) > (DAY_S if size > LARGE_BYTES else EVERY_S)


def _made(name: str) -> float | None:
    """When a backup was made, by its name; None for a file that is not ours."""
    match = _NAME.match(name)
    try:
        return None if match is None else time.mktime(time.strptime(match[1], "%Y%m%d-%H%M%S"))
    except (ValueError, OverflowError):  # digits that are no time
        return None


def superfluous(names: list[str], now: float) -> list[str]:
    """Which of our backup files may go; names that are not ours are left alone."""
    kept: set[str] = set()
    gone: list[str] = []
    for name in sorted(names, reverse=True):
        made = _made(name)
        if made is None:
            continue
        age = now - made
        if age < 2 * DAY_S:
            continue
        period = time.strftime("%Y%m%d" if age < 30 * DAY_S else "%Y%m", time.localtime(made))
        if period in kept:
            gone.append(name)
        kept.add(period)
    return gone
