"""Queues: which rows deserve a look first, and in which order.

A queue is a condition over ``examples``, so that it counts, selects and exports like any other filter, and a weight by
which its rows are ordered, the heaviest first. Whether teachers differ, and how many signals a row has, would take a
look at every answer and every signal: the table ``queued`` keeps it, brought up to date in the transaction that stores
an answer or a signal. All else is found through an index when it is asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from .database import Transaction


@dataclass(frozen=True, slots=True)
class Queue:
    """One way to go through the rows.

    Attributes:
        where: SQL condition over ``examples``.
        ranked: SELECT of ``example_id`` and ``weight``; the same rows.
        states: the states that its rows wait in: what a reviewer sees of it.
    """

    where: str
    ranked: str
    states: tuple[str, ...] = ("unreviewed",)


def _kept(name: str) -> Queue:
    """A queue whose rows and weights stand in ``queued``; these may be nearly all there are.

    The plus keeps SQLite from looking up a million examples by their ids, texts and all: what is asked of them besides
    is in an index, and that is gone through once.
    """
    ranked = f"SELECT example_id, weight FROM queued WHERE queue = '{name}'"
    return Queue(f"+id IN (SELECT example_id FROM queued WHERE queue = '{name}')", ranked)


def _found(ranked: str, states: tuple[str, ...] = ("unreviewed",)) -> Queue:
    """A queue whose rows are few and found from another table."""
    return Queue(f"id IN (SELECT example_id FROM ({ranked}))", ranked, states)


# Two labels that both mean the gold one are the same, however they are written; without gold the letters decide.
_OPINION = "CASE WHEN a.agree = 1 THEN '' ELSE lower(trim(a.label)) END"
_STUDENT_DIFFERS = (
    "CASE WHEN p.correct + e.agree > 0 THEN p.correct <> e.agree"
    " ELSE lower(trim(p.prediction)) <> lower(trim(e.teacher_label)) END"
)
_REVIEWED = "IN ('accepted', 'edited', 'rejected')"
_LABELS_DIFFER = (
    "(lower(trim(coalesce(r.label, ''))) <> lower(trim(coalesce(e.teacher_label, '')))"
    " AND NOT coalesce(r.agree = 1 AND e.agree = 1, 0))"
)
REVIEWERS_DIFFER = (
    "CASE WHEN (r.state = 'rejected') <> (e.state = 'rejected') THEN 3 WHEN r.state = 'rejected' THEN 0"
    f" WHEN {_LABELS_DIFFER} THEN 2 WHEN coalesce(r.rationale, '') <> coalesce(e.rationale, '') THEN 1 ELSE 0 END"
)
"""How far a review ``r`` is from the decision on ``e``: kept or rejected 3, label 2, only the rationale 1, else 0."""

QUEUES: dict[str, Queue] = {
    "gold": Queue(
        "+agree = 0",  # as for those of ``_kept``
        "SELECT e.id AS example_id, coalesce(s.weight, 0) AS weight FROM examples e"
        " LEFT JOIN queued s ON s.queue = 'signals' AND s.example_id = e.id WHERE e.agree = 0",
    ),
    "teachers": _kept("teachers"),
    "student": _found(
        "SELECT p.example_id AS example_id, count(*) AS weight FROM predictions p CROSS JOIN examples e"
        f" ON e.id = p.example_id WHERE e.teacher_label IS NOT NULL AND {_STUDENT_DIFFERS} GROUP BY p.example_id"
    ),
    "failed": _found(
        "SELECT id AS example_id, failure AS weight FROM examples WHERE failure IS NOT NULL AND rationale IS NULL"
        " UNION ALL SELECT id, '' FROM examples"
        " WHERE rationale IS NOT NULL AND teacher_label IS NULL AND origin = 'teacher'",
        states=("empty", "unreviewed"),
    ),
    "signals": _kept("signals"),
    "audit": _found(
        "SELECT example_id, -place AS weight FROM audit_rows WHERE audit_id = (SELECT max(id) FROM audits)",
        states=("unreviewed", "skipped"),
    ),
    "reviewers": _found(
        f"SELECT r.example_id AS example_id, max({REVIEWERS_DIFFER}) AS weight FROM reviews r"
        " CROSS JOIN examples e ON e.id = r.example_id"
        f" WHERE r.reviewer <> '' AND e.settled = 0 AND r.state {_REVIEWED} AND e.state {_REVIEWED}"
        f" AND {REVIEWERS_DIFFER} > 0 GROUP BY r.example_id",
        states=(),
    ),
}
"""``gold``: the label is not the gold one; rows with most signals first. ``teachers``: several teachers, not one label;
most labels first. ``student``: students predict another label; most students first. ``failed``: an answer of which
nothing, or no label, could be read; like reasons together. ``signals``: most signals first. ``audit``: the random
sample drawn last, in the order drawn. ``reviewers``: another reviewer decided otherwise, and nobody has settled it;
kept against rejected first, then labels, then texts."""


def ordered(queue: str, where: str) -> str:
    """A SELECT of the ids of a queue in its order that also meet a condition over ``examples``.

    The condition is asked of ``examples`` by itself, so that it is answered from its index and no text is read.
    """
    also = "" if where == "1" else f" WHERE q.example_id IN (SELECT id FROM examples WHERE {where})"
    return f"SELECT q.example_id AS id FROM ({QUEUES[queue].ranked}) q{also} ORDER BY q.weight DESC, q.example_id"


# ---------------------------------------------------------------- keeping ``queued`` up to date

_HONEST = (
    "(source = 'teacher' OR (source = 'import' AND parser IS NOT NULL)) AND hinted = 0 AND sample = 0"
    " AND failure IS NULL AND trim(coalesce(label, '')) <> ''"
)


def compare_teachers(tx: Transaction, wanted: Sequence[int]) -> None:
    """Whether the teachers differ on these examples, by the newest honest answer of each of them."""
    _replace(
        tx,
        "teachers",
        wanted,
        f"SELECT a.example_id, count(DISTINCT {_OPINION}) AS opinions FROM answers a WHERE a.id IN"
        f" (SELECT max(id) FROM answers WHERE example_id IN (SELECT value FROM json_each(?1)) AND {_HONEST}"
        " GROUP BY example_id, teacher) GROUP BY a.example_id HAVING opinions > 1",
    )


def note_answer(tx: Transaction, example_id: int, teacher: str) -> None:
    """An answer has come or is read otherwise. Cheap where only one teacher has answered."""
    other = tx.execute("SELECT 1 FROM answers WHERE example_id = ? AND teacher <> ? LIMIT 1", (example_id, teacher))
    if other.fetchone() is not None:
        compare_teachers(tx, [example_id])


def count_signals(tx: Transaction, wanted: Iterable[int]) -> None:
    """How many signals these examples have now."""
    _replace(
        tx,
        "signals",
        list(wanted),
        "SELECT example_id, count(*) FROM signals WHERE example_id IN (SELECT value FROM json_each(?1))"
        " GROUP BY example_id",
    )


def _replace(tx: Transaction, queue: str, wanted: Sequence[int], select: str) -> None:
    """Put what ``select`` says of the ids ``?1`` (example, weight) in the place of what was kept of them."""
    ids = msgspec.json.encode(list(wanted)).decode()
    tx.execute("DELETE FROM queued WHERE queue = ?2 AND example_id IN (SELECT value FROM json_each(?1))", (ids, queue))
    tx.execute(f"INSERT INTO queued (queue, example_id, weight) SELECT '{queue}', * FROM ({select})", (ids,))
