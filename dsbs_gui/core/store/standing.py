"""Which answer of the teacher stands for an example: the newest group of samples, and of it the one voted for.

A group is what one run, or several with the same cache key, brought for an example. What a person
decided, wrote or picked stays. Writes ``examples`` only; answers themselves are never touched here.
"""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Any

from dsbs_gui.core.tasks import task_named
from dsbs_gui.core.votes import Ballot, Vote, vote

from . import project_info

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .connection import Reader, Row
    from .database import Transaction

TOUCHABLE = "state IN ('empty', 'unreviewed', 'skipped') AND edited = 0"
"""Where a newer answer may take the place of the rationale; what a person decided or wrote stays."""

_COLUMNS = "id, example_id, run_id, cache_key, sample, source, failure, rationale, label, agree, mean_logprob, hinted"


def text_or_none(text: str | None) -> str | None:
    """The text as it is; a blank one is none."""
    return text if text and not text.isspace() else None


def let_stand(tx: Transaction, answer_id: int, *, trial: bool = False) -> None:
    """An answer has come: let its group stand for the example if it may. A failure shows while nothing stands.

    Args:
        trial: it was asked for to try something, and takes the place of nothing but its like.
    """
    answer = _row(tx, answer_id)
    if answer["failure"] is not None:
        tx.execute(
            f"UPDATE examples SET failure = ? WHERE id = ? AND answer_id IS NULL AND {TOUCHABLE}",
            (answer["failure"], answer["example_id"]),
        )
        return
    group = _group(tx, answer)
    standing = _standing(tx, answer["example_id"])
    # Another sample of a group of which a person has picked one is no news.
    fellow = standing in {row["id"] for row in group}
    if (fellow and _picked(tx, answer["example_id"])) or (trial and standing is not None and not fellow):
        return
    _put(tx, elected(tx, group))


def let_trials_stand(tx: Transaction, cache_key: str) -> None:
    """A whole run has come to an end: what was tried before with the same teacher, prompt and parameters is of it."""
    tried = tx.execute(
        "SELECT max(a.id) FROM answers a JOIN runs r ON r.id = a.run_id JOIN examples e ON e.id = a.example_id"
        " WHERE a.cache_key = ? AND a.failure IS NULL AND json_extract(r.context, '$.trial') IS NOT NULL"
        " AND e.answer_id < a.id GROUP BY a.example_id",
        (cache_key,),
    ).fetchall()
    for (answer_id,) in tried:
        let_stand(tx, answer_id)
        tx.touch("examples", [_row(tx, answer_id)["example_id"]])


def read_anew(tx: Transaction, answer_id: int) -> None:
    """An answer was read with other rules: bring what stands up to date."""
    answer = _row(tx, answer_id)
    example_id, standing = answer["example_id"], _standing(tx, answer["example_id"])
    if standing is None:
        let_stand(tx, answer_id)
        return
    group = _group(tx, _row(tx, standing))
    picked = _picked(tx, example_id)
    if standing == answer_id and answer["failure"] is not None:
        _take_down(tx, answer)
    elif standing == answer_id and picked:
        _put(tx, answer)
    elif not picked and (standing == answer_id or answer_id in {row["id"] for row in group}):
        _put(tx, elected(tx, group))


def usable_of_run(db: Reader, example_id: int, run_id: str) -> list[Row]:
    """The usable answers that one run brought for an example."""
    return db.execute(
        f"SELECT {_COLUMNS} FROM answers WHERE example_id = ? AND run_id = ? AND failure IS NULL ORDER BY id",
        (example_id, run_id),
    ).fetchall()


def has_other_than(db: Reader, example_id: int, run_id: str) -> bool:
    """Whether a rationale stands that this run has not brought, or a person has decided that there is none."""
    row = db.execute(
        "SELECT 1 FROM examples e LEFT JOIN answers a ON a.id = e.answer_id"
        " WHERE e.id = ? AND (e.rationale IS NOT NULL AND (e.edited OR a.run_id IS NOT ?)"
        f" OR e.id IN (SELECT id FROM examples WHERE id = e.id AND NOT ({TOUCHABLE})))",
        (example_id, run_id),
    ).fetchone()
    return row is not None


def vote_of(db: Reader, answer_ids: Sequence[int]) -> Vote | None:
    """The vote among answers to one example; failures and answers with the gold label told do not vote."""
    marks = ", ".join("?" * len(answer_ids))
    rows = db.execute(
        f"SELECT {_COLUMNS} FROM answers WHERE id IN ({marks}) AND failure IS NULL AND hinted = 0", list(answer_ids)
    ).fetchall()
    return _vote(db, rows) if rows else None


