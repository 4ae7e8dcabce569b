"""The guidelines by which a project is reviewed: one text, with its earlier versions.

Each version is an act like any other, so undo and redo cover it: in force is the newest one whose act is. They lie with
what is said once about a project; the acts themselves say who and when.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from . import history, project_info
from .connection import Reader
from .database import Transaction

KEY = "guidelines"
ACTION = "Edit the guidelines"
KEPT_VERSIONS = 100
_DRAFT = "guidelines-draft"


@dataclass(frozen=True, slots=True)
class Version:
    """The text as somebody left it at ``t`` (seconds since 1970), in Markdown."""

    batch: int
    t: float
    who: str
    text: str


def text(db: Reader) -> str:
    """The guidelines in force; empty if there are none."""
    found = versions(db)
    return found[0].text if found else ""


def versions(db: Reader) -> list[Version]:
    """All versions that were not taken back, the newest, which is in force, first."""
    kept = {int(entry["batch"]): str(entry["text"]) for entry in project_info.get(db, KEY, [])}
    rows = db.execute(
        "SELECT id, t, who FROM batches WHERE undone = 0 AND id IN (SELECT value FROM json_each(?)) ORDER BY id DESC",
        (json.dumps(list(kept)),),
    )
    return [Version(row["id"], row["t"], row["who"], kept[row["id"]]) for row in rows]


def draft(db: Reader) -> str | None:
    """What was being written when the program ended; None if nothing was."""
    kept = project_info.get(db, _DRAFT)
    return None if kept is None else str(kept)


def keep_draft(tx: Transaction, typed: str | None) -> None:
    """Keep what is being written, or None when it is saved or dropped. It is no change that anybody need be told."""
    tx.execute("DELETE FROM project WHERE key = ?", (_DRAFT,))
    if typed is not None:
        tx.execute("INSERT INTO project (key, value) VALUES (?, ?)", (_DRAFT, json.dumps(typed, ensure_ascii=False)))


def save(tx: Transaction, new: str) -> bool:
    """Put another text in force, as an act; returns False if it is that already. A blank text is none."""
    keep_draft(tx, None)
    new = new if new.strip() else ""
    earlier = versions(tx)
    if new == (earlier[0].text if earlier else ""):
        return False
    batch = history.begin(tx, ACTION)
    kept = [{"batch": version.batch, "text": version.text} for version in reversed(earlier[: KEPT_VERSIONS - 1])]
    project_info.put(tx, KEY, [*kept, {"batch": batch, "text": new}])
    return True
