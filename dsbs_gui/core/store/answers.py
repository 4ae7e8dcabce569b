"""Teacher answers: raw as they came, for ever, and what was parsed from them and how."""

from __future__ import annotations

import json
import time
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from . import offers, queues, standing
from .connection import Reader, Row
from .database import Transaction

_PER_QUERY = 500
_COLUMNS = (
    "id, example_id, run_id, sample, source, teacher, prompt_id, cache_key, request_key, raw, finish_reason, failure,"
    " rationale, label, rung, flags, parser, agree, tokens_in, tokens_out, seconds, mean_logprob, label_logprob,"
    " hinted, created"
)


@dataclass(frozen=True, slots=True)
class NewAnswer:
    """An answer to store. ``source`` is ``teacher``, ``import`` or ``textbook``; ``failure`` None = usable.

    ``mean_logprob`` is in nats a token, ``label_logprob`` in nats for the whole label; None where it is not known.
    """

    example_id: int
    run_id: str
    source: str
    teacher: str
    raw: str
    sample: int = 0
    prompt_id: int | None = None
    cache_key: str | None = None
    request_key: bytes | None = None
    finish_reason: str = "stop"
    failure: str | None = None
    rationale: str | None = None
    label: str | None = None
    rung: str | None = None
    flags: tuple[str, ...] = ()
    parser: str | None = None
    agree: bool | None = None
    tokens_in: int = 0
    tokens_out: int = 0
    seconds: float = 0.0
    mean_logprob: float | None = None
    label_logprob: float | None = None
    hinted: bool = False


@dataclass(frozen=True, slots=True)
class Answer(NewAnswer):
    id: int = 0
    created: float = 0.0


def add(tx: Transaction, answer: NewAnswer, *, trial: bool = False, aside: bool = False) -> int:
    """Store an answer and, unless a person has decided, let it stand for the example. Returns its id.

    Args:
        trial: as for :func:`standing.let_stand`.
        aside: it was asked for to be compared: where there is a rationale, it takes the place of nothing.
    """
    agree = None if answer.agree is None else int(answer.agree)
    answer_id = tx.insert(
        "answers",
        example_id=answer.example_id,
        run_id=answer.run_id,
        sample=answer.sample,
        source=answer.source,
        teacher=answer.teacher,
        prompt_id=answer.prompt_id,
        cache_key=answer.cache_key,
        request_key=answer.request_key,
        raw=answer.raw,
        finish_reason=answer.finish_reason,
        failure=answer.failure,
        rationale=answer.rationale,
        label=answer.label,
        rung=answer.rung,
        flags=json.dumps(answer.flags),
        parser=answer.parser,
        agree=agree,
        tokens_in=answer.tokens_in,
        tokens_out=answer.tokens_out,
        seconds=answer.seconds,
        mean_logprob=answer.mean_logprob,
        label_logprob=answer.label_logprob,
        hinted=int(answer.hinted),
        created=time.time(),
    )
    if aside and standing.has_other_than(tx, answer.example_id, answer.run_id):
        offers.offer(tx, answer.example_id, answer.run_id)
    else:
        standing.let_stand(tx, answer_id, trial=trial)
    queues.note_answer(tx, answer.example_id, answer.teacher)
    tx.touch("answers", [answer.example_id])
    tx.touch("examples", [answer.example_id])
    return answer_id


def reparse(tx: Transaction, answer: Answer) -> None:
    """Store what a changed parser makes of an answer that is there (its id says which)."""
    agree = None if answer.agree is None else int(answer.agree)
    tx.execute(
        "UPDATE answers SET failure = ?, rationale = ?, label = ?, rung = ?, flags = ?, parser = ?, agree = ?,"
        " label_logprob = ? WHERE id = ?",
        (
            answer.failure,
            answer.rationale,
            answer.label,
            answer.rung,
            json.dumps(answer.flags),
            answer.parser,
            agree,
            answer.label_logprob,
            answer.id,
        ),
    )
    standing.read_anew(tx, answer.id)
    if answer.failure is not None:
        offers.withdraw(tx, answer.id)
    queues.note_answer(tx, answer.example_id, answer.teacher)
    tx.touch("answers", [answer.example_id])
    tx.touch("examples", [answer.example_id])


def _answer(row: Row) -> Answer:
    values: dict[str, Any] = dict(row)
    values["flags"] = tuple(json.loads(values["flags"]))
    values["agree"] = None if values["agree"] is None else bool(values["agree"])
    values["hinted"] = bool(values["hinted"])
    return Answer(**values)


def of_example(db: Reader, example_id: int) -> list[Answer]:
    """All answers to one example, newest first."""
    sql = f"SELECT {_COLUMNS} FROM answers WHERE example_id = ? ORDER BY id DESC"
    return [_answer(row) for row in db.execute(sql, (example_id,))]


def newest_of_run(db: Reader, run_id: str, most: int) -> list[Answer]:
    """The last answers that a run brought, newest first; quick for a run that goes on."""
    sql = f"SELECT {_COLUMNS} FROM answers WHERE run_id = ? ORDER BY id DESC LIMIT ?"
    return [_answer(row) for row in db.execute(sql, (run_id, most))]


@dataclass(frozen=True, slots=True)
class Signals:
    """What a table shows of an answer without its texts."""

    teacher: str
    rung: str | None
    flags: tuple[str, ...]
    hinted: bool
    finish_reason: str


