"""Automatic copies of the database: made before risky steps, thinned by age.

Kept: all of the last two days, then one a day for a month, then one a month.
"""

from __future__ import annotations

import re
import time
from pathlib import Path

from .store.database import Store

DAY_S = 86_400
_NAME = re.compile(r"(\d{8}-\d{6})-.*\.db\Z")


def make(store: Store, folder: Path, reason: str) -> Path:
    """Back up and thin. ``reason`` becomes part of the file's name."""
    folder.mkdir(exist_ok=True)
    slug = re.sub(r"[^a-z0-9]+", "-", reason.lower()).strip("-")[:40]
    target = folder / f"{time.strftime('%Y%m%d-%H%M%S')}-{slug}.db"
    store.backup(target)
    for old in superfluous([path.name for path in folder.glob("*.db")], time.time()):
        (folder / old).unlink(missing_ok=True)
    return target


def superfluous(names: list[str], now: float) -> list[str]:
    """Which of our backup files may go; names that are not ours are left alone."""
    kept: set[str] = set()
    gone: list[str] = []
    for name in sorted(names, reverse=True):
        match = _NAME.match(name)
        if match is None:
            continue
        made = time.mktime(time.strptime(match[1], "%Y%m%d-%H%M%S"))
        age = now - made
        if age < 2 * DAY_S:
            continue
        period = time.strftime("%Y%m%d" if age < 30 * DAY_S else "%Y%m", time.localtime(made))
        if period in kept:
            gone.append(name)
        kept.add(period)
    return gone
