"""The signs of which arithmetic in a text is made. Time is linear in the length of the text."""

from __future__ import annotations

import math
import re
from typing import NamedTuple

_TOKEN = re.compile(
    r"(?P<number>(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?|\.\d+)(?P<percent>\s?%)?|(?P<currency>[$€£¥])"
    r"|(?P<operator>[+*/×·÷−–-])|(?P<open>\()|(?P<close>\))|(?P<equals>=)|(?P<word>[^\W\d_]+)"
    r"|(?P<stop>[.,;:!?\"“”‘’'\n\[\]])|(?P<space>[^\S\n]+)|(?P<other>.)",
    re.DOTALL,
)
_EQUAL_WORDS = ("is", "equals", "are")
_NOT_THE_RESULT = ("times", "more", "less", "fewer", "percent", "of", "and")


class Token(NamedTuple):
    """``kind`` is number, operator, open, close, equals, word, stop or other; ``text`` of a number has no % sign."""

    kind: str
    text: str
    start: int
    end: int
    percent: bool = False


def numbers(text: str) -> list[tuple[str, float]]:
    """All numbers as they are written, with their values."""
    found = ((match["number"], number(match["number"])) for match in _TOKEN.finditer(text) if match["number"])
    return [(spelt, value) for spelt, value in found if value is not None]


def tokens(text: str) -> list[Token]:
    """All signs but white space and currency signs, read by their neighbours."""
    found: list[Token] = []
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup or "other"
        if kind in ("number", "percent"):
            found.append(Token("number", match["number"], match.start(), match.end(), kind == "percent"))
        elif kind not in ("space", "currency"):
            found.append(Token(kind, match[0], match.start(), match.end()))
    return [_read(found, place) if token.kind == "word" else token for place, token in enumerate(found)]


def _read(found: list[Token], place: int) -> Token:
    """A token by what stands around it: *x* between numbers multiplies, *of* after a fraction too, *is* may equal."""
    token = found[place]
    if not 0 < place < len(found) - 1:
        return token
    before, after, word = found[place - 1], found[place + 1], token.text.lower()
    if before.kind not in ("number", "close") or after.kind not in ("number", "open"):
        return token
    if word == "x" or (word == "of" and (before.percent or _fraction(found, place))):
        return Token("operator", "*", token.start, token.end)
    if word in _EQUAL_WORDS and after.kind == "number" and not _goes_on(found, place + 2):
        return Token("equals", "=", token.start, token.end)
    return token


def _fraction(found: list[Token], place: int) -> bool:
    return place >= 3 and found[place - 2].text == "/" and found[place - 3].kind == "number"


def _goes_on(found: list[Token], place: int) -> bool:
    """Whether the number before ``place`` is not the result: *is 3 times as many*."""
    return place < len(found) and found[place].kind == "word" and found[place].text.lower() in _NOT_THE_RESULT


def number(spelt: str) -> float | None:
    """The value of a plain number; None if it is too large for one."""
    try:
        value = float(spelt.replace(",", ""))
    except ValueError:
        return None
    return value if math.isfinite(value) else None
