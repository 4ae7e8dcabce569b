"""How many examples there are to learn from, counted in SQL so that a form can ask on every change."""

from __future__ import annotations

from collections.abc import Sequence

from .connection import Reader

_LABEL = {"gold": "label", "teacher": "teacher_label"}
# A label that the teacher was told is the gold one, and none of the teacher's.
_NOT_TOLD = "NOT EXISTS (SELECT 1 FROM answers a WHERE a.id = examples.answer_id AND a.hinted = 1)"


def tally(db: Reader, labels: str, states: Sequence[str] = ()) -> dict[str, int]:
    """Counts over the train split: ``train`` (has the label), ``no_label``, ``rejected``, ``conflicts``.

    ``rejected`` rows have a label and a rationale that was rejected; ``conflicts`` are other rationales whose
    label is not the gold one. Raises KeyError unless ``labels`` is ``gold`` or ``teacher``.
    """
    labelled, chosen = _labelled(labels), _chosen(states)
    sql = (
        f"SELECT sum({labelled}), sum(NOT {labelled}),"
        f" sum({labelled} AND rationale <> '' AND state = 'rejected'),"
        f" sum({labelled} AND rationale <> '' AND state <> 'rejected' AND agree = 0)"
        f" FROM examples WHERE split = 'train'{chosen}"
    )
    row = db.execute(sql, tuple(states)).fetchone()
    names = ("train", "no_label", "rejected", "conflicts")
    return {name: int(value or 0) for name, value in zip(names, row, strict=True)}


def rationales(db: Reader, labels: str, states: Sequence[str] = ()) -> dict[str, int]:
    """Who wrote the rationales that can be learnt → how many, the most first."""
    sql = (
        "SELECT coalesce(origin, 'import'), count(*) FROM examples WHERE split = 'train' AND rationale <> ''"
        f" AND state <> 'rejected' AND {_labelled(labels)}{_chosen(states)} GROUP BY 1 ORDER BY 2 DESC"
    )
    return {row[0]: int(row[1]) for row in db.execute(sql, tuple(states))}


def valid(db: Reader, labels: str) -> int:
    """Rows of the valid split that can be judged."""
    also = " OR trim(coalesce(teacher_label, '')) <> ''" if labels == "teacher" else ""
    sql = f"SELECT count(*) FROM examples WHERE split = 'valid' AND (trim(coalesce(label, '')) <> ''{also})"
    return int(db.execute(sql).fetchone()[0])


def _labelled(labels: str) -> str:
    has_label = f"trim(coalesce({_LABEL[labels]}, '')) <> ''"
    return f"({has_label} AND {_NOT_TOLD})" if labels == "teacher" else f"({has_label})"


def _chosen(states: Sequence[str]) -> str:
    return f" AND state IN ({', '.join('?' * len(states))})" if states else ""
