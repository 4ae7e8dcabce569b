"""*unsupported*: the rationale comes to another answer than its label.

Choices: the last sentence that names one of them does not name the label. Numbers: the last calculation and the last
number that are shown do not give it. Inference: the last sentence names another relation. Free text is not judged.
"""

from __future__ import annotations

import math

from dsbs_gui.core.arithmetic import RELATIVE_TOLERANCE, evaluate
from dsbs_gui.core.tasks import task_named

from .finding import Finding, Subject, excerpt
from .naming import named
from .sums import equations, expressions
from .words import sentences, words

NAME = "unsupported"
_LAST = 2_000
_RELATIONS = {
    "entailment": ("entail", "entails", "entailed", "entailment", "implies", "implied"),
    "contradiction": ("contradict", "contradicts", "contradicted", "contradiction", "contradictory"),
    "neutral": ("neutral", "unclear", "unknown", "maybe"),
}


def find(subject: Subject) -> list[Finding]:
    """Nothing where there is no label or no rationale."""
    judge = {"choice": _choice, "math": _number, "nli": _relation}.get(subject.task)
    said = sentences(subject.rationale)
    if judge is None or not said or not subject.label.strip():
        return []
    place = judge(said, subject)
    return [Finding(NAME, excerpt(place))] if place else []


def _choice(said: list[str], subject: Subject) -> str:
    """The sentence that speaks against the label; "" if none does."""
    choices = [str(choice) for choice in subject.fields.get("choices", ())]
    for sentence in reversed(said):
        shares = {choice: named(choice, sentence) for choice in choices}
        best = max(shares.values(), default=0.0)
        if best == 1.0 or (best and sentence is said[-1] and not _names_one(said[:-1], choices)):
            return "" if shares.get(subject.label, named(subject.label, sentence)) >= best else sentence
    return said[-1]


def _names_one(said: list[str], choices: list[str]) -> bool:
    return any(named(choice, sentence) == 1.0 for sentence in said for choice in choices)


def _number(said: list[str], subject: Subject) -> str:
    wanted = evaluate(subject.label)
    if wanted is None:
        return ""
    found: set[float] = set()
    place = ""
    for sentence in reversed(said):
        given = {side.value for side in expressions(sentence[-_LAST:])}
        if given and not place:
            place = sentence
            found |= given
        if equations(sentence[-_LAST:]) or any(side.operators for side in expressions(sentence[-_LAST:])):
            found |= given
            break
    same = any(math.isclose(value, wanted, rel_tol=RELATIVE_TOLERANCE, abs_tol=1e-9) for value in found)
    return "" if same or not found else place


def _relation(said: list[str], subject: Subject) -> str:
    last = set(words(said[-1]))
    there = [name for name, forms in _RELATIONS.items() if last.intersection(forms)]
    label = task_named("nli").canonical(subject.label, subject.fields)
    return said[-1] if len(there) == 1 and there[0] != label else ""