def fellows(db: Reader, answer_id: int) -> dict[int, str | None]:
    """The usable samples of an answer's group, itself included: id → rationale."""
    return {row["id"]: row["rationale"] for row in _group(db, _row(db, answer_id))}


def elected(db: Reader, group: Sequence[Row]) -> Row:
    """The usable answer that stands for its group (not empty).

    The honest samples vote. One that was told the gold label stands only if the vote was not for the gold
    label and it explains that label, or if there is no honest one. What was imported is no vote: the
    first sample stands.
    """
    if len(group) == 1:
        return group[0]
    if group[0]["source"] != "teacher":
        return min(group, key=lambda row: int(row["sample"]))
    told = [row for row in group if row["hinted"]]
    honest = [row for row in group if not row["hinted"]]
    chosen = _chosen(db, honest) if honest else None
    right = [row for row in told if row["agree"]] if honest else told
    if right and (chosen is None or chosen["agree"] != 1):
        return _chosen(db, right)
    return group[0] if chosen is None else chosen


def _chosen(db: Reader, rows: Sequence[Row]) -> Row:
    result = _vote(db, rows)
    return next(row for row in rows if row["id"] == result.chosen.answer_id)


def _vote(db: Reader, rows: Sequence[Row]) -> Vote:
    ballots = [Ballot(row["id"], abs(row["sample"]), text_or_none(row["label"]), row["mean_logprob"]) for row in rows]
    labels = {ballot.label for ballot in ballots if ballot.label}
    # Mostly all write the same label: then there is no need to know what it means.
    same = partial(_same, db, rows[0]["example_id"]) if len(labels) > 1 else str.__eq__
    result = vote(ballots, same)
    assert result is not None
    return result


def _same(db: Reader, example_id: int, a: str, b: str) -> bool:
    fields = db.execute("SELECT fields FROM examples WHERE id = ?", (example_id,)).fetchone()[0]
    return task_named(str(project_info.get(db, "task", "text"))).same(a, b, json.loads(fields))


def _put(tx: Transaction, answer: Any) -> None:
    """Write an answer into its example, unless a person has decided or written there."""
    tx.execute(
        "UPDATE examples SET state = CASE WHEN state = 'skipped' AND rationale IS ?1 AND teacher_label IS ?2"
        " THEN state ELSE 'unreviewed' END, rationale = ?1, teacher_label = ?2, origin = ?3, answer_id = ?4,"
        f" agree = ?5, failure = NULL WHERE id = ?6 AND {TOUCHABLE}",
        (
            text_or_none(answer["rationale"]),
            text_or_none(answer["label"]),
            answer["source"],
            answer["id"],
            answer["agree"],
            answer["example_id"],
        ),
    )


def _take_down(tx: Transaction, answer: Any) -> None:
    """The standing answer turned out to be unusable: the best of the others, or none, takes its place."""
    taken = tx.execute(
        "UPDATE examples SET rationale = NULL, teacher_label = NULL, origin = NULL, answer_id = NULL, agree = NULL,"
        f" failure = ?, state = 'empty' WHERE id = ? AND {TOUCHABLE}",
        (answer["failure"], answer["example_id"]),
    ).rowcount
    newest = tx.execute(
        f"SELECT {_COLUMNS} FROM answers WHERE example_id = ? AND failure IS NULL ORDER BY id DESC LIMIT 1",
        (answer["example_id"],),
    ).fetchone()
    if taken and newest is not None:
        _put(tx, elected(tx, _group(tx, newest)))


def _row(db: Reader, answer_id: int) -> Any:
    return db.execute(f"SELECT {_COLUMNS} FROM answers WHERE id = ?", (answer_id,)).fetchone()


def _group(db: Reader, answer: Any) -> list[Any]:
    """The usable samples that came of the same request as ``answer``."""
    return db.execute(
        f"SELECT {_COLUMNS} FROM answers WHERE example_id = ? AND failure IS NULL AND source = ?"
        " AND (run_id = ? OR cache_key = ?) ORDER BY id",
        (answer["example_id"], answer["source"], answer["run_id"], answer["cache_key"]),
    ).fetchall()


def _standing(db: Reader, example_id: int) -> int | None:
    row = db.execute("SELECT answer_id FROM examples WHERE id = ?", (example_id,)).fetchone()
    return None if row is None else row[0]


def _picked(db: Reader, example_id: int) -> bool:
    """Whether a person has put one of the answers in its place."""
    sql = (
        "SELECT 1 FROM history h JOIN batches b ON b.id = h.batch_id WHERE h.example_id = ? AND h.field = 'answer_id'"
        " AND b.undone = 0 LIMIT 1"
    )
    return db.execute(sql, (example_id,)).fetchone() is not None
