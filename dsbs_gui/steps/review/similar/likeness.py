"""How similar two texts are: the share of their words and pairs of neighbouring words that both have (Jaccard).

Single words make texts similar that say the same in another order, pairs those that say it in the same.
"""

from __future__ import annotations

from dsbs_gui.steps.review.signals.words import ngrams, words


def features(text: str) -> frozenset[str]:
    """What two texts are compared by; empty for a text without a word."""
    said = words(text)
    return frozenset(said).union(f"{a} {b}" for a, b in ngrams(said, 2))


def similarity(a: frozenset[str], b: frozenset[str]) -> float:
    """0 to 1; texts without a word are like nothing."""
    both = len(a & b)
    return both / (len(a) + len(b) - both) if both else 0.0
