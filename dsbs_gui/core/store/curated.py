"""Examples together with the teacher's answer that their rationale stands on: what a data export is made of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from . import examples
from .connection import Reader
from .examples import Example
from .filters import EVERYTHING, Filter

_PER_QUERY = 500


@dataclass(frozen=True, slots=True)
class Origin:
    """Of the answer that stands: who gave it, whether the gold label was shown, and its rationale before edits."""

    teacher: str
    hinted: bool
    rationale: str | None


def each(db: Reader, chosen: Filter = EVERYTHING) -> Iterator[tuple[Example, Origin | None]]:
    """All matching examples in id order, with their origin; memory stays flat."""
    page: list[Example] = []
    for example in examples.each(db, chosen):
        page.append(example)
        if len(page) == _PER_QUERY:
            yield from _with_origins(db, page)
            page = []
    yield from _with_origins(db, page)


def _with_origins(db: Reader, page: Sequence[Example]) -> Iterator[tuple[Example, Origin | None]]:
    wanted = [example.answer_id for example in page if example.answer_id is not None]
    found = origins(db, wanted) if wanted else {}
    for example in page:
        yield example, None if example.answer_id is None else found.get(example.answer_id)


def origins(db: Reader, answer_ids: Sequence[int]) -> dict[int, Origin]:
    """Origins by answer id, for at most some hundred ids."""
    marks = ", ".join("?" * len(answer_ids))
    rows = db.execute(f"SELECT id, teacher, hinted, rationale FROM answers WHERE id IN ({marks})", list(answer_ids))
    return {row[0]: Origin(row[1], bool(row[2]), row[3]) for row in rows}
