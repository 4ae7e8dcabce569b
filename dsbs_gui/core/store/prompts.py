"""Versions of prompts: named, one made from another, and what was asked with each.

Two tables. ``prompts`` holds what teachers were asked with, by hash and for ever; an answer points to its row.
``prompt_versions`` holds what people name and edit. A version that was asked with never changes: the store
refuses, and :func:`save` makes another version of the change.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dsbs_gui.core.errors import UserError

from . import project_info
from .connection import Reader, Row
from .database import Transaction
from .runs import LIVE

NOUN = "prompts"
_CHOSEN = "prompt_version"
_PER_QUERY = 500
_COLUMNS = "id, name, note, hash, body, parent_id, created, changed"
_ANSWERS = "(SELECT count(*) FROM answers a JOIN prompts p ON p.id = a.prompt_id WHERE p.hash = v.hash)"
_QUEUED = (
    f"EXISTS (SELECT 1 FROM runs r WHERE r.kind = 'generate' AND r.state IN {LIVE}"
    " AND json_extract(r.context, '$.prompt_hash') = v.hash)"
)


@dataclass(frozen=True, slots=True)
class Version:
    """A version of a prompt.

    Attributes:
        hash: identity of ``body``, the prompt as JSON.
        parent_id: the version from which it was made; None: from the program's own, or from a file.
        answers: how many answers teachers gave to exactly this prompt, failed ones included.
        used: it has answers, or a job that will ask with it waits or runs; then it never changes.
    """

    id: int
    name: str
    note: str
    hash: str
    body: dict[str, Any]
    parent_id: int | None
    created: float
    changed: float
    answers: int
    used: bool


def _version(row: Row) -> Version:
    values = dict(row)
    values["body"] = json.loads(values["body"])
    queued = values.pop("queued")
    values["used"] = bool(values["answers"] or queued)
    return Version(**values)


def _select(where: str) -> str:
    columns = ", ".join(f"v.{name.strip()}" for name in _COLUMNS.split(","))
    return f"SELECT {columns}, {_ANSWERS} AS answers, {_QUEUED} AS queued FROM prompt_versions v {where}"


def versions(db: Reader) -> list[Version]:
    """All versions, the one changed last first."""
    return [_version(row) for row in db.execute(_select("ORDER BY v.changed DESC, v.id DESC"))]


def get(db: Reader, version_id: int) -> Version | None:
    row = db.execute(_select("WHERE v.id = ?"), (version_id,)).fetchone()
    return None if row is None else _version(row)


def with_hash(db: Reader, digest: str, name: str) -> Version | None:
    """The version of exactly this prompt that has this name."""
    row = db.execute(_select("WHERE v.hash = ? AND v.name = ?"), (digest, name)).fetchone()
    return None if row is None else _version(row)


def answers_with(db: Reader, digest: str) -> int:
    """How many answers were given to this prompt, whether a version has it or not."""
    sql = "SELECT count(*) FROM answers a JOIN prompts p ON p.id = a.prompt_id WHERE p.hash = ?"
    return int(db.execute(sql, (digest,)).fetchone()[0])


def answers_of(db: Reader, cache_key: str, wanted: Sequence[int]) -> dict[int, int]:
    """Example → id of its answer under this teacher, prompt and parameters: the newest that is usable, else the newest.

    Answers to the plain question only, and of several samples the first.
    """
    found: dict[int, int] = {}
    for start in range(0, len(wanted), _PER_QUERY):
        part = list(wanted[start : start + _PER_QUERY])
        rows = db.execute(
            "SELECT example_id, coalesce(max(CASE WHEN failure IS NULL THEN id END), max(id)) FROM answers"
            f" WHERE cache_key = ? AND sample = 0 AND hinted = 0 AND example_id IN ({', '.join('?' * len(part))})"
            " GROUP BY 1",
            [cache_key, *part],
        )
        found.update({row[0]: row[1] for row in rows})
    return found


def add(
    tx: Transaction, name: str, digest: str, body: Mapping[str, Any], *, parent_id: int | None = None, note: str = ""
) -> int:
    """A new version; its name gets a number if another has it. Returns its id."""
    now = time.time()
    version_id = tx.insert(
        "prompt_versions",
        name=free_name(tx, name),
        note=note,
        hash=digest,
        body=_text(body),
        parent_id=parent_id,
        created=now,
        changed=now,
    )
    tx.touch(NOUN, [version_id])
    return version_id


def save(tx: Transaction, version_id: int, digest: str, body: Mapping[str, Any]) -> int:
    """Keep a changed prompt: in its version, or in a new one made from it if it was asked with. Returns which.

    Raises UserError if the version is gone.
    """
    version = _existing(tx, version_id)
    if version.hash == digest:
        return version_id
    if version.used:
        return add(tx, version.name, digest, body, parent_id=version_id)
    tx.execute(
        "UPDATE prompt_versions SET hash = ?, body = ?, changed = ? WHERE id = ?",
        (digest, _text(body), time.time(), version_id),
    )
    tx.touch(NOUN, [version_id])
    return version_id


def rename(tx: Transaction, version_id: int, name: str) -> str:
    """Returns the name that it has now: numbered if another has it. Raises UserError for a blank one."""
    if not name.strip():
        raise UserError("A version needs a name.", "Write one.")
    version = _existing(tx, version_id)
    if name.strip() != version.name:
        tx.execute("UPDATE prompt_versions SET name = ? WHERE id = ?", (free_name(tx, name.strip()), version_id))
        tx.touch(NOUN, [version_id])
    return _existing(tx, version_id).name


def set_note(tx: Transaction, version_id: int, note: str) -> None:
    tx.execute("UPDATE prompt_versions SET note = ? WHERE id = ?", (note, version_id))
    tx.touch(NOUN, [version_id])


def delete(tx: Transaction, version_id: int) -> None:
    """Raises UserError if it was asked with: its answers would be without their question."""
    version = _existing(tx, version_id)
    if version.used:
        raise UserError(f"“{version.name}” was used, so it is kept.", "Only a version without answers can be deleted.")
    tx.execute("DELETE FROM prompt_versions WHERE id = ?", (version_id,))
    tx.touch(NOUN, [version_id])


def choose(tx: Transaction, version_id: int | None) -> None:
    """The version that teachers are asked with from now on; None: the program's own prompt."""
    project_info.put(tx, _CHOSEN, version_id)
    tx.touch(NOUN, [] if version_id is None else [version_id])


