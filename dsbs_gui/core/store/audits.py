"""Random samples by which the error rate of what nobody has read is estimated.

A draw keeps which rows it was drawn from (a million ids take some kilobytes), the rows drawn in the order drawn, and
their texts as they were. So it survives a restart, and rows that come in later are never taken for rows it speaks of.
"""

from __future__ import annotations

import random
import time
import zlib
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from dsbs_gui.core.errors import UserError

from . import decisions, examples, history
from .filters import Filter, Selection

if TYPE_CHECKING:
    from .connection import Reader
    from .database import Transaction

WAITING = ("unreviewed", "skipped")
"""States of rows that nobody has decided."""

# The act that gave example e its state: did it decide an example that is not in the sample?
_SWEPT = (
    "EXISTS (SELECT 1 FROM history o WHERE o.batch_id = (SELECT max(h.batch_id) FROM history h JOIN batches b"
    " ON b.id = h.batch_id WHERE h.example_id = e.id AND h.field = 'state' AND b.undone = 0)"
    " AND o.example_id NOT IN (SELECT example_id FROM audit_rows WHERE audit_id = ?2))"
)
_ANSWERED_ANEW = (
    "SELECT a.example_id FROM answers a CROSS JOIN examples e ON e.id = a.example_id AND e.answer_id = a.id"
    " WHERE a.id > ?"
)
_CHANGED = (
    "SELECT h.example_id FROM batches b JOIN history h ON h.batch_id = b.id WHERE b.t > ? AND b.undone = 0"
    " AND h.field IN ('rationale', 'teacher_label', 'answer_id')"
)


@dataclass(frozen=True, slots=True)
class Audit:
    """One draw.

    Attributes:
        about: what it was drawn from, in words.
        population: how many rows that were.
        last_answer: the newest answer of a teacher that there was.
        n: how many were drawn.
    """

    id: int
    t: float
    who: str
    seed: int
    about: str
    population: int
    last_answer: int
    n: int


@dataclass(frozen=True, slots=True)
class Drawn:
    """A row of the sample, as it is now and as it was when it was drawn (``old_…``).

    Such rows say nothing of those drawn from (1 or 0): ``renewed``, a newer answer of the teacher stands since;
    ``swept``, it was decided in one act with rows outside of the sample, so that nobody need have read it.
    """

    example_id: int
    state: str
    rationale: str | None
    label: str | None
    old_rationale: str | None
    old_label: str | None
    fields: str
    renewed: int
    swept: int


def source(chosen: Filter) -> Filter:
    """What a sample would be drawn from: what matches and waits for a decision; never the sample before."""
    states = tuple(state for state in chosen.states if state in WAITING)
    return replace(chosen, states=states or WAITING, queue="" if chosen.queue == "audit" else chosen.queue)


def population(db: Reader, chosen: Filter) -> array[int]:
    """The rows of :func:`source` that have a rationale. Reads every row: never in a transaction."""
    return examples.ids(db, replace(source(chosen), has_rationale=True))


def draw(tx: Transaction, members: array[int], n: int, seed: int, about: str) -> Audit:
    """Draw ``n`` of the rows (ascending ids), each set of so many as probable as any other; keep it as the newest.

    Raises:
        UserError: if there are fewer than ``n`` rows, or ``n`` is not positive.
    """
    if not 0 < n <= len(members):
        raise UserError(
            f"A sample of {n} cannot be drawn from {len(members)} rows that wait for a decision.",
            "Ask for fewer, or choose another filter.",
        )
    drawn = random.Random(seed).sample(members, n)
    who = history.person()
    audit_id = tx.insert(
        "audits",
        t=time.time(),
        who=who,
        seed=seed,
        about=about,
        population=len(members),
        last_answer=tx.execute("SELECT coalesce(max(id), 0) FROM answers").fetchone()[0],
        members=_packed(members),
    )
    tx.executemany(
        "INSERT INTO audit_rows SELECT ?, ?, id, rationale, teacher_label FROM examples WHERE id = ?",
        ((audit_id, place, example_id) for place, example_id in enumerate(drawn, 1)),
    )
    tx.touch("audits", [audit_id])
    made = newest(tx)
    assert made is not None
    return made


def newest(db: Reader) -> Audit | None:
    """The sample drawn last."""
    row = db.execute(
        "SELECT id, t, who, seed, about, population, last_answer,"
        " (SELECT count(*) FROM audit_rows WHERE audit_id = audits.id) FROM audits ORDER BY id DESC LIMIT 1"
    ).fetchone()
    return None if row is None else Audit(*row)


def rows(db: Reader, audit: Audit) -> list[Drawn]:
    """The sample in the order drawn."""
    found = db.execute(
        "SELECT e.id, e.state, e.rationale, e.teacher_label, r.rationale, r.label, e.fields,"
        f" coalesce(e.answer_id > ?1, 0), {_SWEPT} FROM audit_rows r JOIN examples e ON e.id = r.example_id"
        " WHERE r.audit_id = ?2 ORDER BY r.place",
        (audit.last_answer, audit.id),
    )
    return [Drawn(*row) for row in found]


def rest(db: Reader, audit: Audit) -> array[int]:
    """The rows that the sample speaks of and that still wait: not drawn, not decided, with the text of then."""
    import numpy as np  # not at the start

    def column(rows: Iterable[Sequence[int]]) -> Any:
        return np.fromiter((row[0] for row in rows), np.int64)

    packed = db.execute("SELECT members FROM audits WHERE id = ?", (audit.id,)).fetchone()[0]
    waiting = np.frombuffer(examples.ids(db, Filter(states=WAITING)), np.int64)
    found = np.intersect1d(_unpacked(packed), waiting, assume_unique=True)
    drawn = column(db.execute("SELECT example_id FROM audit_rows WHERE audit_id = ?", (audit.id,)))
    found = np.setdiff1d(found, drawn, assume_unique=True)
    found = np.setdiff1d(found, column(db.execute(_ANSWERED_ANEW, (audit.last_answer,))))
    found = np.setdiff1d(found, column(db.execute(_CHANGED, (audit.t,))))
    return array("q", found.tobytes())


def accept_rest(tx: Transaction, audit: Audit) -> int:
    """Accept what the sample speaks of, as one act; returns how many changed."""
    return decisions.set_state(tx, Selection.of(rest(tx, audit)), "accepted")


def _packed(ids: array[int]) -> bytes:
    """Ascending ids as differences, which are mostly one and the same number, compressed."""
    import numpy as np

    return zlib.compress(np.diff(np.frombuffer(ids, np.int64), prepend=0).tobytes(), 6)


def _unpacked(packed: bytes) -> Any:
    """int64 [ids], ascending."""
    import numpy as np

    return np.cumsum(np.frombuffer(zlib.decompress(packed), np.int64))
