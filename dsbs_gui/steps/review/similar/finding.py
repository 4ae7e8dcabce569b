"""The examples most like one. Plain Python; for a background thread, since it looks at every sketch.

Sketches (MinHash, made by the job *sketch*) say which texts to look at, the texts themselves how similar they are.
Texts without a sketch are all looked at while they are few, so that a small project needs no job, and a large one
none for what was edited since.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dsbs_gui.core.errors import UserError
from dsbs_gui.core.store import sketches

from .likeness import features, similarity

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dsbs_gui.core.store.connection import Reader

MOST = 200
LEAST = 0.1
"""Less similar ones have little but common words in common."""

MOST_UNSKETCHED = 5_000
"""So many texts are compared in less than half a second."""
_CANDIDATES = 1_000


@dataclass(frozen=True, slots=True)
class Similar:
    """``shares``: examples and how similar they are (0 to 1), most similar first; the one asked about leads."""

    example_id: int
    field: str
    shares: dict[int, float]


def find(db: Reader, example_id: int, field: str) -> Similar | None:
    """The examples most like one in ``field``, one of ``sketches.FIELDS``; None: the job *sketch* has to run first.

    Raises:
        UserError: if the example has no text there.
    """
    texts = dict(sketches.texts(db, field, [example_id]))
    wanted = features(texts.get(example_id, ""))
    if not wanted:
        raise UserError(f"№ {example_id} has no {field} to compare with.", "Choose another example.")
    unsketched = sketches.missing(db, field, MOST_UNSKETCHED + 1)
    sketch = sketches.of_example(db, field, example_id)
    if len(unsketched) > MOST_UNSKETCHED or (sketch is None and sketches.any_there(db, field)):
        return None
    near = [] if sketch is None else _nearest(db, field, sketch)
    shares = _compared(db, field, wanted, [*near, *unsketched])
    best = heapq.nsmallest(MOST, shares, key=lambda pair: (pair[0] != example_id, -pair[1], pair[0]))
    return Similar(example_id, field, dict(best))


def _compared(db: Reader, field: str, wanted: frozenset[str], ids: Sequence[int]) -> Iterator[tuple[int, float]]:
    for example_id, text in sketches.texts(db, field, ids):
        share = similarity(wanted, features(text))
        if share >= LEAST:
            yield example_id, share


def _nearest(db: Reader, field: str, sketch: bytes) -> list[int]:
    """The examples whose sketches agree with this one in most places."""
    import numpy as np  # the window starts without it

    mine = np.frombuffer(sketch, dtype=np.uint8)
    best: list[tuple[int, int]] = []
    for ids, joined in sketches.pages(db, field, len(sketch)):
        table = np.frombuffer(joined, dtype=np.uint8).reshape(len(ids), -1)
        agree = (table == mine).sum(axis=1)
        places = np.argsort(-agree, kind="stable")[:_CANDIDATES]
        best = heapq.nlargest(_CANDIDATES, [*best, *((int(agree[place]), ids[place]) for place in places)])
    return [example_id for _, example_id in best]
