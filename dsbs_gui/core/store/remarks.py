"""What people say of examples beside deciding about them: a rating, tags, a note. All of it is history.

A remark changes no state: who tags a rationale has not accepted it. The note of a single example is written by
``decisions.edit`` like the other texts; several get a line added to theirs.
"""

from __future__ import annotations

from array import array
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from dsbs_gui.core.errors import UserError
from dsbs_gui.core.tags import END, between, tag_name, tags_of

from . import id_vectors
from .filters import EVERYTHING, Filter, Selection
from .history import begin, touch, write_chosen

if TYPE_CHECKING:
    from .connection import Reader
    from .database import Transaction

RATINGS = (1, 2, 3, 4, 5)
_MOST_COMBINATIONS = 10_000
_ADDED = f"coalesce(tags, '{END}') || ?1 || '{END}'"
_NOTED = "coalesce(note || char(10), '') || ?1"
_REMOVED = f"nullif(replace(tags, '{END}' || ?1 || '{END}', '{END}'), '{END}')"


@dataclass(frozen=True, slots=True)
class Remarked:
    """How many examples have each rating, each tag (the commonest first), and a note."""

    ratings: dict[int, int] = field(default_factory=dict)
    tags: dict[str, int] = field(default_factory=dict)
    noted: int = 0


def rate(tx: Transaction, selection: Selection, rating: int | None) -> int:
    """Give the selected examples a rating, or with None take theirs away; returns how many changed.

    Raises:
        UserError: if ``rating`` is not one of ``RATINGS``.
    """
    if rating is not None and rating not in RATINGS:
        raise UserError(f"There is no rating {rating}.", "Rate from 1 to 5.")
    selection.load(tx)
    changed = _leave(tx, "rating IS NOT ?", rating)
    if changed:
        n = _examples(changed)
        action = f"Take the rating from {n}" if rating is None else f"Rate {n} {rating} of 5"
        write_chosen(tx, begin(tx, action), "rating", rating)
        touch(tx, "chosen")
    return changed


def tag(tx: Transaction, selection: Selection, name: str) -> int:
    """Give the selected examples a tag, in the spelling that the project knows; returns how many had it not.

    Raises:
        UserError: for a text that is no tag.
    """
    name = _known(tx, tag_name(name))
    selection.load(tx)
    changed = _leave(tx, "NOT instr(coalesce(tags, ''), ?)", between(name))
    if changed:
        write_chosen(tx, begin(tx, f"Tag {_examples(changed)} “{name}”"), "tags", name, becomes=_ADDED)
        touch(tx, "chosen")
    return changed


def untag(tx: Transaction, selection: Selection, name: str) -> int:
    """Take a tag from the selected examples; returns how many had it."""
    selection.load(tx)
    changed = _leave(tx, "instr(coalesce(tags, ''), ?)", between(name))
    if changed:
        batch = begin(tx, f"Take the tag “{name}” from {_examples(changed)}")
        write_chosen(tx, batch, "tags", name, becomes=_REMOVED)
        touch(tx, "chosen")
    return changed


def add_note(tx: Transaction, selection: Selection, line: str) -> int:
    """Put a line behind the notes of the selected examples; returns how many there are. A blank line is none."""
    selection.load(tx)
    changed = _leave(tx, "? <> ''", line.strip())
    if changed:
        write_chosen(tx, begin(tx, f"Add to the notes of {_examples(changed)}"), "note", line, becomes=_NOTED)
        touch(tx, "chosen")
    return changed


def known_tags(db: Reader) -> list[str]:
    """The tags of the project in alphabetical order. From one look-up for each set of tags that occurs."""
    rows = db.execute(
        "WITH RECURSIVE sets (tags) AS (SELECT min(tags) FROM examples WHERE tags IS NOT NULL UNION ALL"
        " SELECT (SELECT min(e.tags) FROM examples e WHERE e.tags IS NOT NULL AND e.tags > sets.tags) FROM sets"
        " WHERE sets.tags IS NOT NULL) SELECT tags FROM sets WHERE tags IS NOT NULL LIMIT ?",
        (_MOST_COMBINATIONS,),
    )
    return sorted({name for row in rows for name in tags_of(row[0])}, key=str.casefold)


def tags_among(db: Reader, selection: Selection) -> dict[str, int]:
    """How many of the selected examples have each tag, the commonest first."""
    if selection.matching is not None:
        return _tags(db, selection.matching)
    tagged = db.execute("SELECT id, tags FROM examples WHERE tags IS NOT NULL ORDER BY id").fetchall()
    if not tagged:
        return {}
    chosen = selection.ids if isinstance(selection.ids, array) else array("q", selection.ids)
    inside = id_vectors.places(array("q", (row[0] for row in tagged)), chosen)
    found = Counter(name for there, row in zip(inside, tagged, strict=True) if there for name in tags_of(row[1]))
    return dict(found.most_common())


def counts(db: Reader, chosen: Filter = EVERYTHING) -> Remarked:
    """What each rating, each tag and *has a note* would leave, the other conditions of the filter being as they are."""
    ratings: dict[int, int] = {}
    if _any(db, "rating"):
        where, values = replace(chosen, ratings=()).where()
        # Named here and below, for SQLite would look at all rows of a state instead of the few with a remark.
        rated = "examples INDEXED BY examples_rating WHERE rating IS NOT NULL"
        sql = f"SELECT rating, count(*) FROM {rated} AND {where} GROUP BY 1"
        ratings = {row[0]: int(row[1]) for row in db.execute(sql, values)}
    tags = _tags(db, replace(chosen, tags=())) if _any(db, "tags") else {}
    noted = 0
    if _any(db, "note"):
        where, values = chosen.where()
        kept = "examples INDEXED BY examples_noted WHERE note IS NOT NULL"
        noted = int(db.execute(f"SELECT count(*) FROM {kept} AND {where}", values).fetchone()[0])
    return Remarked(ratings, tags, noted)


def _tags(db: Reader, chosen: Filter) -> dict[str, int]:
    where, values = chosen.where()
    found: Counter[str] = Counter()
    tagged = "examples INDEXED BY examples_tags WHERE tags IS NOT NULL"
    sql = f"SELECT tags, count(*) FROM {tagged} AND {where} GROUP BY 1"
    for tags, n in db.execute(sql, values):
        for name in tags_of(tags):
            found[name] += n
    return dict(found.most_common())


def _any(db: Reader, column: str) -> bool:
    """From an index of just those rows."""
    return bool(db.execute(f"SELECT EXISTS (SELECT 1 FROM examples WHERE {column} IS NOT NULL)").fetchone()[0])


def _known(db: Reader, name: str) -> str:
    """The project's spelling of a tag."""
    folded = name.casefold()
    return next((known for known in known_tags(db) if known.casefold() == folded), name)


def _leave(tx: Transaction, condition: str, value: object) -> int:
    """Leave those of ``temp.chosen`` in it that meet a condition over ``examples``; returns how many."""
    tx.execute(
        "DELETE FROM temp.chosen WHERE NOT EXISTS"
        f" (SELECT 1 FROM examples WHERE examples.id = chosen.id AND {condition})",
        (value,),
    )
    return int(tx.execute("SELECT count(*) FROM temp.chosen").fetchone()[0])


def _examples(n: int) -> str:
    return f"{n} example{'' if n == 1 else 's'}"
