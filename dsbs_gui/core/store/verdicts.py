"""Answers without their texts: who gave which label to which example, and what it is worth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .connection import Reader, Row

# Imported rationales and textbooks are no answers of a teacher.
_TEACHER = "(source = 'teacher' OR (source = 'import' AND parser IS NOT NULL))"
_COLUMNS = (
    "id, example_id, teacher, source, run_id, cache_key, sample, failure, label, agree, mean_logprob, rung, hinted,"
    " EXISTS (SELECT 1 FROM examples e WHERE e.id = example_id AND e.label IS NOT NULL) AS has_gold"
)
_PER_QUERY = 500


@dataclass(frozen=True, slots=True)
class Verdict:
    """One answer of a teacher; ``failure`` None = usable, ``label`` None = none was found in it."""

    id: int
    example_id: int
    teacher: str
    source: str
    run_id: str
    cache_key: str | None
    sample: int
    failure: str | None
    label: str | None
    agree: bool | None
    mean_logprob: float | None
    rung: str | None
    hinted: bool
    has_gold: bool


def of_examples(db: Reader, wanted: Sequence[int]) -> dict[int, list[Verdict]]:
    """Verdicts on some hundred examples by example, newest first; examples without one are left out."""
    marks = ", ".join("?" * len(wanted))
    sql = f"SELECT {_COLUMNS} FROM answers WHERE example_id IN ({marks}) AND {_TEACHER} ORDER BY id DESC"
    found: dict[int, list[Verdict]] = {}
    for row in db.execute(sql, list(wanted)):
        found.setdefault(row["example_id"], []).append(_verdict(row))
    return found


def each_example(db: Reader) -> Iterator[dict[int, list[Verdict]]]:
    """As :func:`of_examples` over all examples in id order, some hundred at a time."""
    last = 0
    sql = "SELECT DISTINCT example_id FROM answers WHERE example_id > ? ORDER BY example_id LIMIT ?"
    while ids := [row[0] for row in db.execute(sql, (last, _PER_QUERY))]:
        found = of_examples(db, ids)
        yield {example_id: found[example_id] for example_id in ids if example_id in found}
        last = ids[-1]


def _verdict(row: Row) -> Verdict:
    values = dict(row)
    values["agree"] = None if row["agree"] is None else bool(row["agree"])
    values |= {"hinted": bool(row["hinted"]), "has_gold": bool(row["has_gold"])}
    return Verdict(**values)
