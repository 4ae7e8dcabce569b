"""Decisions and edits of a person: every change is a row of history, undo is the inverse batch.

The original is never overwritten: it stays in ``answers``. Works for one example and for a million,
and after a restart.
"""

from __future__ import annotations

import getpass
import time
from dataclasses import dataclass

from ..errors import UserError
from .connection import Reader
from .database import Transaction
from .filters import STATES, Selection

EDITABLE = ("rationale", "teacher_label", "note", "state", "agree", "edited", "origin")


@dataclass(frozen=True, slots=True)
class Batch:
    """One act of a person: ``action`` as a sentence, e.g. *Accept 312 rationales*."""

    id: int
    t: float
    who: str
    action: str
    undone: bool


@dataclass(frozen=True, slots=True)
class Change:
    """One field of one example, before and after."""

    t: float
    who: str
    action: str
    field: str
    before: str | int | None
    after: str | int | None
    undone: bool


def set_state(tx: Transaction, selection: Selection, state: str) -> int:
    """Give the selected examples a state; returns how many changed.

    Examples without a rationale cannot be accepted: they are passed over. Accepting an edited one
    leaves it *edited*: that says more.
    """
    if state not in STATES:
        raise UserError(f"There is no state “{state}”.", f"Choose one of {', '.join(STATES)}.")
    selection.load(tx)
    tx.execute("DELETE FROM temp.chosen WHERE id IN (SELECT id FROM examples WHERE state = ?)", (state,))
    if state == "accepted":
        tx.execute("DELETE FROM temp.chosen WHERE id IN (SELECT id FROM examples WHERE rationale IS NULL)")
        tx.execute("DELETE FROM temp.chosen WHERE id IN (SELECT id FROM examples WHERE state = 'edited')")
    changed = int(tx.execute("SELECT count(*) FROM temp.chosen").fetchone()[0])
    if changed:
        batch = _begin(tx, f"{_VERBS.get(state, 'Mark')} {changed} {'rationale' if changed == 1 else 'rationales'}")
        _set_chosen(tx, batch, "state", state)
        _touch_chosen(tx)
    return changed


_VERBS = {"accepted": "Accept", "rejected": "Reject", "skipped": "Skip", "unreviewed": "Reopen"}


def edit(tx: Transaction, example_id: int, *, agree: bool | None = None, **values: str | None) -> bool:
    """Change ``rationale``, ``teacher_label`` or ``note`` of one example; returns False if nothing differs.

    Args:
        agree: whether the new label means the gold label; looked at only when ``teacher_label`` is given.
    """
    row = tx.execute(
        "SELECT rationale, teacher_label, note, state, agree, edited, origin FROM examples WHERE id = ?", (example_id,)
    ).fetchone()
    if row is None:
        raise UserError("This example is no longer there.", "Refresh the table.")
    wanted: dict[str, str | int | None] = {
        name: value for name, value in values.items() if name in ("rationale", "teacher_label", "note") and value != row[name]
    }
    if not wanted:
        return False
    if "teacher_label" in wanted:
        wanted["agree"] = None if agree is None else int(agree)
    if "rationale" in wanted or "teacher_label" in wanted:
        wanted |= {"state": "edited", "edited": 1}
    if "rationale" in wanted and row["rationale"] is None:
        wanted["origin"] = "person"
    batch = _begin(tx, "Edit " + " and ".join(_WORDS[name] for name in wanted if name in _WORDS))
    for name, value in wanted.items():
        if value != row[name]:
            _write(tx, batch, example_id, name, row[name], value)
    tx.touch("examples", [example_id])
    return True


_WORDS = {"rationale": "a rationale", "teacher_label": "a label", "note": "a note"}


def _begin(tx: Transaction, action: str) -> int:
    """A new batch; what was undone before can no longer be redone."""
    tx.execute("DELETE FROM history WHERE batch_id IN (SELECT id FROM batches WHERE undone = 1)")
    tx.execute("DELETE FROM batches WHERE undone = 1")
    return tx.insert("batches", t=time.time(), who=_who(), action=action)


def _who() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # a container's user without a name
        return "somebody"


def _set_chosen(tx: Transaction, batch: int, name: str, value: str | int | None) -> None:
    tx.execute(
        f"INSERT INTO history (batch_id, example_id, field, before, after)"
        f" SELECT ?, id, ?, {name}, ? FROM examples WHERE id IN temp.chosen",
        (batch, name, value),
    )
    tx.execute(f"UPDATE examples SET {name} = ? WHERE id IN temp.chosen", (value,))


def _write(
    tx: Transaction, batch: int, example_id: int, name: str, before: str | int | None, after: str | int | None
) -> None:
    tx.execute(
        "INSERT INTO history (batch_id, example_id, field, before, after) VALUES (?, ?, ?, ?, ?)",
        (batch, example_id, name, before, after),
    )
    tx.execute(f"UPDATE examples SET {name} = ? WHERE id = ?", (after, example_id))


def _touch_chosen(tx: Transaction) -> None:
    rows = tx.execute("SELECT id FROM temp.chosen LIMIT 5001").fetchall()
    tx.touch("examples", None if len(rows) > 5_000 else [row[0] for row in rows])


def undoable(db: Reader) -> Batch | None:
    """The act that undo would take back."""
    return _batch(db, "SELECT * FROM batches WHERE undone = 0 ORDER BY id DESC LIMIT 1")


def redoable(db: Reader) -> Batch | None:
    """The act that redo would do again."""
    return _batch(db, "SELECT * FROM batches WHERE undone = 1 ORDER BY id LIMIT 1")


def _batch(db: Reader, sql: str) -> Batch | None:
    row = db.execute(sql).fetchone()
    return None if row is None else Batch(row["id"], row["t"], row["who"], row["action"], bool(row["undone"]))


def undo(tx: Transaction) -> Batch | None:
    """Take back the last act; returns it, or None if there is none."""
    batch = undoable(tx)
    if batch is not None:
        _apply(tx, batch.id, "before", undone=1)
    return batch


def redo(tx: Transaction) -> Batch | None:
    """Do the last undone act again; returns it, or None if there is none."""
    batch = redoable(tx)
    if batch is not None:
        _apply(tx, batch.id, "after", undone=0)
    return batch


def _apply(tx: Transaction, batch_id: int, side: str, undone: int) -> None:
    for (name,) in tx.execute("SELECT DISTINCT field FROM history WHERE batch_id = ?", (batch_id,)).fetchall():
        if name not in EDITABLE:
            raise ValueError(name)
        tx.execute(
            f"UPDATE examples SET {name} = h.{side} FROM history h"
            " WHERE h.batch_id = ? AND h.field = ? AND h.example_id = examples.id",
            (batch_id, name),
        )
    tx.execute("UPDATE batches SET undone = ? WHERE id = ?", (undone, batch_id))
    rows = tx.execute("SELECT DISTINCT example_id FROM history WHERE batch_id = ? LIMIT 5001", (batch_id,)).fetchall()
    tx.touch("examples", None if len(rows) > 5_000 else [row[0] for row in rows])


def timeline(db: Reader, example_id: int) -> list[Change]:
    """What people did to one example, newest first."""
    rows = db.execute(
        "SELECT b.t, b.who, b.action, h.field, h.before, h.after, b.undone FROM history h"
        " JOIN batches b ON b.id = h.batch_id WHERE h.example_id = ? ORDER BY h.id DESC",
        (example_id,),
    )
    return [Change(*row[:6], undone=bool(row[6])) for row in rows]
