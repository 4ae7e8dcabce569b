"""What is said once about a project: name, task, seeds, guidelines. Values are JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from .connection import Reader
from .database import Transaction


def get(db: Reader, key: str, default: Any = None) -> Any:
    row = db.execute("SELECT value FROM project WHERE key = ?", (key,)).fetchone()
    return default if row is None else json.loads(row[0])


def put(tx: Transaction, key: str, value: Any) -> None:
    tx.execute(
        "INSERT INTO project (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        (key, json.dumps(value, ensure_ascii=False)),
    )
    tx.touch("project")


def folder(db: Reader) -> Path:
    """The project's folder, wherever it was moved to."""
    return Path(db.execute("PRAGMA database_list").fetchone()[2]).parent
