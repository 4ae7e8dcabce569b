"""*copies*: the rationale says the input again, little else, and calculates nothing."""

from __future__ import annotations

from .finding import Finding, Subject
from .sums import expressions
from .words import ngrams, words

NAME = "copies"
N = 3
LEAST_SHARE = 0.8


def find(subject: Subject) -> list[Finding]:
    """By the share of the rationale's words that stand in runs of three or more which the input has too."""
    share = shared(subject.rationale, subject.input)
    if share < LEAST_SHARE or any(side.operators for side in expressions(subject.rationale)):
        return []
    return [Finding(NAME, f"{share:.0%}")]


def shared(rationale: str, given: str) -> float:
    """Which share, from 0 to 1; 0 for a text of fewer than three words."""
    said = words(rationale)
    there = set(ngrams(words(given), N))
    covered: set[int] = set()
    for start, run in enumerate(ngrams(said, N)):
        if run in there:
            covered.update(range(start, start + N))
    return len(covered) / len(said) if said else 0.0
