"""The reference code's rules for reading PaLM's answers, kept with their losses.

Rules as in google-research/distilling-step-by-step (``data_utils.py``, described in words in our
documentation); where that code raises ValueError, there is no label here. They lose right labels on purpose:
the paper's teacher accuracies can only be checked with them.
"""

from __future__ import annotations

import re

_CHOICE_LETTER = re.compile(r"\(.\)")
_GREEDY_PARENTHESES = re.compile(r"\(.*\)")


def parse(raw: str, task: str) -> tuple[str, str | None]:
    """Rationale and label; an answer that the reference code gives a blank label has label None."""
    rationale, label = _RULES[task](raw)
    return rationale, label if label.strip() else None


def _choice(raw: str) -> tuple[str, str]:
    """Before ``Q:``, one ``So the answer is``, then from the first ``(x)`` on, less a final full stop."""
    rationale, tail = _split(raw, "Q:", "So the answer is")
    parts = _CHOICE_LETTER.split(tail)
    return rationale, parts[1].strip().removesuffix(".") if len(parts) > 1 else ""


def _math(raw: str) -> tuple[str, str]:
    """Before ``Q:``, one ``The answer is``, then from the first to the last parenthesis of the line."""
    rationale, tail = _split(raw, "Q:", "The answer is")
    found = _GREEDY_PARENTHESES.search(tail)
    return rationale, found.group() if found else ""


def _nli(raw: str) -> tuple[str, str]:
    """ANLI: before ``Premise:``, after one ``So the answer is``, less the last character.

    e-SNLI: after ``Answer:``.
    """
    if "So the answer is" not in raw and "Answer: " in raw:
        return raw.split("Answer:")[0].rstrip(), raw.split("Answer: ")[1].split("Premise")[0].rstrip()
    rationale, tail = _split(raw, "Premise:", "So the answer is")
    return rationale, tail.lstrip()[:-1]


def _split(raw: str, next_question: str, trigger: str) -> tuple[str, str]:
    """Text before and after the trigger; two blanks unless it occurs exactly once."""
    parts = raw.split(next_question)[0].rstrip().split(trigger)
    return (parts[0].rstrip(), parts[1]) if len(parts) == 2 else ("", "")


# The paper has no free-text task: its answers are read as those of ANLI are.
_RULES = {"choice": _choice, "math": _math, "nli": _nli, "text": _nli}
