"""*arithmetic*: a calculation in the text does not hold."""

from __future__ import annotations

from dsbs_gui.core.arithmetic import evaluate

from .finding import Finding, Subject, excerpt
from .sums import Equation, wrong

NAME = "arithmetic"


def find(subject: Subject) -> list[Finding]:
    """The detail is the first such calculation, with what it comes to."""
    bad = wrong(subject.rationale)
    return [Finding(NAME, excerpt(_corrected(bad[0])))] if bad else []


def _corrected(equation: Equation) -> str:
    value = evaluate(equation.left.spelt) if not equation.right.operators else None
    return equation.text if value is None else f"{equation.text} (it is {value:.10g})"
