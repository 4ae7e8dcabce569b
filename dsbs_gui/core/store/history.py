"""What people did, act by act: recording it, taking it back, doing it again.

An act is a batch of field changes. Acts are undone newest first and redone oldest first; a new act
forgets what was undone. An example that a newer answer of the teacher has taken over since is passed
over: its fields no longer belong to the act, unless it was only a remark.

A batch is marked as 0 in force, 1 undone, or 2 forgotten: then nobody sees it any more, and ``clear_forgotten``
takes its rows away a part at a time. A small act after the undo of a large one need not wait for that.
"""

from __future__ import annotations

import getpass
import time
from dataclasses import dataclass, replace

from dsbs_gui.core.errors import UserError

from .connection import Reader
from .database import Transaction

REMARKS = ("note", "rating", "tags")
"""What is said of an example, whatever answer of the teacher stands."""

FIELDS = (
    *REMARKS,
    "rationale",
    "teacher_label",
    "state",
    "agree",
    "edited",
    "origin",
    "answer_id",
    "settled",
    "offered",
    "merged_with",
)
_MOST_NAMED = 5_000

Value = str | int | None


@dataclass(frozen=True, slots=True)
class Batch:
    """One act of a person: ``action`` as a sentence, e.g. *Accept 312 rationales*.

    ``passed_over``: how many of its examples undo or redo left alone (see above).
    """

    id: int
    t: float
    who: str
    action: str
    undone: bool
    passed_over: int = 0


@dataclass(frozen=True, slots=True)
class Change:
    """One field of one example, before and after, by an act (``batch``)."""

    t: float
    who: str
    action: str
    field: str
    before: str | int | None
    after: str | int | None
    undone: bool
    batch: int = 0


def begin(tx: Transaction, action: str) -> int:
    """A new batch; what was undone before can no longer be redone."""
    tx.execute("UPDATE batches SET undone = 2 WHERE undone = 1")
    return tx.insert("batches", t=time.time(), who=person(), action=action)


def clear_forgotten(tx: Transaction, most: int = 10_000) -> bool:
    """Take rows of forgotten acts out of the file, at most so many; returns whether there may be more."""
    cleared = tx.execute(
        "DELETE FROM history WHERE id IN"
        " (SELECT h.id FROM batches b JOIN history h ON h.batch_id = b.id WHERE b.undone = 2 LIMIT ?)",
        (most,),
    ).rowcount
    if cleared < most:
        tx.execute("DELETE FROM batches WHERE undone = 2")
    return bool(cleared >= most)


