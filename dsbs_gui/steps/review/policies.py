"""Rules for doubtful rationales in words, and the conditions that are ready made. No Qt."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dsbs_gui.core.store.filters import Filter
from dsbs_gui.core.store.policy import Rule
from dsbs_gui.kit.words import count, plural
from dsbs_gui.steps.review import sentences
from dsbs_gui.steps.review.signals.explaining import SIGNALS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dsbs_gui.core.store.policy import Effect

WHATS: Mapping[str, str] = {
    "keep": "Keep it",
    "mask": "Mask the rationale loss",
    "drop": "Drop the row",
    "ask": "Ask again with hint",
}
MEANINGS: Mapping[str, str] = {
    "keep": "Label and rationale are learnt, and no later rule looks at the row.",
    "mask": "The label is learnt, the rationale is not.",
    "drop": "The row is left out of training.",
    "ask": "The teacher is told the gold label and asked to explain it. Until then only the label is learnt.",
}
UNLIKELY = -1.0
"""Nats a token below which a rule for unlikely answers begins."""


def ready_made() -> list[Filter]:
    """The usual conditions, the most usual first."""
    conflict = Filter(agreement=("conflict",))
    signals = [Filter(signals=(name,)) for name in SIGNALS if name not in ("conflict", "hinted")]
    return [conflict, Filter(hinted=True), Filter(logprob_below=UNLIKELY), *signals]


def named(matching: Filter, what: str = "mask") -> Rule:
    """A rule that is called by its condition."""
    words = sentences.filter_words(matching) or "every row"
    return Rule(words[:1].upper() + words[1:], matching, what)


def effect(found: Effect) -> str:
    """*120 rows · 14 decided ones stay*."""
    text = plural(found.rows, "row")
    return f"{text} · {count(found.decided)} decided stay" if found.decided else text


def sentence(place: int, found: Effect) -> str:
    """One line for the terminal."""
    rule = found.rule
    stay = f", {found.decided} decided stay as they are" if found.decided else ""
    rows = f"{found.rows} row{'' if found.rows == 1 else 's'}"
    return f"{place}. {rule.name}: {WHATS[rule.what].lower()} ({rows}{stay})"


def asking(found: Sequence[Effect]) -> int:
    """About how many rows the teacher would be asked again."""
    return sum(one.rows for one in found if one.rule.what == "ask")
