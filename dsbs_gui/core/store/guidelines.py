"""The guidelines by which a project is reviewed: one text, with its earlier versions."""

from __future__ import annotations

import json
from dataclasses import dataclass

from . import project_info, versioned
from .connection import Reader
from .database import Transaction

KEY = "guidelines"
ACTION = "Edit the guidelines"
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
    return [Version(v.batch, v.t, v.who, str(v.said["text"])) for v in versioned.in_force(db, KEY)]


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
    if new == text(tx):
        return False
    versioned.add(tx, KEY, ACTION, text=new)
    return True
