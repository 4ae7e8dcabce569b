"""*bare*: the rationale only states the label and claims nothing about it: *Of the above choices, only X makes sense.*

Numbers: one sentence with the label's value and no calculation. Else: apart from sentences on what the answer must be,
there is only one that names the label, and what it says besides are words of choosing and of that frame.
"""

from __future__ import annotations

import math
import re

from dsbs_gui.core.arithmetic import RELATIVE_TOLERANCE, evaluate

from .finding import Finding, Subject, excerpt
from .naming import label_stems, named
from .sums import expressions
from .words import content, sentences, stem, words

NAME = "bare"
_LONGEST = 2_000
_FRAME = re.compile(
    r"(?:so |thus |therefore )?(?:the|your|my|our) answer (?:must|should|has to|would|will|can|could)\b"
)
_CHOOSING_WORDS = """
above choices options given only makes sense most best closest likely possible answer correct right fits fit suitable
appropriate reasonable plausible logical thing one other others nothing else clearly obviously seems appears also just
because since label option choice therefore thus hence
"""
_CHOOSING = frozenset(map(stem, _CHOOSING_WORDS.split()))
_SELECTING_WORDS = "sense closest likely best fits correct right suitable appropriate plausible"
_SELECTS = frozenset(map(stem, _SELECTING_WORDS.split()))


def find(subject: Subject) -> list[Finding]:
    """Nothing where there is no label, or a text long enough to hold a reason."""
    if not subject.label.strip() or not subject.rationale.strip() or len(subject.rationale) > _LONGEST:
        return []
    bare = _number if subject.task == "math" else _words
    place = bare(sentences(subject.rationale), subject)
    return [Finding(NAME, excerpt(place))] if place else []


def _number(said: list[str], subject: Subject) -> str:
    wanted = evaluate(subject.label)
    if wanted is None or len(said) != 1:
        return ""
    sides = expressions(said[0])
    states = any(math.isclose(side.value, wanted, rel_tol=RELATIVE_TOLERANCE, abs_tol=1e-9) for side in sides)
    return said[0] if states and not any(side.operators for side in sides) else ""


def _words(said: list[str], subject: Subject) -> str:
    frames = [sentence for sentence in said if _FRAME.match(sentence.casefold())]
    others = [sentence for sentence in said if sentence not in frames]
    if len(others) != 1 or named(subject.label, others[0]) < 1.0:
        return ""
    choices = [str(choice) for choice in subject.fields.get("choices", ())] if subject.task == "choice" else []
    names = label_stems(subject.label).union(*(label_stems(choice) for choice in choices))
    left = set(content(others[0])) - names - _CHOOSING
    framed = {word for frame in frames for word in content(frame)}
    selects = _SELECTS.intersection(map(stem, words(others[0])))
    return others[0] if not left or (selects and left <= framed) else ""
