"""Several samples of one teacher: whether a student learns from the best of them or from all that agree with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dsbs_gui.core.errors import UserError

from . import project_info, standing

if TYPE_CHECKING:
    from .connection import Reader
    from .database import Transaction
    from .examples import Example

KEEP = ("one", "all")
"""``one``: the sample that stands. ``all``: in each epoch one of those that voted for its label is drawn."""
_KEY = "samples_kept"
_UNDECIDED = ("unreviewed", "skipped")


def kept(db: Reader) -> str:
    """The project's choice, one of ``KEEP``."""
    return str(project_info.get(db, _KEY, KEEP[0]))


def keep(tx: Transaction, choice: str) -> None:
    """Raises UserError for anything that is not in ``KEEP``."""
    if choice not in KEEP:
        raise UserError(f"There is no way “{choice}” to keep samples.", f"Choose one of {', '.join(KEEP)}.")
    project_info.put(tx, _KEY, choice)


def others(db: Reader, example: Example) -> tuple[str, ...]:
    """Rationales of the further samples that gave the label that stands.

    Empty where a person has decided or written: what was accepted is that one text. Answers that were told the gold
    label and those that voted otherwise never count.
    """
    if example.answer_id is None or example.edited or example.state not in _UNDECIDED:
        return ()
    fellows = standing.fellows(db, example.answer_id)
    vote = standing.vote_of(db, list(fellows)) if len(fellows) > 1 else None
    parties = vote.parties if vote is not None else ()
    for party in parties:
        ids = [ballot.answer_id for ballot in party.ballots]
        if example.answer_id in ids:
            texts = [standing.text_or_none(fellows[answer_id]) for answer_id in ids]
            return tuple(dict.fromkeys(text for text in texts if text and text != example.rationale))
    return ()


def told_gold(db: Reader) -> set[int]:
    """Examples whose standing answer was told the gold label: their label is no teacher's."""
    rows = db.execute("SELECT e.id FROM examples e JOIN answers a ON a.id = e.answer_id WHERE a.hinted = 1")
    return {row[0] for row in rows}
