"""Cut a long text into parts that an editor can lay out at once. No Qt."""

from __future__ import annotations

import unicodedata

WHOLE = 50_000
PART = 20_000
"""Characters of a text that is edited as one, and of a part or a single line. Qt lays a line out whole, at each key: in
ten megabytes without a line end every letter would take seconds."""

_LINE_END_WITHIN = 5_000
_SPACE_WITHIN = 500
_LONGEST_CLUSTER = 64


def is_short(text: str) -> bool:
    """Whether a text is edited as one."""
    return len(text) <= WHOLE and max(map(len, text.split("\n"))) <= PART


def cut(text: str) -> list[str]:
    """The text in parts, which joined are the text again; one part if it is short.

    A part ends behind a line end or a space where there is one near, and never within a CRLF, an emoji or a letter with
    its accents.
    """
    if is_short(text):
        return [text]
    parts: list[str] = []
    start = 0
    while start < len(text):
        end = _end(text, start)
        parts.append(text[start:end])
        start = end
    return parts


def _end(text: str, start: int) -> int:
    end = start + PART
    if end >= len(text):
        return len(text)
    for sign, within in (("\n", _LINE_END_WITHIN), (" ", _SPACE_WITHIN)):
        found = text.rfind(sign, end - within, end)
        if found >= 0:
            return found + 1
    for earlier in range(end, end - _LONGEST_CLUSTER, -1):
        if not _hang_together(text[earlier - 1], text[earlier]):
            return earlier
    return end


def _hang_together(before: str, after: str) -> bool:
    if before + after == "\r\n":
        return True
    joining = "\u200d\ufe0e\ufe0f\u20e3"
    return (
        after in joining
        or before == "\u200d"
        or unicodedata.combining(after) != 0
        or "\U0001f1e6" <= after <= "\U0001f1ff"  # the second letter of a flag
        or "\U0001f3fb" <= after <= "\U0001f3ff"  # a colour of skin
    )
