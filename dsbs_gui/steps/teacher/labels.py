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

READINGS = {
    "choice": ("letter", "text", "contained"),
    "math": ("value",),
    "nli": ("text", "contained"),
    "text": ("text",),
}
"""Ways to find a label of each task among words, the surest first."""

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
    """The label in ``tail`` by the first reading that finds one; None if none does.

    Args:
        guess: the tail is only the last sentence of an answer without a trigger: hold to clear signs.
    """
    found = (read_as(reading, tail, task, fields, guess) for reading in READINGS[task.name])
    return next((label for label in found if label is not None), None)


def read_as(reading: str, tail: str, task: Task, fields: Fields, guess: bool = False) -> Found | None:
    """The label in ``tail`` by one of the task's ``READINGS``; None if it finds none. Arguments as for :func:`find`."""
    tail = tail.strip().strip("*").strip()
    if not tail or reading not in READINGS[task.name]:
        return None
    if task.name == "text":
        return _free(tail)
    tail = _first_line(tail)
    if task.name == "math":
        return _value(tail, last=guess)
    if not isinstance(task, ChoiceTask):
        return _inference(tail, task, fields) if reading == "text" else _inference_within(tail)
    choices = list(fields["choices"])
    if reading == "letter":
        return _letter(tail, choices, guess)
    return _choice(tail, task, choices) if reading == "text" else _choice_within(tail, choices)


def _letter(tail: str, choices: list[str], guess: bool) -> Found | None:
    letters = [letter for letter in _LETTER.findall(tail.lower()) if _index(letter) < len(choices)]
    lone = _LONE_LETTER.match(tail)
    if not letters and lone and not guess and _index(lone.group(1)) < len(choices):
        letters = [lone.group(1).lower()]
    if not letters:
        return None
    label = choices[_index(letters[0])]
    return Found(label, "letter", _letter_flags(letters, label, tail))


def _choice(tail: str, task: ChoiceTask, choices: list[str]) -> Found | None:
    exact = task.choice_of(_sentence(tail), choices)
    return None if exact is None else Found(exact, "text")


def _choice_within(tail: str, choices: list[str]) -> Found | None:
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
    return Found(whole, "text") if whole in LABELS else None


def _inference_within(tail: str) -> Found | None:
    words = _NLI_WORD.findall(tail)
    seen = {next(label for label in LABELS if label[:6] == word.lower()[:6]) for _, word in words}
    negated = any(negation for negation, _ in words)
    return Found(seen.pop(), "contained") if len(seen) == 1 and not negated else None


def _free(tail: str) -> Found | None:
    label = _first_line(tail).strip().strip("\"'“”*").strip().removesuffix(".").strip("\"'“”* ")
    return Found(label, "text") if label.strip(string.punctuation) else None


def _index(letter: str) -> int:
    return string.ascii_lowercase.index(letter.lower())


def _first_line(tail: str) -> str:
    return tail.strip().split("\n", 1)[0]


def _sentence(tail: str) -> str:
    """The tail up to its first full stop that ends a sentence."""
    return re.split(r"[.!?](?:\s|$)", tail, maxsplit=1)[0]
