"""How much a rationale raises the probability of its gold label under a teacher, measured by the job *lift*.

A measurement stands until the example is measured anew, also when its text was changed meanwhile: compare its mark
before calling it true. Where the gold label is not more probable, the example has the signal ``unhelpful``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dsbs_gui.core.hashing import text_mark

if TYPE_CHECKING:
    from .connection import Reader
    from .database import Transaction

SIGNAL = "unhelpful"
_PAGE = 1_000
_MEASURABLE = "rationale IS NOT NULL AND label IS NOT NULL AND trim(label) <> ''"
_SQL = (
    "SELECT e.id, e.fields, e.input, e.rationale, e.label, l.mark, l.settings FROM (SELECT * FROM examples"
    f" WHERE id > ? AND {_MEASURABLE} ORDER BY id LIMIT ?) e LEFT JOIN lifts l ON l.example_id = e.id ORDER BY e.id"
)


@dataclass(frozen=True, slots=True)
class Lift:
    """``without`` and ``given`` the rationale: log-probability of the gold label in nats, all its tokens together."""

    mark: str
    teacher: str
    settings: str
    without: float
    given: float

    @property
    def nats(self) -> float:
        return self.given - self.without


def mark_of(text: str, rationale: str | None, label: str | None) -> str:
    """The mark that a measurement of these texts leaves."""
    return text_mark("\0".join((text, rationale or "", label or "")))


def missing(db: Reader, settings: str) -> Iterator[tuple[int, str, str, str, str, str]]:
    """What has not been measured with these settings: id, fields as JSON, input, rationale, gold label and mark."""
    last = -1
    while rows := db.execute(_SQL, (last, _PAGE)).fetchall():
        for row in rows:
            mark = mark_of(row["input"], row["rationale"], row["label"])
            if (row["mark"], row["settings"]) != (mark, settings):
                yield row["id"], row["fields"], row["input"], row["rationale"], row["label"], mark
        last = rows[-1]["id"]


def measurable(db: Reader) -> int:
    """How many examples have a rationale and a gold label."""
    return int(db.execute(f"SELECT count(*) FROM examples WHERE {_MEASURABLE}").fetchone()[0])


def of_example(db: Reader, example_id: int) -> Lift | None:
    sql = "SELECT mark, teacher, settings, without, given FROM lifts WHERE example_id = ?"
    row = db.execute(sql, (example_id,)).fetchone()
    return None if row is None else Lift(**dict(row))


def nats(db: Reader, settings: str) -> list[float]:
    """All that was measured with these settings, ascending."""
    sql = "SELECT given - without FROM lifts WHERE settings = ? ORDER BY 1"
    return [row[0] for row in db.execute(sql, (settings,))]


def put(tx: Transaction, teacher: str, settings: str, rows: Sequence[tuple[int, str, float, float]]) -> None:
    """Keep measurements: id, mark, log-probability without and with the rationale; absent examples are passed over."""
    marks = ", ".join("?" * len(rows))
    sql = f"SELECT id FROM examples WHERE id IN ({marks})"
    there = {row[0] for row in tx.execute(sql, [int(row[0]) for row in rows])}
    kept = [row for row in rows if row[0] in there]
    tx.executemany(
        "INSERT OR REPLACE INTO lifts (example_id, mark, teacher, settings, without, given) VALUES (?, ?, ?, ?, ?, ?)",
        [(example_id, mark, teacher, settings, without, given) for example_id, mark, without, given in kept],
    )
    tx.executemany("DELETE FROM signals WHERE signal = ? AND example_id = ?", [(SIGNAL, row[0]) for row in kept])
    tx.executemany(
        "INSERT INTO signals (signal, example_id, detail) VALUES (?, ?, ?)",
        [(SIGNAL, row[0], f"{row[3] - row[2]:.2f}") for row in kept if row[3] <= row[2]],
    )
    tx.touch("examples", there)
