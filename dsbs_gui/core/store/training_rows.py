"""How many examples there are to learn from, counted in SQL so that a form can ask on every change."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from . import policy

if TYPE_CHECKING:
    from .connection import Reader
    from .policy import Rule

_LABEL = {"gold": "label", "teacher": "teacher_label"}
# A label that the teacher was told is the gold one, and none of the teacher's.
_NOT_TOLD = "NOT EXISTS (SELECT 1 FROM answers a WHERE a.id = examples.answer_id AND a.hinted = 1)"


def tally(db: Reader, labels: str, states: Sequence[str] = (), rules: Sequence[Rule] = ()) -> dict[str, int]:
    """Counts over the train split: ``train`` (to be learnt), ``no_label``, ``rejected``, ``conflicts``, and what rules
    do: ``masked``, ``dropped``.

    ``rejected`` rows have a label and a rationale that was rejected; ``conflicts`` are other rationales that are learnt
    and whose label is not the gold one. Raises KeyError unless ``labels`` is ``gold`` or ``teacher``.
    """
    rows, values = _rows(labels, states, rules)
    sql = (
        "SELECT sum(labelled AND what <> 'drop'), sum(NOT labelled),"
        " sum(labelled AND rationale <> '' AND state = 'rejected'),"
        " sum(labelled AND rationale <> '' AND state <> 'rejected' AND agree = 0 AND what = 'keep'),"
        f" sum(labelled AND what IN ('mask', 'ask')), sum(labelled AND what = 'drop') FROM ({rows})"
    )
    row = db.execute(sql, values).fetchone()
    names = ("train", "no_label", "rejected", "conflicts", "masked", "dropped")
    return {name: int(value or 0) for name, value in zip(names, row, strict=True)}


def rationales(db: Reader, labels: str, states: Sequence[str] = (), rules: Sequence[Rule] = ()) -> dict[str, int]:
    """Who wrote the rationales that can be learnt → how many, the most first."""
    rows, values = _rows(labels, states, rules)
    sql = (
        f"SELECT coalesce(origin, 'import'), count(*) FROM ({rows}) WHERE labelled AND what = 'keep'"
        " AND rationale <> '' AND state <> 'rejected' GROUP BY 1 ORDER BY 2 DESC"
    )
    return {row[0]: int(row[1]) for row in db.execute(sql, values)}


def lengths(db: Reader, labels: str, states: Sequence[str] = (), most: int = 5_000) -> list[tuple[int, int, int]]:
    """Bytes in UTF-8 of input, label and rationale of the rows that can be learnt; of many an even sample.

    A rationale that was rejected or is not there counts 0.
    """
    counted = f"split = 'train' AND {_labelled(labels)}{_chosen(states)}"
    n = int(db.execute(f"SELECT count(*) FROM examples WHERE {counted}", list(states)).fetchone()[0])
    sql = (
        f"SELECT length(CAST(input AS BLOB)), length(CAST({_LABEL[labels]} AS BLOB)),"
        " CASE WHEN state = 'rejected' THEN 0 ELSE length(CAST(coalesce(rationale, '') AS BLOB)) END"
        f" FROM examples WHERE {counted} AND id % ? = 0"
    )
    return [tuple(row) for row in db.execute(sql, [*states, max(1, n // most)])]


def valid(db: Reader, labels: str) -> int:
    """Rows of the valid split that can be judged."""
    also = " OR trim(coalesce(teacher_label, '')) <> ''" if labels == "teacher" else ""
    sql = f"SELECT count(*) FROM examples WHERE split = 'valid' AND (trim(coalesce(label, '')) <> ''{also})"
    return int(db.execute(sql).fetchone()[0])


def _rows(labels: str, states: Sequence[str], rules: Sequence[Rule]) -> tuple[str, list[object]]:
    """The rows of train with ``labelled``, and ``what`` the rules do with them; and the parameters."""
    what, values = policy.what_sql(policy.in_force(rules, labels))
    return (
        f"SELECT state, rationale, agree, origin, {_labelled(labels)} AS labelled, {what} AS what"
        f" FROM examples WHERE split = 'train'{_chosen(states)}"
    ), [*values, *states]


def _labelled(labels: str) -> str:
    has_label = f"trim(coalesce({_LABEL[labels]}, '')) <> ''"
    return f"({has_label} AND {_NOT_TOLD})" if labels == "teacher" else f"({has_label})"


def _chosen(states: Sequence[str]) -> str:
    return f" AND state IN ({', '.join('?' * len(states))})" if states else ""