def chosen(db: Reader) -> Version | None:
    """The version that teachers are asked with; None: the program's own prompt."""
    version_id = project_info.get(db, _CHOSEN)
    return None if version_id is None else get(db, int(version_id))


def keep_used(tx: Transaction, digest: str, body: Mapping[str, Any], name: str = "") -> int:
    """The id in ``prompts`` of what a teacher is asked with, stored on first use.

    Args:
        name: then there is a version of it from now on, named so unless it has one.
    """
    row = tx.execute("SELECT id FROM prompts WHERE hash = ?", (digest,)).fetchone()
    if row is not None:
        return int(row[0])
    if name and tx.execute("SELECT 1 FROM prompt_versions WHERE hash = ?", (digest,)).fetchone() is None:
        add(tx, name, digest, body)
    tx.touch(NOUN)
    return tx.insert("prompts", hash=digest, body=_text(body), created=time.time())


def used_body(db: Reader, prompt_id: int) -> dict[str, Any] | None:
    """What a teacher was asked with, by the id that its answers carry."""
    row = db.execute("SELECT body FROM prompts WHERE id = ?", (prompt_id,)).fetchone()
    return None if row is None else json.loads(row[0])


def free_name(db: Reader, name: str) -> str:
    """``name``, or ``name 2``, ``name 3`` … if it is taken."""
    taken = {row[0] for row in db.execute("SELECT name FROM prompt_versions")}
    if name not in taken:
        return name
    stem, _, number = name.rpartition(" ")
    stem = stem if number.isdigit() and stem else name
    n = 2
    while f"{stem} {n}" in taken:
        n += 1
    return f"{stem} {n}"


def _existing(db: Reader, version_id: int) -> Version:
    found = get(db, version_id)
    if found is None:
        raise UserError("This version of the prompt is no longer there.", "Choose another one.")
    return found


def _text(body: Mapping[str, Any]) -> str:
    return json.dumps(dict(body), ensure_ascii=False)
