"""What is said once about a project and kept with its earlier versions: the guidelines, the rules.

Each version is an act like any other, so undo and redo cover it: in force is the newest one whose act is. The acts
themselves say who and when.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from . import history, project_info
from .connection import Reader
from .database import Transaction

KEPT_VERSIONS = 100


@dataclass(frozen=True, slots=True)
class Version:
    """What somebody said at ``t`` (seconds since 1970); ``said`` are the values that ``add`` was given."""

    batch: int
    t: float
    who: str
    said: Mapping[str, Any]


def in_force(db: Reader, key: str) -> list[Version]:
    """All versions that were not taken back, the newest, which holds, first."""
    kept = {int(entry["batch"]): entry for entry in project_info.get(db, key, [])}
    rows = db.execute(
        "SELECT id, t, who FROM batches WHERE undone = 0 AND id IN (SELECT value FROM json_each(?)) ORDER BY id DESC",
        (json.dumps(list(kept)),),
    )
    return [Version(row["id"], row["t"], row["who"], kept[row["id"]]) for row in rows]


def add(tx: Transaction, key: str, action: str, **said: Any) -> None:
    """Put another version in force, as an act. Only the newest are kept."""
    earlier = in_force(tx, key)
    batch = history.begin(tx, action)
    kept = [version.said for version in reversed(earlier[: KEPT_VERSIONS - 1])]
    project_info.put(tx, key, [*kept, {"batch": batch, **said}])
