"""All signals that need nothing but the one example."""

from __future__ import annotations

from . import arithmetic, bare, conclusion, copying, length, repetition, unseen
from .finding import Finding, Subject

CONFLICT, HINTED = "conflict", "hinted"
_READ = (conclusion.find, bare.find, arithmetic.find, unseen.find, copying.find, repetition.find, length.find)


def check(subject: Subject) -> list[Finding]:
    """What holds of one example, each signal at most once. Linear in the length of its texts; never raises."""
    found = [Finding(CONFLICT)] if subject.agree is False else []
    for find in _READ:
        found += find(subject)
    return [*found, Finding(HINTED)] if subject.hinted else found
