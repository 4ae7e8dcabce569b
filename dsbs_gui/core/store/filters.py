"""Which examples: one description, used for showing, counting, deciding and exporting."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import msgspec

from dsbs_gui.core.tags import between

from . import queues, search
from .database import Transaction

SPLITS = ("train", "valid", "test", "unsplit")
STATES = ("empty", "unreviewed", "accepted", "edited", "rejected", "skipped")
AGREEMENTS = ("agree", "conflict", "unknown")


_PART = 50_000  # ids

# By the answers: those are few and have an index, while examples would all be looked at.
_STANDING = (
    "id IN (SELECT a.example_id FROM answers a JOIN examples e ON e.id = a.example_id AND e.answer_id = a.id WHERE {})"
)


@dataclass(frozen=True, slots=True)
class Filter:
    """All conditions must hold; an empty one always holds.

    Attributes:
        text: found in input, rationale, gold label, teacher's label or note.
        mode: how ``text`` is meant, of ``search.MODES``.
        agreement: of ``AGREEMENTS``: the label under review against the gold label.
        signals: of the names in the table ``signals``: what was found in the rationale.
        failed: only examples that have no rationale because the teacher's answer failed.
        has_rationale: None = either.
        ratings: of 1 to 5.
        tags: has any of them.
        noted: only examples with a note.
        hinted: only examples whose standing answer was told the gold label.
        logprob_below: only examples whose standing answer has a mean log-probability below this, in nats a token.
        queue: of ``queues.QUEUES``: only examples that are in it.
        among: only these examples; the order ``given`` is theirs.
        offered: only examples with an answer that waits to be compared with what stands.
    """

    splits: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    agreement: tuple[str, ...] = ()
    text: str = ""
    mode: str = "contains"
    label: str | None = None
    import_id: int | None = None
    signals: tuple[str, ...] = ()
    failed: bool = False
    has_rationale: bool | None = None
    ratings: tuple[int, ...] = ()
    tags: tuple[str, ...] = ()
    noted: bool = False
    hinted: bool = False
    logprob_below: float | None = None
    queue: str = ""
    among: tuple[int, ...] | None = None
    offered: bool = False

    def where(self) -> tuple[str, list[object]]:
        """SQL condition over ``examples`` and its parameters."""
        conditions: list[str] = []
        values: list[object] = []

        def among(column: str, options: Sequence[str | int]) -> None:
            conditions.append(f"{column} IN ({', '.join('?' * len(options))})")
            values.extend(options)

        if self.splits:
            among("split", self.splits)
        if self.states:
            among("state", self.states)
        if self.agreement:
            sql = {"agree": "agree = 1", "conflict": "agree = 0", "unknown": "agree IS NULL"}
            conditions.append("(" + " OR ".join(sql[name] for name in self.agreement) + ")")
        if self.label is not None:
            conditions.append("label = ?")
            values.append(self.label)
        if self.import_id is not None:
            conditions.append("import_id = ?")
            values.append(self.import_id)
        if self.signals:
            marks = ", ".join("?" * len(self.signals))
            conditions.append(f"id IN (SELECT example_id FROM signals WHERE signal IN ({marks}))")
            values.extend(self.signals)
        if self.failed:
            # From the failed ones, which are few and have an index, not from all of a state.
            conditions.append("id IN (SELECT id FROM examples WHERE failure IS NOT NULL AND rationale IS NULL)")
        if self.has_rationale is not None:
            conditions.append(f"rationale IS {'NOT ' if self.has_rationale else ''}NULL")
        if self.ratings:
            among("rating", self.ratings)
        if self.tags:
            having = " OR ".join(["instr(tags, ?)"] * len(self.tags))
            conditions.append(f"tags IS NOT NULL AND ({having})")
            values.extend(between(name) for name in self.tags)
        if self.noted:
            conditions.append("note IS NOT NULL")
        if self.hinted:
            conditions.append(_STANDING.format("a.hinted = 1"))
        if self.logprob_below is not None:
            conditions.append(_STANDING.format("a.mean_logprob < ?"))
            values.append(self.logprob_below)
        if self.queue:
            conditions.append(queues.QUEUES[self.queue].where)
        if self.among is not None:
            conditions.append("id IN (SELECT value FROM json_each(?))")
            values.append(as_json(self.among))
        if self.offered:
            conditions.append("offered IS NOT NULL")
        if self.text:
            found, wanted = search.condition(self.text, self.mode)
            conditions.append(found)
            values.extend(wanted)
        return " AND ".join(conditions) or "1", values


def as_json(ids: Iterable[int]) -> str:
    """Ids as one parameter, for ``json_each``: binding them one by one takes a second for a million.

    A part at a time, and joined once: there are never a million number objects, and other threads have their turn.
    """
    given = ids if isinstance(ids, array) else list(ids)
    parts = ["["]
    for at in range(0, len(given), _PART):
        part = msgspec.json.encode(list(given[at : at + _PART]))[1:-1].decode()
        parts.append(f",{part}" if at else part)
    return "".join([*parts, "]"])


EVERYTHING = Filter()
"""No condition at all."""


@dataclass(frozen=True, slots=True)
class Selection:
    """What an action works on: named ids, or all that match a filter but for some."""

    ids: Sequence[int] = ()
    matching: Filter | None = None
    but: frozenset[int] = field(default_factory=frozenset)

    @classmethod
    def of(cls, ids: Iterable[int]) -> Selection:
        return cls(ids=ids if isinstance(ids, array) else tuple(ids))

    def load(self, tx: Transaction) -> int:
        """Fill ``temp.chosen`` with the ids; returns how many."""
        tx.execute("CREATE TEMP TABLE IF NOT EXISTS chosen (id INTEGER PRIMARY KEY)")
        tx.execute("DELETE FROM temp.chosen")
        if self.matching is None:
            tx.execute("INSERT OR IGNORE INTO temp.chosen SELECT value FROM json_each(?)", (as_json(self.ids),))
        else:
            where, values = self.matching.where()
            tx.execute(f"INSERT INTO temp.chosen SELECT id FROM examples WHERE {where}", values)
            tx.executemany("DELETE FROM temp.chosen WHERE id = ?", ((i,) for i in self.but))
        return int(tx.execute("SELECT count(*) FROM temp.chosen").fetchone()[0])
