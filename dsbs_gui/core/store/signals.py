"""What the job *signals* has found in rationales, and in which text: the mark of a row is that of the text it read.

Signals of a row stand until it is checked anew, also when its text was changed meanwhile: compare the mark before
calling them true. Those that are judged over all rows at once have no mark.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from . import queues
from .filters import EVERYTHING, Filter

if TYPE_CHECKING:
    from .connection import Reader, Row
    from .database import Transaction

PAGE = 1_000
_SQL = (
    "SELECT e.id, e.fields, e.input, e.rationale, e.teacher_label, e.agree, e.edited, a.hinted, a.finish_reason,"
    " a.teacher, a.mean_logprob, m.mark FROM (SELECT * FROM examples WHERE id > ? AND rationale IS NOT NULL"
    " ORDER BY id LIMIT ?) e LEFT JOIN answers a ON a.id = e.answer_id"
    " LEFT JOIN signal_marks m ON m.example_id = e.id ORDER BY e.id"
)


def pages(db: Reader) -> Iterator[list[Row]]:
    """All examples with a rationale, each with its standing answer and its mark (None: never checked), by id."""
    last = -1
    while rows := db.execute(_SQL, (last, PAGE)).fetchall():
        yield rows
        last = rows[-1][0]


def of_example(db: Reader, example_id: int) -> tuple[bytes | None, list[tuple[str, str]]]:
    """The mark of the text that was read, and what was found: signal and detail."""
    row = db.execute("SELECT mark FROM signal_marks WHERE example_id = ?", (example_id,)).fetchone()
    found = db.execute("SELECT signal, detail FROM signals WHERE example_id = ?", (example_id,)).fetchall()
    return None if row is None else bytes(row[0]), [(signal, detail) for signal, detail in found]


def counts(db: Reader, chosen: Filter = EVERYTHING) -> dict[str, int]:
    """How many of the matching examples have each signal; those that none has are left out."""
    if db.execute("SELECT 1 FROM signals LIMIT 1").fetchone() is None:
        return {}
    where, values = chosen.where()
    among = "" if chosen == EVERYTHING else f" WHERE example_id IN (SELECT id FROM examples WHERE {where})"
    rows = db.execute(f"SELECT signal, count(*) FROM signals{among} GROUP BY signal", values if among else [])
    return {signal: int(n) for signal, n in rows}


def checked(db: Reader) -> int:
    """How many rationales were ever checked."""
    return int(db.execute("SELECT count(*) FROM signal_marks").fetchone()[0])


def put(tx: Transaction, rows: Sequence[Mapping[str, Any]], kept: Sequence[str]) -> None:
    """Replace the signals of rows that were checked, but for those of the names ``kept``.

    Args:
        rows: ``{"example_id", "mark" (hex), "found": [[signal, detail], …]}``; absent examples are passed over.
    """
    there = _there(tx, [int(row["example_id"]) for row in rows])
    rows = [row for row in rows if int(row["example_id"]) in there]
    marks = ", ".join("?" * len(kept))
    tx.executemany(
        f"DELETE FROM signals WHERE example_id = ? AND signal NOT IN ({marks})",
        ((int(row["example_id"]), *kept) for row in rows),
    )
    _insert(tx, rows)
    tx.executemany(
        "INSERT INTO signal_marks (example_id, mark) VALUES (?, ?)"
        " ON CONFLICT (example_id) DO UPDATE SET mark = excluded.mark",
        ((int(row["example_id"]), bytes.fromhex(row["mark"])) for row in rows),
    )
    queues.count_signals(tx, there)
    tx.touch("examples", there)


def put_over_all(tx: Transaction, rows: Sequence[Mapping[str, Any]], replaced: Sequence[str]) -> None:
    """Add signals that were judged over all rows; ``replaced``: names of which everything goes before."""
    had: set[int] = set()
    for name in replaced:
        had |= {row[0] for row in tx.execute("SELECT example_id FROM signals WHERE signal = ?", (name,))}
        tx.execute("DELETE FROM signals WHERE signal = ?", (name,))
    there = _there(tx, [int(row["example_id"]) for row in rows])
    _insert(tx, [row for row in rows if int(row["example_id"]) in there])
    queues.count_signals(tx, had | there)
    tx.touch("examples", None if replaced else there)


def forget_empty(tx: Transaction) -> None:
    """Signals of examples that have no rationale any more go."""
    for table in ("signals", "signal_marks"):
        tx.execute(f"DELETE FROM {table} WHERE example_id IN (SELECT id FROM examples WHERE rationale IS NULL)")
    tx.execute(
        "DELETE FROM queued WHERE queue = 'signals' AND example_id IN (SELECT id FROM examples WHERE rationale IS NULL)"
    )


def _there(tx: Transaction, wanted: Sequence[int]) -> set[int]:
    marks = ", ".join("?" * len(wanted))
    return {row[0] for row in tx.execute(f"SELECT id FROM examples WHERE id IN ({marks})", list(wanted))}


def _insert(tx: Transaction, rows: Sequence[Mapping[str, Any]]) -> None:
    tx.executemany(
        "INSERT OR REPLACE INTO signals (signal, example_id, detail) VALUES (?, ?, ?)",
        ((str(name), int(row["example_id"]), str(detail)) for row in rows for name, detail in row["found"]),
    )
