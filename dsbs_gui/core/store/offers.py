"""Answers that were asked for to be compared: they wait beside what stands until a person takes them or keeps the old.

An offer is the one answer that its run would let stand, in ``examples.offered``. To take or to refuse it is an act
like any other: history, undo and redo. What a person has accepted, edited or rejected is taken over only if that is
said, one by one or for all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dsbs_gui.core.errors import UserError

from . import standing
from .filters import EVERYTHING, Filter, Selection
from .history import begin, touch, write_chosen

if TYPE_CHECKING:
    from .connection import Reader
    from .database import Transaction

REVIEWED = ("accepted", "edited", "rejected")
_UNREVIEWED = f"state NOT IN ({', '.join(repr(state) for state in REVIEWED)})"
_OF_ANSWER = {
    "rationale": "a.rationale",
    "teacher_label": "a.label",
    "agree": "a.agree",
    "origin": "a.source",
}
_SET = {"edited": "0", "merged_with": "NULL", "answer_id": "offered", "state": "'unreviewed'", "offered": "NULL"}
"""Last of all the offer itself, by which the other values are found."""


def offer(tx: Transaction, example_id: int, run_id: str) -> None:
    """A run has brought an answer to compare: put its best one beside what stands, unless it says just the same."""
    group = standing.usable_of_run(tx, example_id, run_id)
    if not group:
        return
    best = standing.elected(tx, group)
    tx.execute(
        "UPDATE examples SET offered = CASE WHEN rationale IS ?2 AND teacher_label IS ?3 THEN NULL ELSE ?1 END"
        " WHERE id = ?4",
        (best["id"], standing.text_or_none(best["rationale"]), standing.text_or_none(best["label"]), example_id),
    )


def withdraw(tx: Transaction, answer_id: int) -> None:
    """An answer has turned out to be of no use."""
    tx.execute("UPDATE examples SET offered = NULL WHERE offered = ?", (answer_id,))


def count(db: Reader, chosen: Filter = EVERYTHING) -> int:
    """How many of the matching examples have an offer."""
    if db.execute("SELECT 1 FROM examples WHERE offered IS NOT NULL LIMIT 1").fetchone() is None:
        return 0
    where, values = chosen.where()
    sql = f"SELECT count(*) FROM examples WHERE offered IS NOT NULL AND {where}"
    return int(db.execute(sql, values).fetchone()[0])


def count_of(db: Reader, ids_as_json: str) -> tuple[int, int]:
    """Of the examples of these ids: how many have an offer, and how many of those a person has reviewed."""
    row = db.execute(
        f"SELECT count(*), coalesce(sum(NOT ({_UNREVIEWED})), 0) FROM json_each(?) w"
        " JOIN examples e ON e.id = w.value WHERE e.offered IS NOT NULL",
        (ids_as_json,),
    ).fetchone()
    return int(row[0]), int(row[1])


def take(tx: Transaction, selection: Selection, *, reviewed: bool = False) -> int:
    """Put the offers in the place of what stands, as one act; returns how many. They are unreviewed then.

    Args:
        reviewed: also where a person has accepted, edited or rejected; else those keep what stands and their offer.
    """
    n = _load(tx, selection, "" if reviewed else f" AND {_UNREVIEWED}")
    if n:
        batch = begin(tx, f"Take {n} new {'answer' if n == 1 else 'answers'}")
        values = {name: f"(SELECT {column} FROM answers a WHERE a.id = offered)" for name, column in _OF_ANSWER.items()}
        for name, value in {**values, **_SET}.items():
            write_chosen(tx, batch, name, None, f"{name} IS NOT {value}", becomes=value)
        touch(tx, "chosen")
    return n


def refuse(tx: Transaction, selection: Selection) -> int:
    """Keep what stands, as one act; returns how many offers went."""
    n = _load(tx, selection)
    if n:
        batch = begin(tx, f"Keep {n} {'rationale' if n == 1 else 'rationales'} as before")
        write_chosen(tx, batch, "offered", None)
        touch(tx, "chosen")
    return n


def take_one(tx: Transaction, example_id: int) -> None:
    """Take the offer of an example, whatever its state.

    Raises: UserError if there is none.
    """
    if not take(tx, Selection.of([example_id]), reviewed=True):
        raise UserError("There is no new answer to take.", "Ask a teacher again, or look at Answers.")


def _load(tx: Transaction, selection: Selection, condition: str = "") -> int:
    """Leave in ``temp.chosen`` only what has an offer and meets a condition over ``examples``."""
    selection.load(tx)
    tx.execute(
        "DELETE FROM temp.chosen WHERE NOT EXISTS (SELECT 1 FROM examples WHERE examples.id = chosen.id"
        f" AND offered IS NOT NULL{condition})"
    )
    return int(tx.execute("SELECT count(*) FROM temp.chosen").fetchone()[0])
