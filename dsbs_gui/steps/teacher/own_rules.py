"""Rules of the user's own: a regular expression with a group ``label`` and perhaps one ``rationale``.

Whatever it is, it cannot hang the program: patterns are bounded when they are written and their time is
limited when they are used. Plain Python; the ``regex`` library, because the standard one has no time limit.
"""

from __future__ import annotations

import re
import string
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import regex

from dsbs_gui.core.errors import UserError

LONGEST_PATTERN = 500
TIME_LIMIT_S = 0.1
"""A sound pattern takes some 20 µs an answer."""
GROUPS = ("label", "rationale")
EXAMPLE = r"^#### (?P<label>.+)$"

_MANY_TIMES = re.compile(r"\{[^}]*\d{4}")  # regex would take minutes to compile a{99999999}
# Behind them every character, for a pattern that misses the one it needs gives up at once.
_WORST = tuple(part + "!" + string.printable for part in (" " * 300, "a" * 300, "1" * 300, "ab 1. " * 60, "\n" * 300))
_FLAGS = regex.IGNORECASE | regex.MULTILINE


@dataclass(frozen=True, slots=True)
class Match:
    """What was found: the label as it is written, and what stands as the rationale."""

    label: str
    rationale: str


class TooSlow(Exception):
    """A pattern took longer than ``TIME_LIMIT_S`` on an answer."""


def search(pattern: str, text: str) -> Match | None:
    """The last place where a pattern finds a label that is not blank; None if it does nowhere.

    The rationale is what its group says, else the text before the match.

    Raises: TooSlow.
    """
    compiled = _compiled(pattern)
    try:
        found = None if compiled is None else _last(compiled, text)
    except (TimeoutError, MemoryError):
        raise TooSlow(pattern) from None
    if found is None:
        return None
    reason = found.groupdict().get("rationale")
    return Match(found["label"].strip(), text[: found.start()].rstrip(" ,;\n") if reason is None else reason.strip())


def check_pattern(pattern: str) -> None:
    """Raises UserError unless ``pattern`` is a regular expression that can find a label in bounded time."""
    if not pattern.strip():
        raise UserError("The pattern is empty.", f"For instance: {EXAMPLE}")
    if len(pattern) > LONGEST_PATTERN:
        raise UserError(f"The pattern is longer than {LONGEST_PATTERN} characters.", "Make two rules of it.")
    if _MANY_TIMES.search(pattern):
        raise UserError("The pattern repeats something a thousand times or more.", "Use + or * instead.")
    try:
        compiled = regex.compile(pattern, _FLAGS)
    except regex.error as error:
        where = "" if error.pos is None else f" at character {error.pos + 1}"
        problem = f"This is no regular expression{where}: {error.msg}."
        raise UserError(problem, r"A sign such as ( [ * + ? means itself after a \.") from None
    _check_groups(compiled)
    try:
        for text in _WORST:
            _last(compiled, text)
    except (TimeoutError, MemoryError):
        raise UserError(
            "The pattern takes too long on some texts.", "Do not repeat what is repeated already."
        ) from None


def _check_groups(compiled: Any) -> None:
    names = set(compiled.groupindex)
    if "label" not in names:
        raise UserError("No group of the pattern is named label.", "Write (?P<label>…) around what is the label.")
    if unknown := sorted(names - set(GROUPS)):
        raise UserError(f"There is no use for a group named {unknown[0]}.", "Groups are label and rationale.")


@lru_cache(maxsize=64)
def _compiled(pattern: str) -> Any:
    """None for a pattern that this version of the library refuses."""
    try:
        return regex.compile(pattern, _FLAGS)
    except regex.error:
        return None


def _last(compiled: Any, text: str) -> Any:
    """The last match with a label that is not blank. Raises TimeoutError."""
    found = None
    for match in compiled.finditer(text, timeout=TIME_LIMIT_S):
        if (match["label"] or "").strip():
            found = match
    return found
