"""What a student answered at one validation, and what has changed since the one before. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Literal

Change = Literal["", "now right", "now wrong", "other answer", "other rationale"]


@dataclass(frozen=True)
class Sample:
    """One row at one validation. ``before`` and ``before_rationale`` are None where it was not asked before."""

    example_id: int
    input: str
    label: str
    prediction: str
    rationale: str
    correct: bool
    before: str | None = None
    before_rationale: str | None = None
    was_correct: bool = False

    @property
    def change(self) -> Change:
        """What matters most of what has changed; empty for nothing, and at a first validation."""
        if self.before is None:
            return ""
        if self.correct != self.was_correct:
            return "now right" if self.correct else "now wrong"
        if self.prediction != self.before:
            return "other answer"
        return "other rationale" if self.rationale != (self.before_rationale or "") else ""


def compared(now: Iterable[Mapping[str, Any]], before: Iterable[Mapping[str, Any]]) -> list[Sample]:
    """Samples of a validation beside those of the one before, as ``protocol.Evaluated`` has them."""
    earlier = {int(sample["example_id"]): sample for sample in before}
    return [_sample(sample, earlier.get(int(sample["example_id"]))) for sample in now]


def changed_words(before: str, now: str) -> list[tuple[int, int]]:
    """Where the words of ``now`` are that ``before`` has not at that place: start and end of each stretch."""
    words = list(re.finditer(r"\S+", now))
    matcher = SequenceMatcher(None, before.split(), [word.group() for word in words], autojunk=False)
    return [
        (words[start].start(), words[end - 1].end())
        for kind, _, _, start, end in matcher.get_opcodes()
        if kind in ("insert", "replace")
    ]


def _sample(now: Mapping[str, Any], before: Mapping[str, Any] | None) -> Sample:
    return Sample(
        int(now["example_id"]),
        str(now.get("input") or ""),
        str(now.get("label") or ""),
        str(now.get("prediction") or ""),
        str(now.get("rationale") or ""),
        bool(now.get("correct")),
        None if before is None else str(before.get("prediction") or ""),
        None if before is None else str(before.get("rationale") or ""),
        bool(before and before.get("correct")),
    )
