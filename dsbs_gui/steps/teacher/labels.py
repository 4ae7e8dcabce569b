"""The label of each task in the words after the trigger: the lower rungs of the ladder. Plain Python."""

from __future__ import annotations

import re
import string
from dataclasses import dataclass

from dsbs_gui.core.arithmetic import evaluate
from dsbs_gui.core.tasks import ChoiceTask, Fields, Task
from dsbs_gui.core.tasks.base import bare
from dsbs_gui.core.tasks.nli import LABELS

LETTER_DISAGREES = "letter-text-disagree"
SEVERAL_LETTERS = "several-letters"
SEVERAL_VALUES = "several-values"

_LETTER = re.compile(r"\(\s*([A-Za-z])\s*\)")
_LONE_LETTER = re.compile(r"[\s:*\"'“]*(?:(?:option|choice|letter)\s+)?([A-Za-z])\s*(?:[.):,*\"'”]|$)", re.IGNORECASE)
_RUN = re.compile(r"(?:(?<![\w.])[-−–(\[]|(?<![\w.])\.?\d)[\d.,+\-*/()\[\]×·÷−–$€£% \t]*")
_MONEY = str.maketrans("", "", "$€£%")
_BRACKETS = str.maketrans("[]", "()")
_TIMES = re.compile(r"(?<=[\d)])\s*x\s*(?=[\d(])")
_NLI_WORD = re.compile(r"\b(?:(not|no|n't|neither)\b[\w\s]{0,20})?\b(entail\w*|neutral|contradict\w*)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Found:
    """A label, the rung that found it and what to flag."""

    label: str
    rung: str
    flags: tuple[str, ...] = ()


def find(tail: str, task: Task, fields: Fields, guess: bool = False) -> Found | None:
    """The label in ``tail``; None if there is none.

    Args:
        guess: the tail is only the last sentence of an answer without a trigger: hold to clear signs.
    """
    tail = tail.strip().strip("*").strip()
    if not tail:
        return None
    if isinstance(task, ChoiceTask):
        return _choice(_first_line(tail), task, fields, guess)
    if task.name == "math":
        return _value(_first_line(tail), last=guess)
    if task.name == "nli":
        return _inference(_first_line(tail), task, fields)
    return _free(tail)


def _choice(tail: str, task: ChoiceTask, fields: Fields, guess: bool) -> Found | None:
    choices = list(fields["choices"])
    letters = [letter for letter in _LETTER.findall(tail.lower()) if _index(letter) < len(choices)]
    lone = _LONE_LETTER.match(tail)
    if not letters and lone and not guess and _index(lone.group(1)) < len(choices):
        letters = [lone.group(1).lower()]
    if letters:
        label = choices[_index(letters[0])]
        return Found(label, "letter", _letter_flags(letters, label, tail))
    exact = task.choice_of(_sentence(tail), choices)
    if exact is not None:
        return Found(exact, "text")
    words = f" {bare(tail)} "
    contained = {choice for choice in choices if bare(choice) and f" {bare(choice)} " in words}
    return Found(contained.pop(), "contained") if len(contained) == 1 else None


def _letter_flags(letters: list[str], label: str, tail: str) -> tuple[str, ...]:
    flags = [SEVERAL_LETTERS] if len(set(letters)) > 1 else []
    after = bare(_LETTER.sub(" ", tail[tail.lower().find(letters[0]) + 1 :]))
    if after and after != bare(label):
        flags.append(LETTER_DISAGREES)
    return tuple(flags)


def _value(tail: str, last: bool) -> Found | None:
    """The first expression that has a value (the last one, for a guess), as the teacher wrote it."""
    tail = _TIMES.sub(" * ", tail)
    runs = [text for text in map(_expression, _RUN.findall(tail)) if text]
    values = [text for text in runs if evaluate(text) is not None]
    if not values or _broken(tail):
        return None
    flags = (SEVERAL_VALUES,) if len({evaluate(text) for text in values}) > 1 else ()
    return Found(values[-1 if last else 0], "value", flags)


def _broken(tail: str) -> bool:
    """Whether the tail opens with parentheses that hold words, ``(some - 8)``, or never close, ``((4 - 3``."""
    start = tail.lstrip(" :=$*")
    if not start.startswith("("):
        return False
    depth = 0
    for place, character in enumerate(start):
        depth += (character == "(") - (character == ")")
        if depth == 0:
            return re.search(r"[^\W\d_]", start[:place]) is not None
    return True


def _expression(run: str) -> str:
    text = run.translate(_MONEY).translate(_BRACKETS).strip(" \t.,")
    while text and text.count(")") > text.count("(") and text.endswith(")"):
        text = text[:-1].strip(" \t.,")  # the closing half of a remark in parentheses
    return text.rstrip("+-*/×·÷−–( \t")


def _inference(tail: str, task: Task, fields: Fields) -> Found | None:
    whole = task.canonical(_sentence(tail), fields)
    if whole in LABELS:
        return Found(whole, "text")
    seen = {
        next(label for label in LABELS if label[:6] == word.lower()[:6])
        for negation, word in _NLI_WORD.findall(tail)
        if not negation
    }
    negated = any(negation for negation, _ in _NLI_WORD.findall(tail))
    return Found(seen.pop(), "contained") if len(seen) == 1 and not negated else None


def _free(tail: str) -> Found | None:
    label = _first_line(tail).strip().strip("\"'“”*").strip().removesuffix(".").strip("\"'“”* ")
    return Found(label, "text") if label else None


def _index(letter: str) -> int:
    return string.ascii_lowercase.index(letter.lower())


def _first_line(tail: str) -> str:
    return tail.strip().split("\n", 1)[0]


def _sentence(tail: str) -> str:
    """The tail up to its first full stop that ends a sentence."""
    return re.split(r"[.!?](?:\s|$)", tail, maxsplit=1)[0]
