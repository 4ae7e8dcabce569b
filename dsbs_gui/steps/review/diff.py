"""What an edit changed, word by word.

Fast on giants too: what both texts share at the beginning and at the end is found by comparing memory, the rest
line by line, and words are compared only within what is left. Where that is still too much, it counts as
replaced as a whole.
"""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Literal

import regex

from dsbs_gui.kit.text_changes import shared_end, shared_start

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

Kind = Literal["kept", "removed", "added"]

_WORDS = regex.compile(r"\w+|\s+|[^\w\s]")
_MOST_CHARACTERS = 100_000  # of which words are compared: 50 ms
_MOST_LINES = 20_000
_BETWEEN = " … "


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text that both have, or only the earlier (*removed*) or the later one (*added*)."""

    kind: Kind
    text: str


def word_diff(before: str, after: str) -> list[Piece]:
    """Pieces in order: kept and removed ones make ``before``, kept and added ones ``after``, to the character."""
    start = shared_start(before, after)
    end = min(shared_end(before, after), len(before) - start, len(after) - start)
    start = _word_edge(before, after, start)
    end = _word_edge_end(before, after, end)
    old, new = before[start : len(before) - end], after[start : len(after) - end]
    return _joined([Piece("kept", before[:start]), *_middle(old, new), Piece("kept", before[len(before) - end :])])


def condensed(pieces: Sequence[Piece], around: int = 60) -> list[Piece]:
    """The same with what is kept cut down to the words within some characters beside each change."""
    last = len(pieces) - 1
    return [
        piece if piece.kind != "kept" else Piece("kept", _cut(piece.text, around, i > 0, i < last))
        for i, piece in enumerate(pieces)
    ]


def _cut(text: str, around: int, after_change: bool, before_change: bool) -> str:
    room = around * (after_change + before_change)
    if len(text) <= room + len(_BETWEEN):
        return text
    head = text[:around].rpartition(" ")[0] or text[:around] if after_change else ""
    tail = text[len(text) - around :].partition(" ")[2] or text[len(text) - around :] if before_change else ""
    return f"{head}{_BETWEEN}{tail}"


def _middle(old: str, new: str) -> Iterator[Piece]:
    if max(len(old), len(new)) <= _MOST_CHARACTERS:
        yield from _words(old, new)
        return
    a, b = old.splitlines(keepends=True), new.splitlines(keepends=True)
    if max(len(a), len(b)) > _MOST_LINES:
        yield from (Piece("removed", old), Piece("added", new))
        return
    for tag, i, j, k, m in SequenceMatcher(None, a, b).get_opcodes():
        gone, come = "".join(a[i:j]), "".join(b[k:m])
        if tag == "equal":
            yield Piece("kept", gone)
        elif max(len(gone), len(come)) <= _MOST_CHARACTERS:
            yield from _words(gone, come)
        else:
            yield from (Piece("removed", gone), Piece("added", come))


def _words(old: str, new: str) -> Iterator[Piece]:
    a, b = _WORDS.findall(old), _WORDS.findall(new)
    for tag, i, j, k, m in SequenceMatcher(None, a, b).get_opcodes():
        if tag == "equal":
            yield Piece("kept", "".join(a[i:j]))
        else:
            yield from (Piece("removed", "".join(a[i:j])), Piece("added", "".join(b[k:m])))


def _joined(pieces: Iterable[Piece]) -> list[Piece]:
    """Without empty pieces, and with neighbours of one kind in one."""
    made: list[Piece] = []
    for piece in pieces:
        if made and made[-1].kind == piece.kind:
            made[-1] = Piece(piece.kind, made[-1].text + piece.text)
        elif piece.text:
            made.append(piece)
    return made


def _word_edge(a: str, b: str, start: int) -> int:
    """Back to where the word begins in which the texts part."""
    while start and _inside(a, start) | _inside(b, start):
        start -= 1
    return start


def _word_edge_end(a: str, b: str, end: int) -> int:
    while end and _inside(a, len(a) - end) | _inside(b, len(b) - end):
        end -= 1
    return end


def _inside(text: str, place: int) -> bool:
    """Whether a word goes on across this place."""
    return 0 < place < len(text) and text[place - 1].isalnum() and text[place].isalnum()
