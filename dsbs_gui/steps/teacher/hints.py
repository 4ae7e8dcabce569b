"""Asking for an explanation of the known answer, and refusing answers that give the hint away.

As in STaR (Zelikman et al. 2022): the gold label is told, the teacher explains it. Such answers are
marked as hinted wherever they go: their labels say nothing about the teacher. Plain Python.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .prompts import spoken_label

if TYPE_CHECKING:
    from dsbs_gui.core.tasks import Fields, Task

MENTIONS_HINT = "mentions the hint"

_TELLTALE = re.compile(
    r"\bhints?\b"
    r"|\b(?:i|we)(?: was| were|'ve been| have been|'m| am| are) (?:told|informed)\b"
    r"|\b(?:was|were|is|are|been) (?:already )?(?:told|revealed|disclosed) (?:that )?"
    r"|\b(?:as|since|because) (?:it (?:was|is) )?(?:stated|provided|told|instructed)\b"
    r"|\b(?:the|this) (?:given|provided|stated|known|supplied) (?:correct )?(?:answer|label|solution)\b"
    r"|\b(?:answer|label|solution) (?:is|was|has been) (?:already )?(?:given|provided|told|known)\b"
    r"|\bthe correct answer (?:that )?(?:you|i|we) (?:gave|were given|was given)\b"
    r"|\baccording to the (?:correct|given|gold) (?:answer|label)\b",
    re.IGNORECASE,
)


def hint(task: Task, gold: str, fields: Fields) -> str:
    """The line that tells the gold label and forbids saying so."""
    label = spoken_label(task, gold, fields)
    return f"Hint: the correct answer is {label}. Explain why step by step, without mentioning this hint."


def mentions_hint(rationale: str) -> bool:
    """Whether a rationale speaks of having been told the answer."""
    return _TELLTALE.search(rationale) is not None
