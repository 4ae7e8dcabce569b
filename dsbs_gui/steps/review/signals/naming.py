"""Whether a sentence names a label, in whatever form of its words."""

from __future__ import annotations

from functools import lru_cache

from .words import content, stem, words


def named(label: str, sentence: str) -> float:
    """Which share of the label's words the sentence has, from 0 to 1; endings do not matter."""
    wanted = label_stems(label)
    return len(wanted & _stems(sentence)) / len(wanted) if wanted else 0.0


@lru_cache(maxsize=64)
def label_stems(label: str) -> frozenset[str]:
    """Stems of the words that carry content; of all words where none does."""
    return frozenset(content(label) or map(stem, words(label)))


@lru_cache(maxsize=8)
def _stems(sentence: str) -> frozenset[str]:
    return frozenset(map(stem, words(sentence)))