def person() -> str:
    """Who acts: the user of the system."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # a container's user without a name
        return "somebody"


def write(tx: Transaction, batch: int, example_id: int, before: dict[str, Value], after: dict[str, Value]) -> None:
    """Change fields of one example and record those that differ from ``before``."""
    for name, value in after.items():
        if value != before[name]:
            tx.execute(
                "INSERT INTO history (batch_id, example_id, field, before, after) VALUES (?, ?, ?, ?, ?)",
                (batch, example_id, name, before[name], value),
            )
            tx.execute(f"UPDATE examples SET {_known(name)} = ? WHERE id = ?", (value, example_id))
    tx.touch("examples", [example_id])


def write_chosen(
    tx: Transaction, batch: int, name: str, value: Value, where: str = "1", *, becomes: str = "?1"
) -> None:
    """Change one field of all in ``temp.chosen`` (that meet the SQL condition ``where``) and record it.

    Args:
        becomes: what it becomes, in SQL over the columns of ``examples``; ``?1`` is ``value``.
    """
    tx.execute(
        f"INSERT INTO history (batch_id, example_id, field, before, after)"
        f" SELECT ?2, id, ?3, {_known(name)}, {becomes} FROM examples WHERE id IN temp.chosen AND {where}",
        (value, batch, name),
    )
    given = (value,) if "?1" in becomes else ()
    # OR FAIL, here and where acts are undone: the transaction is rolled back whole after any failure, so SQLite need
    # not keep the old pages of this one statement in memory. For a million rows those are a gigabyte.
    tx.execute(f"UPDATE OR FAIL examples SET {name} = {becomes} WHERE id IN temp.chosen AND {where}", given)


def touch(tx: Transaction, table: str) -> None:
    """Announce the examples whose ids a temporary table holds."""
    rows = tx.execute(f"SELECT id FROM temp.{table} LIMIT {_MOST_NAMED + 1}").fetchall()
    tx.touch("examples", None if len(rows) > _MOST_NAMED else [row[0] for row in rows])


def _known(name: str) -> str:
    """A name that may stand in SQL."""
    if name not in FIELDS:
        raise ValueError(name)
    return name


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
    return None if batch is None else _apply(tx, batch, "after", "before", undone=1)


def redo(tx: Transaction) -> Batch | None:
    """Do the last undone act again; returns it, or None if there is none."""
    batch = redoable(tx)
    return None if batch is None else _apply(tx, batch, "before", "after", undone=0)


def _apply(tx: Transaction, batch: Batch, old: str, new: str, undone: int) -> Batch:
    """Bring the examples of a batch from its ``old`` side to its ``new`` side."""
    names = [_known(row[0]) for row in tx.execute("SELECT DISTINCT field FROM history WHERE batch_id = ?", (batch.id,))]
    passed_over = _load(tx, batch, old, names)
    for name in names:
        tx.execute(
            f"UPDATE OR FAIL examples SET {name} = h.{new} FROM history h WHERE h.batch_id = ? AND h.field = ?"
            " AND h.example_id = examples.id AND examples.id IN temp.undoing",
            (batch.id, name),
        )
    tx.execute("UPDATE batches SET undone = ? WHERE id = ?", (undone, batch.id))
    touch(tx, "undoing")
    if not names:  # an act that changed no example: it is one on the project's guidelines or rules
        tx.touch("project")
    return replace(batch, undone=bool(undone), passed_over=passed_over)


def _load(tx: Transaction, batch: Batch, old: str, names: list[str]) -> int:
    """Fill ``temp.undoing`` with the examples that still are as the batch left them; returns how many are not."""
    tx.execute("CREATE TEMP TABLE IF NOT EXISTS undoing (id INTEGER PRIMARY KEY)")
    tx.execute("DELETE FROM temp.undoing")
    tx.execute("INSERT INTO temp.undoing SELECT DISTINCT example_id FROM history WHERE batch_id = ?", (batch.id,))
    gone = 0
    if not set(names) <= set(REMARKS):
        gone = tx.execute(
            "DELETE FROM temp.undoing WHERE id IN (SELECT e.id FROM examples e JOIN answers a ON a.id = e.answer_id"
            " WHERE e.id IN temp.undoing AND a.created > ?)",
            (batch.t,),
        ).rowcount
    for name in names:
        gone += tx.execute(
            "DELETE FROM temp.undoing WHERE id IN (SELECT e.id FROM history h"
            " JOIN examples e ON e.id = h.example_id"
            f" WHERE h.batch_id = ? AND h.field = ? AND e.{name} IS NOT h.{old})",
            (batch.id, name),
        ).rowcount
    return int(gone)


def first_example(db: Reader, batch_id: int) -> int | None:
    """An example that the act changed: the first one."""
    row = db.execute("SELECT example_id FROM history WHERE batch_id = ? ORDER BY id LIMIT 1", (batch_id,)).fetchone()
    return None if row is None else int(row[0])


def timeline(db: Reader, example_id: int) -> list[Change]:
    """What people did to one example, newest first."""
    rows = db.execute(
        "SELECT b.t, b.who, b.action, h.field, h.before, h.after, b.undone, b.id AS batch FROM history h"
        " JOIN batches b ON b.id = h.batch_id WHERE h.example_id = ? AND b.undone < 2 ORDER BY h.id DESC",
        (example_id,),
    )
    return [Change(**(dict(row) | {"undone": bool(row["undone"])})) for row in rows]


def go_back(tx: Transaction, example_id: int, batch_id: int) -> bool:
    """Make one example what it was just after an act, as a new act; returns False if it is that already.

    Raises:
        UserError: if the act is not in force, or a newer answer of the teacher has taken the example over since.
    """
    wanted = _as_of(tx, example_id, batch_id)
    row = dict(tx.execute(f"SELECT {', '.join(FIELDS)} FROM examples WHERE id = ?", (example_id,)).fetchone())
    differing = {name: value for name, value in wanted.items() if value != row[name]}
    if not differing:
        return False
    write(tx, begin(tx, "Go back to an earlier version"), example_id, row, differing)
    return True


def _as_of(db: Reader, example_id: int, batch_id: int) -> dict[str, Value]:
    """The fields that people have changed, as they were just after an act."""
    rows = db.execute(
        "SELECT h.batch_id, h.field, h.before, h.after, b.t FROM history h JOIN batches b ON b.id = h.batch_id"
        " WHERE h.example_id = ? AND b.undone = 0 AND b.id >= ? ORDER BY h.id DESC",
        (example_id, batch_id),
    ).fetchall()
    if not rows or rows[-1]["batch_id"] != batch_id:
        raise UserError("This act is no longer in force.", "Look at the history again.")
    found: dict[str, Value] = {}
    for row in rows:
        found[_known(row["field"])] = row["after"] if row["batch_id"] == batch_id else row["before"]
    if set(found) <= set(REMARKS):
        return found
    newer = db.execute(
        "SELECT 1 FROM answers a JOIN examples e ON e.id = ? WHERE a.id = coalesce(?, e.answer_id) AND a.created > ?",
        (example_id, found.get("answer_id"), rows[-1]["t"]),
    )
    if newer.fetchone() is not None:
        raise UserError(
            "The teacher has answered this example anew since then.", "Use one of its answers instead: see Answers."
        )
    return found
