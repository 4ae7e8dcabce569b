"""*short*, *long* and *cut off*: a rationale that is too little, too much, or not all of it."""

from __future__ import annotations

from .finding import Finding, Subject
from .words import tokens, words

SHORT, LONG, TRUNCATED = "short", "long", "truncated"
LEAST_WORDS = 5
MOST_TOKENS = 128
"""What training takes of a rationale unless told otherwise."""

_ENDS = (".", "!", "?", "…", "。", "！", "？", "।", "؟")
_CLOSING = " \t\r\n\"'”’)]}»*_`"


def find(subject: Subject) -> list[Finding]:
    """At most one of short and long; the end is judged apart from it."""
    found = []
    n = tokens(subject.rationale)
    if n > MOST_TOKENS:
        found.append(Finding(LONG, str(n)))
    elif (few := len(words(subject.rationale))) < LEAST_WORDS:
        found.append(Finding(SHORT, str(few)))
    if _breaks_off(subject):
        found.append(Finding(TRUNCATED, "token limit" if subject.cut else ""))
    return found


def _breaks_off(subject: Subject) -> bool:
    """The text ends within a sentence, and the teacher was cut off or came to no label.

    With a label the end is where the label was taken from, and a missing point says nothing.
    """
    text = subject.rationale.rstrip(_CLOSING)
    return bool(text) and not text.endswith(_ENDS) and (subject.cut or not subject.label.strip())
