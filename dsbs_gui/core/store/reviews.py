"""What other reviewers decided, beside the project's own decisions, and the choice between them.

A reviewer never changes an example: that is done by whoever settles a row, as an act with its history like any other.
The project's own decision is kept as the review of ``OWN`` just before; that of other rows stands in ``examples``.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dsbs_gui.core.errors import UserError

from . import history
from .standing import text_or_none

if TYPE_CHECKING:
    from .connection import Reader
    from .database import Transaction
    from .history import Value

OWN = ""
"""The project's own reviewer."""

DECIDED = ("accepted", "edited", "rejected")

_FIRST = (
    "SELECT e.id AS example_id, '' AS reviewer, e.state, e.rationale, e.teacher_label AS label, e.agree, NULL AS note"
    " FROM examples e WHERE e.settled = 0"
)
_COLUMNS = "example_id, reviewer, state, rationale, label, agree, note"


@dataclass(frozen=True, slots=True)
class Review:
    """One reviewer's decision on one example: state, texts, and whether the label means the gold one."""

    example_id: int
    reviewer: str
    state: str
    rationale: str | None
    label: str | None
    agree: int | None
    note: str | None = None


def put(tx: Transaction, rows: Iterable[Review]) -> None:
    """Store reviews, in the place of earlier ones of the same reviewer on the same rows."""
    now = time.time()
    rows = list(rows)
    tx.executemany(
        f"INSERT OR REPLACE INTO reviews ({_COLUMNS}, t) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        ((r.example_id, r.reviewer, r.state, r.rationale, r.label, r.agree, r.note, now) for r in rows),
    )
    tx.touch("reviews", [r.example_id for r in rows])
    tx.touch("examples", [r.example_id for r in rows])


def reviewers(db: Reader) -> dict[str, int]:
    """The other reviewers, and how many rows each has decided."""
    sql = "SELECT reviewer, count(*) FROM reviews WHERE reviewer <> '' AND state <> 'skipped' GROUP BY 1 ORDER BY 1"
    return {name: int(n) for name, n in db.execute(sql)}


def of_example(db: Reader, example_id: int) -> list[Review]:
    """All sides of one example, the project's own first; empty if nobody else has reviewed it."""
    sql = f"SELECT {_COLUMNS} FROM reviews WHERE example_id = ?1 AND reviewer <> '' ORDER BY reviewer"
    others = [Review(*row) for row in db.execute(sql, (example_id,))]
    if not others:
        return []
    sql = (
        f"{_FIRST} AND e.id = ?1 UNION ALL SELECT r.{_COLUMNS.replace(', ', ', r.')} FROM reviews r"
        " JOIN examples e ON e.id = r.example_id WHERE r.example_id = ?1 AND r.reviewer = '' AND e.settled = 1"
    )
    return [Review(*row) for row in db.execute(sql, (example_id,))] + others


def sides(db: Reader, at_a_time: int = 1_000) -> Iterator[dict[int, list[Review]]]:
    """All sides of all examples that others have reviewed, some at a time: by example, in id order."""
    last = -1
    sql = "SELECT DISTINCT example_id FROM reviews WHERE reviewer <> '' AND example_id > ? ORDER BY example_id LIMIT ?"
    while ids := [row[0] for row in db.execute(sql, (last, at_a_time))]:
        yield {i: of_example(db, i) for i in ids}
        last = ids[-1]


def settled(db: Reader, example_id: int) -> bool:
    """Whether somebody has chosen between the sides of an example."""
    row = db.execute("SELECT settled FROM examples WHERE id = ?", (example_id,)).fetchone()
    return bool(row and row[0])


def settle(tx: Transaction, example_id: int, reviewer: str) -> bool:
    """Let one side's decision stand, as one act; returns False if that changes nothing.

    Raises:
        UserError: if that reviewer has not decided the example.
    """
    row = dict(tx.execute(f"SELECT {', '.join(history.FIELDS)} FROM examples WHERE id = ?", (example_id,)).fetchone())
    found = {review.reviewer: review for review in of_example(tx, example_id)}
    side = found.get(reviewer)
    if side is None or side.state not in DECIDED:
        raise UserError(f"{reviewer or 'This project'} has not decided this example.", "Choose another side.")
    wanted: dict[str, Value] = {"settled": 1}
    if not row["settled"]:
        put(tx, [found[OWN]])  # what was decided here before: agreement goes on to compare with that
    if row["settled"] or reviewer != OWN:
        wanted |= _as_decided(tx, row, side)
    if all(row[name] == value for name, value in wanted.items()):
        return False
    action = f"Settle: as {reviewer} decided" if reviewer else "Settle: as decided here"
    history.write(tx, history.begin(tx, action), example_id, row, wanted)
    return True


def _as_decided(db: Reader, row: dict[str, Value], side: Review) -> dict[str, Value]:
    """The fields of an example as a reviewer would have left them."""
    answer = db.execute("SELECT rationale, label FROM answers WHERE id = ?", (row["answer_id"],)).fetchone()
    edited = answer is None or (side.rationale, side.label) != tuple(map(text_or_none, answer))
    kept = "edited" if edited else "accepted"
    return {
        "state": "rejected" if side.state == "rejected" else kept,
        "rationale": side.rationale,
        "teacher_label": side.label,
        "agree": side.agree,
        "edited": int(edited),
        "merged_with": row["merged_with"] if side.rationale == row["rationale"] else None,
    }


def shareable(db: Reader, wanted: Sequence[int]) -> dict[int, tuple[str | None, str | None]]:
    """Rationale and label of these examples before anybody here changed them; without an answer there is none."""
    marks = ", ".join("?" * len(wanted))
    rows = db.execute(
        "SELECT e.id, a.rationale, a.label FROM examples e JOIN answers a ON a.id = e.answer_id"
        f" WHERE e.id IN ({marks}) AND a.rationale IS NOT NULL",
        list(wanted),
    )
    return {row[0]: (text_or_none(row[1]), text_or_none(row[2])) for row in rows if text_or_none(row[1])}
