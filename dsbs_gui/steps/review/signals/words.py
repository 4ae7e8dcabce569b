"""Words, sentences and numbers of a text, in time linear in its length.

Made for English and for languages that write like it; Chinese, Japanese and Korean are read sign by sign.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

_SIGN = "\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
_WORD = re.compile(rf"[{_SIGN}]|\d+(?:[.,]\d+)*|[^\W\d_{_SIGN}]+(?:['’][^\W\d_{_SIGN}]+)*")
_TOKEN = re.compile(r"\w+|[^\w\s]")
_SENTENCE_END = re.compile(r"(?<=[.!?])[\"”’')\]]*\s+|[。！？]|\n+")
_ENDINGS = ("ingly", "ing", "ies", "ied", "es", "ed", "s", "e", "y")
_SHORTEST_STEM = 3
_SIGNS_PER_TOKEN = 6

_STOP_TEXT = """
a an and are as at be been being but by can could did do does for from had has have he her him his i if in into is it
its may might must of on or our she should so some such than that the their them then there these they this those to
was we were what when where which while who whom whose why will with would you your
"""
STOP = frozenset(_STOP_TEXT.split())
"""English words without a content of their own."""


def words(text: str) -> list[str]:
    """Words and numbers, casefolded."""
    return _WORD.findall(text.casefold())


def sentences(text: str) -> list[str]:
    """The sentences; none is empty. An abbreviation with a point ends one too."""
    return [part.strip() for part in _SENTENCE_END.split(text) if part and part.strip()]


def stem(word: str) -> str:
    """A word without its English ending, so that *cells* is *cell*; crude on purpose, and the same for both sides."""
    word = word.removesuffix("'s").removesuffix("’s")
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST_STEM:
            return _single(word.removesuffix(ending))
    return _single(word)


def _single(word: str) -> str:
    """*stopp* as *stop*."""
    return word[:-1] if len(word) > _SHORTEST_STEM and word[-1] == word[-2] else word


def content(text: str) -> list[str]:
    """Stems of the words that carry content, in order."""
    return [stem(word) for word in words(text) if word not in STOP]


def ngrams(items: Sequence[str], n: int) -> Iterator[tuple[str, ...]]:
    """All runs of ``n`` neighbours."""
    return zip(*(items[start:] for start in range(n)), strict=False)


def tokens(text: str) -> int:
    """How many tokens about: words and signs, or a sixth of the characters where that is more.

    A tokenizer mostly counts more. Source: the figures of the paper's data that the program's limits were set by.
    """
    return max(sum(1 for _ in _TOKEN.finditer(text)), len(text) // _SIGNS_PER_TOKEN)
