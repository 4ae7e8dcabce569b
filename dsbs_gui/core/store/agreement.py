"""How the teacher's latest answers compare with the gold labels of a split."""

from __future__ import annotations

from .connection import Reader


def teacher_correct(db: Reader, split: str) -> dict[int, bool]:
    """Example id → whether the teacher's latest answer means the gold label.

    Only examples with a gold label that a teacher has answered; text without a label counts as wrong, an
    answer that never came does not count. Left out are answers made with the gold label as a hint,
    further samples of an example, and rationales that nobody gave a label.
    """
    rows = db.execute(
        "SELECT e.id, a.agree FROM examples e JOIN answers a ON a.id = (SELECT max(b.id) FROM answers b"
        " WHERE b.example_id = e.id AND b.source IN ('teacher', 'import') AND b.hinted = 0 AND b.sample = 0"
        " AND b.raw <> '' AND (b.agree IS NOT NULL OR b.failure IS NOT NULL OR b.rung = 'unparsed'))"
        " WHERE e.split = ? AND e.label IS NOT NULL",
        (split,),
    )
    return {row[0]: row[1] == 1 for row in rows}


def teachers(db: Reader, split: str) -> list[str]:
    """Names of those whose rationales stand in a split, the one with most first."""
    rows = db.execute(
        "SELECT a.teacher, count(*) FROM examples e JOIN answers a ON a.id = e.answer_id"
        " WHERE e.split = ? AND e.rationale IS NOT NULL GROUP BY 1 ORDER BY 2 DESC",
        (split,),
    )
    return [row[0] for row in rows if row[0]]
