"""Subjects in a line."""

from __future__ import annotations

from typing import Any

from dsbs_gui.core.tasks import task_named
from dsbs_gui.steps.review.signals.checking import check
from dsbs_gui.steps.review.signals.finding import Subject


def problem(text: str, rationale: str, label: str = "", **other: Any) -> Subject:
    """A word problem."""
    return Subject("math", {"input": text}, text, rationale, label, **other)


def question(text: str, choices: list[str], rationale: str, label: str = "", **other: Any) -> Subject:
    """A multiple-choice question."""
    fields = {"question": text, "choices": choices}
    return Subject("choice", fields, task_named("choice").student_input(fields), rationale, label, **other)


def premise(rationale: str, label: str) -> Subject:
    """A pair of sentences for inference."""
    fields = {"premise": "A dog runs.", "hypothesis": "An animal moves."}
    return Subject("nli", fields, task_named("nli").student_input(fields), rationale, label)


def signals(subject: Subject) -> dict[str, str]:
    """Signal → detail."""
    return {finding.signal: finding.detail for finding in check(subject)}
