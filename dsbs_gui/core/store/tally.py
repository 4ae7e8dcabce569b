"""Counts of one run's answers that go on from where they stood: each look costs what is new, not what there is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from .connection import Reader


@dataclass(frozen=True, slots=True)
class Tally:
    """Of a run's answers up to ``last_id``.

    Attributes:
        done, parsed: usable ones, and of these such with a label.
        agree, compared: with the gold label, and how many could be compared; hinted answers are not.
        failed: reason → how many. rungs: how the label was read → how many, of usable answers.
    """

    answers: int = 0
    done: int = 0
    parsed: int = 0
    agree: int = 0
    compared: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    failed: Mapping[str, int] = field(default_factory=dict)
    rungs: Mapping[str, int] = field(default_factory=dict)
    last_id: int = 0

    @property
    def n_failed(self) -> int:
        return sum(self.failed.values())


NOTHING = Tally()


def go_on(db: Reader, run_id: str, before: Tally = NOTHING) -> Tally:
    """The tally with the answers that have come since ``before``."""
    # The plus keeps SQLite from walking through all answers of the run: ids above the last one are few.
    rows = db.execute(
        "SELECT failure, rung, label IS NOT NULL, CASE WHEN hinted THEN NULL ELSE agree END, count(*), sum(tokens_in),"
        " sum(tokens_out), max(id) FROM answers WHERE id > ? AND +run_id = ? GROUP BY 1, 2, 3, 4",
        (before.last_id, run_id),
    ).fetchall()
    if not rows:
        return before
    failed, rungs = dict(before.failed), dict(before.rungs)
    done, parsed, agree, compared = before.done, before.parsed, before.agree, before.compared
    for failure, rung, labelled, agrees, n, *_ in rows:
        if failure is not None:
            failed[failure] = failed.get(failure, 0) + n
        else:
            done, parsed = done + n, parsed + n * labelled
            rungs[rung or ""] = rungs.get(rung or "", 0) + n
        if agrees is not None:
            compared, agree = compared + n, agree + n * agrees
    return Tally(
        answers=before.answers + sum(row[4] for row in rows),
        done=done,
        parsed=parsed,
        agree=agree,
        compared=compared,
        tokens_in=before.tokens_in + sum(row[5] for row in rows),
        tokens_out=before.tokens_out + sum(row[6] for row in rows),
        failed=dict(sorted(failed.items(), key=lambda item: -item[1])),
        rungs=dict(sorted(rungs.items(), key=lambda item: -item[1])),
        last_id=max(row[7] for row in rows),
    )


def votes(db: Reader, run_id: str, wanted: Sequence[int]) -> dict[int, list[int]]:
    """How often each label was given to each of some hundred examples, the commonest first; labels as written."""
    found: dict[int, list[int]] = {}
    marks = ", ".join("?" * len(wanted))
    rows = db.execute(
        f"SELECT example_id, count(*) FROM answers WHERE example_id IN ({marks}) AND run_id = ? AND failure IS NULL"
        " AND hinted = 0 AND label IS NOT NULL GROUP BY example_id, lower(trim(label)) ORDER BY 2 DESC",
        [*wanted, run_id],
    )
    for example_id, n in rows:
        found.setdefault(example_id, []).append(n)
    return found
