"""Examples together with the teacher's answer that their rationale stands on: what a data export is made of."""

from __future__ import annotations

from collections.abc import Iterator

from .connection import Reader, Row
from .filters import EVERYTHING, Filter
from .history import REMARKS

OWN = (
    *("id", "key", "split", "input", "fields", "label", "rationale", "origin", "teacher_label", "state", "agree"),
    "edited",
    *REMARKS,
)
OF_ANSWER = ("rationale", "teacher", "hinted")
"""Of the answer that stands: its rationale before edits, who gave it, whether the gold label was shown; else None."""

LABEL_LOGPROB = "CASE WHEN a.label = e.teacher_label THEN a.label_logprob END"
"""How probable the label that stands was, in nats; of one that a person wrote nobody knows it."""

MERGED = "m.rationale"
"""Of the second answer that the rationale was made of; None if it was not merged."""

PAGE = 1_000


def pages(db: Reader, chosen: Filter = EVERYTHING) -> Iterator[list[Row]]:
    """All matching examples in id order, with the columns ``OWN``, ``OF_ANSWER``, ``LABEL_LOGPROB`` and
    ``MERGED``.

    By keyset pages: memory stays flat, and nothing holds a read open.
    """
    where, values = chosen.where()
    own = ", ".join(f"e.{name}" for name in OWN)
    of_answer = ", ".join([*(f"a.{name}" for name in OF_ANSWER), LABEL_LOGPROB, MERGED])
    sql = (
        f"SELECT {own}, {of_answer} FROM (SELECT * FROM examples WHERE {where} AND id > ? ORDER BY id LIMIT ?) e"
        " LEFT JOIN answers a ON a.id = e.answer_id LEFT JOIN answers m ON m.id = e.merged_with ORDER BY e.id"
    )
    last = -1
    while rows := db.execute(sql, [*values, last, PAGE]).fetchall():
        yield rows
        last = rows[-1][0]
