"""Text to token ids and back, the same for training and for asking.

An encoder-decoder student reads ``prefix + input``, as its tokenizer closes a text, and writes the
answer and the end token. A decoder-only student reads ``prefix + input + separator`` and goes on
with the answer and the end token.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from dsbs_gui.core.tasks.nli import SEPARATOR

from .meta import ENCODER_DECODER
from .student import Student


class Encoded(NamedTuple):
    """Token ids of each text, and how many texts were cut to fit."""

    ids: list[list[int]]
    truncated: int


def encode_inputs(student: Student, inputs: Sequence[str], prefix: str, max_tokens: int) -> Encoded:
    """Ids of ``prefix + input``, at most ``max_tokens`` each."""
    texts = [prefix + _own_separator(student, text) for text in inputs]
    ids = _tokenise(student, texts, special=True)
    if student.kind == ENCODER_DECODER:
        return _closed(ids, student.eos_id, max_tokens)
    tail = _tokenise(student, [student.meta.separator], special=False)[0]
    room = max(1, max_tokens - len(tail))
    # Some tokenizers close every text: here the text goes on.
    ids = [row[:-1] if row and row[-1] == student.eos_id else row for row in ids]
    return Encoded([row[:room] + tail for row in ids], sum(len(row) > room for row in ids))


def encode_targets(student: Student, targets: Sequence[str], max_tokens: int) -> Encoded:
    """Ids of each target with the end token, at most ``max_tokens`` each."""
    return _closed(_tokenise(student, targets, special=False), student.eos_id, max_tokens)


def shorten(student: Student, texts: Sequence[str], max_tokens: int) -> tuple[list[str], int]:
    """Each text cut to what ``encode_targets`` would keep of it, and how many were cut."""
    kept, cut = [], 0
    for text, ids in zip(texts, _tokenise(student, texts, special=False), strict=True):
        own = ids[:-1] if ids and ids[-1] == student.eos_id else ids
        room = max_tokens - 1
        cut += len(own) > room
        kept.append(decode(student, own[:room]) if len(own) > room else text)
    return kept, cut


def decode(student: Student, ids: Sequence[int]) -> str:
    """The text of generated ids up to the end token."""
    end = student.eos_id
    own = list(ids[: list(ids).index(end)]) if end in ids else list(ids)
    text = student.tokenizer.decode(own, skip_special_tokens=True, clean_up_tokenization_spaces=False)
    return str(text).strip()


def _own_separator(student: Student, text: str) -> str:
    """Language inference marks the border of its two texts by T5's end token: use the student's own."""
    return text.replace(SEPARATOR, student.tokenizer.eos_token) if student.meta.task == "nli" else text


def _tokenise(student: Student, texts: Sequence[str], special: bool) -> list[list[int]]:
    if not texts:
        return []
    return list(student.tokenizer(list(texts), add_special_tokens=special, verbose=False)["input_ids"])


def _closed(ids: Sequence[list[int]], end: int, max_tokens: int) -> Encoded:
    """Each row ends with ``end`` once, also where it had to be cut."""
    closed = [row if row and row[-1] == end else [*row, end] for row in ids]
    fit = [row if len(row) <= max_tokens else [*row[: max_tokens - 1], end] for row in closed]
    return Encoded(fit, sum(len(row) > max_tokens for row in closed))
