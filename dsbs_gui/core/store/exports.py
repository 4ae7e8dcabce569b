"""What the user took away, and whether it was verified."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .connection import Reader
from .database import Transaction


@dataclass(frozen=True, slots=True)
class Export:
    """``student_run`` None: data. ``verified`` None: nothing to verify for this format."""

    id: int
    run_id: str
    student_run: str | None
    format: str
    path: str
    created: float
    bytes: int
    verified: bool | None
    summary: dict[str, Any]


def add(
    tx: Transaction,
    *,
    run_id: str,
    student_run: str | None,
    format: str,
    path: str,
    size: int,
    verified: bool | None,
    summary: Mapping[str, Any],
) -> int:
    export_id = tx.insert(
        "exports",
        run_id=run_id,
        student_run=student_run,
        format=format,
        path=path,
        created=time.time(),
        bytes=size,
        verified=None if verified is None else int(verified),
        summary=json.dumps(dict(summary), ensure_ascii=False),
    )
    tx.touch("exports", [export_id])
    return export_id


def all_exports(db: Reader) -> list[Export]:
    """Newest first."""
    found = []
    for row in db.execute("SELECT * FROM exports ORDER BY id DESC"):
        values = dict(row)
        values["summary"] = json.loads(values["summary"])
        values["verified"] = None if values["verified"] is None else bool(values["verified"])
        found.append(Export(**values))
    return found
