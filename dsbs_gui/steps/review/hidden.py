"""Characters that one does not see: found, named, and made visible for reading.

They change what a student learns without a trace on the screen, and some reorder the text around them.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from dataclasses import dataclass

_OPEN, _CLOSE = "⟨", "⟩"
_SPACES = {
    "\u00a0": "no-break space", "\u202f": "narrow no-break space", "\u2007": "figure space", "\u3000": "wide space",
    "\u2028": "line separator", "\u2029": "paragraph separator", "\t": "tab", "\r": "carriage return",
    "\ufeff": "byte order mark",
}  # fmt: skip
_SIGNS = {"\u00a0": "␣", "\u202f": "␣", "\u2007": "␣", "\u3000": "␣", "\t": "→\t", "\u2028": "↵\n", "\u2029": "↵\n"}
_JOINERS = "\u200c\u200d\ufe0e\ufe0f"
_LOOKED_AT = 50_000
_HARMLESS = "\t\u00a0\u202f\u3000"


@dataclass(frozen=True, slots=True)
class Revealed:
    """``text`` with signs in place of hidden characters; ``marks`` are the (start, end) of those signs in it."""

    text: str
    marks: tuple[tuple[int, int], ...]


def reveal(text: str) -> Revealed:
    """Put a visible sign in the place of each hidden character; line ends stay line ends."""
    if text.isascii() and text.replace("\n", "").isprintable():
        return Revealed(text, ())
    text = text.replace("\r\n", "␍\n") if "\r\n" in text else text
    parts: list[str] = []
    marks: list[tuple[int, int]] = []
    length = 0
    for place, character in enumerate(text):
        sign = _sign(text, place, character)
        if sign != character or character == "␍":
            marks.append((length, length + len(sign.rstrip("\n\t"))))
        parts.append(sign)
        length += len(sign)
    return Revealed("".join(parts), tuple(marks))


def _sign(text: str, place: int, character: str) -> str:
    if character == "\n" or character.isprintable() or _joins(text, place, character):
        return _SIGNS.get(character, character)
    if character in _SIGNS:
        return _SIGNS[character]
    code = ord(character)
    if code < 0x20:
        return chr(0x2400 + code)  # the control pictures of Unicode
    if code == 0x7F:
        return "␡"
    return f"{_OPEN}U+{code:04X}{_CLOSE}"


def _joins(text: str, place: int, character: str) -> bool:
    """Joiners and variation selectors belong to emoji and to several scripts; beside ASCII they are odd."""
    return character in _JOINERS and place > 0 and not text[place - 1].isascii()


def warning(text: str) -> str:
    """What a reviewer should know about hidden characters in a text; empty if there are none to speak of.

    Line ends, tabs and no-break spaces are common and not worth a warning. Looks at the first 50,000 characters.
    """
    text = text[:_LOOKED_AT]
    if text.isascii() and text.replace("\n", "").replace("\t", "").isprintable():
        return ""
    found = Counter(
        _name(character)
        for place, character in enumerate(text.replace("\r\n", "\n"))
        if not (character.isprintable() or character in "\n" + _HARMLESS or _joins(text, place, character))
    )
    if not found:
        return ""
    names = ", ".join(name if n == 1 else f"{name} × {n}" for name, n in found.most_common(3))
    rest = len(found) - 3
    more = f" and {rest} more {'kind' if rest == 1 else 'kinds'}" if rest > 0 else ""
    return f"Hidden characters: {names}{more}."


def _name(character: str) -> str:
    if character in _SPACES:
        return _SPACES[character]
    code = f"U+{ord(character):04X}"
    name = unicodedata.name(character, "")
    return f"{name.lower()} ({code})" if name else code