def signals(db: Reader, wanted: Sequence[int]) -> dict[int, Signals]:
    """Signals of some hundred answers, by id; absent ones are left out."""
    marks = ", ".join("?" * len(wanted))
    rows = db.execute(
        f"SELECT id, teacher, rung, flags, hinted, finish_reason FROM answers WHERE id IN ({marks})", list(wanted)
    )
    return {row[0]: Signals(row[1], row[2], tuple(json.loads(row[3])), bool(row[4]), row[5]) for row in rows}


def get(db: Reader, answer_id: int) -> Answer | None:
    row = db.execute(f"SELECT {_COLUMNS} FROM answers WHERE id = ?", (answer_id,)).fetchone()
    return None if row is None else _answer(row)


def page(db: Reader, wanted: Sequence[int]) -> dict[int, Answer]:
    """The answers of these ids, by id; absent ones are left out."""
    found: dict[int, Answer] = {}
    for start in range(0, len(wanted), _PER_QUERY):
        part = list(wanted[start : start + _PER_QUERY])
        sql = f"SELECT {_COLUMNS} FROM answers WHERE id IN ({', '.join('?' * len(part))})"
        found |= {row["id"]: _answer(row) for row in db.execute(sql, part)}
    return found


def each(db: Reader, split: str | None = None, at_a_time: int = 1_000) -> Iterator[Answer]:
    """All answers in id order (of one split), by keyset pages."""
    last = -1
    sql = (
        f"SELECT {', '.join('a.' + name.strip() for name in _COLUMNS.split(','))} FROM answers a"
        " JOIN examples e ON e.id = a.example_id WHERE a.id > ? AND (? IS NULL OR e.split = ?) ORDER BY a.id LIMIT ?"
    )
    while rows := db.execute(sql, (last, split, split, at_a_time)).fetchall():
        for row in rows:
            yield _answer(row)
        last = rows[-1]["id"]


def known(
    db: Reader, cache_key: str, wanted: Sequence[int], settled: Sequence[str] | None
) -> dict[tuple[int, int], bool]:
    """What this teacher, prompt and parameters have answered of some hundred examples.

    Args:
        settled: failures that count as answered, since asking again would bring them again; None: all do.

    Returns: (example, sample) → whether a label was read that means the gold one.
    """
    condition = "1" if settled is None else f"(failure IS NULL OR failure IN ({', '.join('?' * len(settled))}))"
    rows = db.execute(
        "SELECT example_id, sample, max(failure IS NULL AND agree IS 1) FROM answers WHERE cache_key = ?"
        f" AND example_id IN ({', '.join('?' * len(wanted))}) AND {condition} GROUP BY 1, 2",
        [cache_key, *wanted, *(settled or ())],
    )
    return {(row[0], row[1]): bool(row[2]) for row in rows}


def has_request_keys(db: Reader, teacher: str) -> bool:
    """Whether :func:`by_request_key` can find anything of this teacher."""
    sql = "SELECT 1 FROM answers WHERE teacher = ? AND request_key IS NOT NULL LIMIT 1"
    return db.execute(sql, (teacher,)).fetchone() is not None


def by_request_key(db: Reader, keys: Sequence[bytes]) -> dict[bytes, list[Answer]]:
    """Usable answers to requests, by the identity of the request, newest first."""
    found: dict[bytes, list[Answer]] = {}
    for start in range(0, len(keys), _PER_QUERY):
        part = list(keys[start : start + _PER_QUERY])
        marks = ", ".join("?" * len(part))
        sql = f"SELECT {_COLUMNS} FROM answers WHERE request_key IN ({marks}) AND failure IS NULL ORDER BY id DESC"
        for row in db.execute(sql, part):
            found.setdefault(row["request_key"], []).append(_answer(row))
    return found


def failing(db: Reader, split: str) -> array[int]:
    """Examples of a split to which the newest answer of a teacher is of no use, in order."""
    rows = db.execute(
        "SELECT e.id FROM examples e JOIN answers a ON a.id = (SELECT max(b.id) FROM answers b"
        " WHERE b.example_id = e.id AND b.source = 'teacher') WHERE e.split = ? AND a.failure IS NOT NULL"
        " ORDER BY e.id",
        (split,),
    )
    return array("q", (row[0] for row in rows))


def tally(db: Reader, run_id: str) -> dict[str, Any]:
    """Counts of one run: ``{"answers", "done", "failed": {reason: n}, "parsed", "agree", "compared", "tokens_in",
    "tokens_out"}``; hinted answers are not compared with gold."""
    row = db.execute(
        "SELECT count(*), sum(label IS NOT NULL AND failure IS NULL), sum(agree = 1 AND NOT hinted),"
        " sum(agree IS NOT NULL AND NOT hinted),"
        " sum(tokens_in), sum(tokens_out), sum(failure IS NULL) FROM answers WHERE run_id = ?",
        (run_id,),
    ).fetchone()
    failed = db.execute(
        "SELECT failure, count(*) FROM answers WHERE run_id = ? AND failure IS NOT NULL GROUP BY 1 ORDER BY 2 DESC",
        (run_id,),
    )
    names = ("answers", "parsed", "agree", "compared", "tokens_in", "tokens_out", "done")
    tallied: dict[str, Any] = {name: int(value or 0) for name, value in zip(names, row, strict=True)}
    tallied["failed"] = {reason: n for reason, n in failed}
    return tallied
