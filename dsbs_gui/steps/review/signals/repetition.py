"""*repeats*: the text says the same again, as a model does that has lost its way."""

from __future__ import annotations

from collections import Counter

from .finding import Finding, Subject, excerpt
from .words import ngrams, sentences, words

NAME = "repeats"
N = 4
LEAST_SHARE = 0.5
LEAST_WORDS = 6
"""A shorter sentence may well stand twice."""


def find(subject: Subject) -> list[Finding]:
    """A whole sentence again, or half of all runs of four words for at least the second time."""
    twice = _sentence_twice(subject.rationale)
    if twice:
        return [Finding(NAME, excerpt(twice))]
    share = repeated(subject.rationale)
    return [Finding(NAME, f"{share:.0%}")] if share >= LEAST_SHARE else []


def _sentence_twice(text: str) -> str:
    seen: set[tuple[str, ...]] = set()
    for sentence in sentences(text):
        said = tuple(words(sentence))
        if len(said) >= LEAST_WORDS and said in seen:
            return sentence
        seen.add(said)
    return ""


def repeated(text: str) -> float:
    """Which share of the runs of four words came before, from 0 to 1."""
    counted = Counter(ngrams(words(text), N))
    total = counted.total()
    return (total - len(counted)) / total if total else 0.0
