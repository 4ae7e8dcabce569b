"""Search: words through a full-text index, any text as it stands, or a regular expression.

The index follows changes of examples by triggers, in the transaction that makes them. New examples are taken into
it later and a part at a time (``catch_up``), so that an import does not wait for it and an old project opens at once;
until then they are searched row by row. Either way all is found, but accents and the case of letters beyond ASCII
are looked through by the index alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from . import patterns, project_info
from .connection import Reader
from .database import Transaction

MODES = ("contains", "words", "regex")
"""*contains*: the text as it stands, without regard to ASCII case. *words*: each word begins a word of the example, in
any of its texts and any order, without regard to case and accents; “in quotes” they follow one another. *regex*: the
pattern is found in one of its texts, without regard to case."""

SEARCHED = ("input", "rationale", "label", "teacher_label", "note")
MOST_KEPT = 20
_LONGEST_LIKE = 10_000
_LONGEST_WORDS = 500
_KEY = "searches"
_TERMS = re.compile(r'"([^"]*)"?|([^\s"]+)')
# What the index takes for a word, and what it does not.
_PARTS = re.compile(r"[^\W_]+")
_START, _BETWEEN, _END = r"(?<![^\W_])", r"[\W_]+", r"(?![^\W_])"
# Thai to Tibetan, Burmese, Khmer, kana to Han, and the rarer Han: no spaces between words, and the index would see a
# whole clause as one.
_UNSPACED = re.compile("[\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff\u3040-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")


@dataclass(frozen=True, slots=True)
class Search:
    """One search of the past."""

    text: str
    mode: str = "words"


def condition(text: str, mode: str = "contains") -> tuple[str, list[object]]:
    """SQL condition over ``examples`` and its parameters; any text will do.

    A pattern has to be checked with :func:`problem` before: one that is none fails when the condition is used.
    """
    text = text.encode("utf-8", "ignore").decode()  # half a surrogate pair cannot be in the database
    if mode == "regex":
        return f"matches(?, {', '.join(SEARCHED)})", [text]
    if not indexed(text, mode):
        return _contains(text)
    # In one list of ids: with an OR of two conditions SQLite would walk through all examples.
    found, values = matching(text)
    return f"id IN ({found})", values


def indexed(text: str, mode: str) -> bool:
    """Whether the full-text index can be asked for it."""
    return mode == "words" and _query(text.encode("utf-8", "ignore").decode()) is not None


def matching(text: str) -> tuple[str, list[object]]:
    """A query for the ids of what :func:`indexed` text is found in, each once, and its parameters."""
    text = text.encode("utf-8", "ignore").decode()
    slow, values = _row_by_row(text)
    sql = (
        "SELECT rowid AS id FROM search WHERE search MATCH ?"
        f" UNION ALL SELECT id FROM examples WHERE id > (SELECT indexed FROM search_state) AND {slow}"
    )
    return sql, [_query(text), *values]


def _query(text: str) -> str | None:
    """The text in the index's language, each term quoted; None where the index would not understand it."""
    if len(text) > _LONGEST_WORDS or "\0" in text or _UNSPACED.search(text):
        return None
    terms = []
    for phrase, word in _TERMS.findall(text):
        if not any(c.isalnum() for c in phrase + word):
            if (phrase + word).strip():
                return None  # signs are not in the index
            continue
        terms.append(f'"{phrase}"' if phrase else f'"{word}"*')
    return " ".join(terms) or None


def _row_by_row(text: str) -> tuple[str, list[object]]:
    """What the index would find, without it. LIKE goes first: it is fast and leaves little to the patterns."""
    conditions: list[str] = []
    values: list[object] = []
    for phrase, word in _TERMS.findall(text):
        parts = _PARTS.findall(phrase or word)
        if parts:
            contains, wanted = _contains(parts[0])
            pattern = f"{_START}{_BETWEEN.join(parts)}{_END if phrase else ''}"
            conditions.append(f"{contains} AND matches(?, {', '.join(SEARCHED)})")
            values += [*wanted, pattern]
    return " AND ".join(conditions), values


def _contains(text: str) -> tuple[str, list[object]]:
    """LIKE is three times as fast, but refuses patterns above 50,000 bytes and ends them at a NUL."""
    if "\0" in text or len(text) > _LONGEST_LIKE:
        contains, wanted = "instr(lower({}), lower(?))", text
    else:
        escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        contains, wanted = "{} LIKE ? ESCAPE '\\'", f"%{escaped}%"
    conditions = " OR ".join(contains.format(column) for column in SEARCHED)
    return f"({conditions})", [wanted] * len(SEARCHED)


def problem(text: str, mode: str) -> str:
    """Why a pattern cannot be searched for, in a sentence; empty if it can."""
    if mode != "regex":
        return ""
    try:
        patterns.compiled(text)
    except Exception as error:  # regex.error mostly; hostile ones raise OverflowError, RecursionError and others
        place = getattr(error, "pos", None)
        where = "" if place is None else f" at character {place + 1}" if place < len(text) else " at its end"
        return f"This is no complete pattern yet: {getattr(error, 'msg', None) or error}{where}."
    return ""


def catch_up(tx: Transaction, most: int = 500) -> bool:
    """Take so many new examples into the index; returns whether there are more."""
    [(last,)] = tx.execute("SELECT indexed FROM search_state").fetchall()
    rows = tx.execute("SELECT id FROM examples WHERE id > ? ORDER BY id LIMIT ?", (last, most)).fetchall()
    if rows:
        names = ", ".join(SEARCHED)
        tx.execute(
            f"INSERT INTO search (rowid, {names}) SELECT id, {names} FROM examples WHERE id > ? AND id <= ?",
            (last, rows[-1][0]),
        )
        tx.execute("UPDATE search_state SET indexed = ?", (rows[-1][0],))
    return len(rows) == most


def remember(tx: Transaction, text: str, mode: str) -> None:
    """Put a search at the head of those of the past."""
    if text.strip():
        kept = [Search(text, mode), *(s for s in recent(tx) if s != Search(text, mode))]
        project_info.put(tx, _KEY, [[s.text, s.mode] for s in kept[:MOST_KEPT]])


def recent(db: Reader) -> list[Search]:
    """The searches of the past, newest first."""
    return [Search(text, mode) for text, mode in project_info.get(db, _KEY, [])]
