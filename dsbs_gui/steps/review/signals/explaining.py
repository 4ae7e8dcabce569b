"""What each signal is called and what it says of a row, in one sentence. No Qt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .length import LEAST_WORDS, MOST_TOKENS
from .overall import UNHELPFUL


@dataclass(frozen=True, slots=True)
class Wording:
    """``title`` stands on a chip, ``meaning`` in a list of signals, ``sentence`` beside a row.

    A sentence has ``{}`` where the detail goes, if there is one.
    """

    title: str
    meaning: str
    sentence: str


SIGNALS: Mapping[str, Wording] = {
    "conflict": Wording(
        "Differs from gold", "The label does not mean the gold label.", "The label does not mean the gold label."
    ),
    "unsupported": Wording(
        "Label not concluded",
        "The rationale’s own conclusion is another answer than the label.",
        "The rationale comes to another answer than its label: “{}”",
    ),
    "bare": Wording(
        "States the label only",
        "The rationale names the label and gives no reason for it.",
        "The rationale names the label and gives no reason for it: “{}”",
    ),
    "arithmetic": Wording(
        "Wrong arithmetic",
        "A calculation in the rationale does not hold.",
        "A calculation does not hold: {}.",
    ),
    "unseen": Wording(
        "Not in the input",
        "Numbers or names are neither in the input nor results of arithmetic that is shown.",
        "Neither in the input nor the result of arithmetic that is shown: {}.",
    ),
    "copies": Wording(
        "Copies the input",
        "The rationale says the input again and calculates nothing.",
        "{} of its words are said as the input says them, and nothing is calculated.",
    ),
    "repeats": Wording("Repeats itself", "The text says the same again.", "The text says the same again: {}."),
    "short": Wording(
        "Very short", f"The rationale has fewer than {LEAST_WORDS} words.", "The rationale has only {} words."
    ),
    "long": Wording(
        "Long",
        f"The rationale has more than {MOST_TOKENS} words and signs: training cuts it there unless told otherwise.",
        f"The rationale has about {{}} words and signs; training cuts at {MOST_TOKENS} tokens unless told otherwise.",
    ),
    "truncated": Wording(
        "Cut off",
        "The rationale ends within a sentence: the teacher was stopped, or came to no label.",
        "The rationale ends within a sentence.",
    ),
    "duplicate": Wording(
        "Near-duplicate",
        "The rationale of another example is nearly the same.",
        "The rationale of № {} is nearly the same.",
    ),
    "hinted": Wording(
        "Told the gold label",
        "The teacher was told the gold label before it explained it.",
        "The teacher was told the gold label before it explained it.",
    ),
    "unlikely": Wording(
        "Unsure teacher",
        "The teacher’s tokens were less probable than in 95 % of its answers.",
        "The teacher was less sure of these words than in 95 % of its answers: {} nats a token on average.",
    ),
    "unhelpful": Wording(
        "Does not help",
        "A local teacher finds the gold label no more probable with the rationale than without it.",
        "The gold label is no more probable with this rationale than without it: {} nats.",
    ),
}
"""In the order in which they are shown."""


def explain(signal: str, detail: str) -> str:
    """One sentence; a signal that a newer version found has only its name."""
    wording = SIGNALS.get(signal)
    return wording.sentence.format(detail) if wording else f"{signal}: {detail}".rstrip(": ")


CHANGED = "The text has changed since it was checked; check the rationales again."
_SHOWN_ELSEWHERE = ("conflict",)
"""Beside the label, at every moment."""


def told(found: Sequence[tuple[str, str]], current: bool) -> tuple[str, ...]:
    """What to say beside a row: its signals in their order, or that they were of another text."""
    found = [pair for pair in found if pair[0] != UNHELPFUL]  # has a mark and a sentence of its own
    if not current:
        return (CHANGED,) if found else ()
    order = {name: place for place, name in enumerate(SIGNALS)}
    shown = sorted((order.get(name, len(order)), name, detail) for name, detail in found)
    return tuple(explain(name, detail) for _, name, detail in shown if name not in _SHOWN_ELSEWHERE)
