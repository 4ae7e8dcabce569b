"""Which characters of a raw answer were read as what: for showing it with its parts marked. Plain Python."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from . import parsing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dsbs_gui.core.tasks import Task

_LETTER = r"\(\s*[a-z]\s*\)"
_LONE_LETTER = r"(?<!\w)[a-z](?=[.):,*\"'”]|\s*$)"

_AFTER_TRIGGER = ("letter", "text", "contained", "value")


@dataclass(frozen=True, slots=True)
class Part:
    """Characters ``start`` to ``end`` of the raw answer; ``kind`` is ``rationale``, ``label`` or ``unread``."""

    start: int
    end: int
    kind: str


def parts(
    raw: str, rationale: str | None, label: str | None, rung: str | None, task: Task, stop: Sequence[str] = ()
) -> list[Part]:
    """Where the rationale and the label stand, and what was cut off as another question, in order.

    A part that is not there word for word (an escaped text in JSON, a choice told by its letter alone) is marked as
    well as it can be, or not at all.
    """
    kept = parsing.cut(raw, task, stop)
    begin = raw.find(kept) if kept else 0
    end = begin + len(kept) if begin >= 0 else len(raw)
    found: list[Part] = []
    place = raw.find(rationale, 0, end) if rationale else -1
    if place >= 0 and rationale:
        found.append(Part(place, place + len(rationale), "rationale"))
    if label:
        after = found[0].end if found and found[0].end < end else 0
        announced = parsing.trigger(raw[:end]) if rung in _AFTER_TRIGGER else None
        after = max(after, announced[1]) if announced else after
        found += _label(raw, after, end, label, rung)
    if end < len(raw.rstrip()):
        found.append(Part(len(raw) - len(raw[end:].lstrip()), len(raw), "unread"))
    return found


def label_place(
    raw: str, rationale: str | None, label: str | None, rung: str | None, task: Task, stop: Sequence[str] = ()
) -> tuple[int, int] | None:
    """Where the label stands in a raw answer; None where it is not there word for word."""
    found = (part for part in parts(raw, rationale, label, rung, task, stop) if part.kind == "label")
    return next(((part.start, part.end) for part in found), None)


def _label(raw: str, start: int, end: int, label: str, rung: str | None) -> list[Part]:
    text = re.escape(label)
    whole = rf"(?<!\w){text}(?!\w)"
    # A choice that was told by its letter may stand beside it, or the letter alone.
    patterns = [rf"{_LETTER}\s*{text}", _LETTER, _LONE_LETTER, text] if rung == "letter" else [whole, text]
    for pattern in patterns:
        places = list(re.compile(pattern, re.IGNORECASE).finditer(raw, start, end))
        if places:
            found = places[-1 if rung == "last-sentence" else 0]
            return [Part(found.start(), found.end(), "label")]
    return []
