"""From a raw teacher answer to a rationale and a label, with the rung that found the label.

Two parsers: ``paper`` does what the reference code did, so that its numbers can be checked;
``robust`` climbs down a ladder and says at which rung it held. Plain Python, no I/O; a label is
None or a text with something in it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from dsbs_gui.core.arithmetic import same_value
from dsbs_gui.core.errors import UserError

from . import labels, paper, structured
from .own_rules import TooSlow, search
from .parse_rules import DEFAULT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dsbs_gui.core.tasks import Fields, Task

    from .parse_rules import Ladder, Rule

PARSER_VERSION = "2"
PARSERS = ("paper", "robust")
UNPARSED = "unparsed"
NO_TRIGGER = "no-trigger"
TOO_SLOW = "rule-too-slow"

ANNOUNCED = r"\b(?:so |therefore,? |thus,? |hence,? )?the (?:final |correct )?answer is\b"
"""The words before a label, whatever their case."""

_TRIGGER = re.compile(f"{ANNOUNCED}:?", re.IGNORECASE)
_LABEL_LINE = re.compile(r"^\s*(?:final )?(?:answer|label) ?:\s*(?=\S)", re.IGNORECASE | re.MULTILINE)
_THOUGHT = re.compile(r"<think>.*?</think>\s*", re.IGNORECASE | re.DOTALL)
_NEXT_QUESTION = {
    "nli": re.compile(r"^[ \t]*(?:Premise|Hypothesis):", re.MULTILINE),
    "choice": re.compile(r"^[ \t]*(?:Q|Answer Choices):", re.MULTILINE),
}
_NEXT_DEFAULT = re.compile(r"^[ \t]*Q:", re.MULTILINE)
_COMPLETE = re.compile(r"\S[ \t]*\n|[^\s.]\.\s|[^\s.\d]\.$")
_LONGEST_TERSE = 60


@dataclass(frozen=True, slots=True)
class Parsed:
    """What was read from one answer.

    Attributes:
        rationale: the text before the label; may be empty.
        label: None when no label was found.
        rung: the rule that found the label, or ``unparsed``.
        flags: what a reviewer should know, such as ``letter-text-disagree``.
    """

    rationale: str
    label: str | None
    rung: str
    flags: tuple[str, ...] = ()


def parse(
    raw: str,
    task: Task,
    fields: Fields,
    mode: str = "robust",
    stop: Sequence[str] = (),
    ladder: Ladder = DEFAULT,
) -> Parsed:
    """Read ``raw`` as the answer to the example with these ``fields``.

    Args:
        mode: ``paper`` or ``robust``.
        stop: the prompt's own stop strings, in addition to those of the task's format (robust only).
        ladder: the rules, in their order (robust only).

    Raises:
        UserError: for an unknown parser.
    """
    if mode == "paper":
        rationale, label = paper.parse(raw, task.name)
        return Parsed(rationale, label, "paper" if label else UNPARSED)
    if mode != "robust":
        raise UserError(f"There is no parser “{mode}”.", f"Choose one of {', '.join(PARSERS)}.")
    return _Reading(cut(raw, task, stop), task, fields).by(ladder)


def version(ladder: Ladder = DEFAULT) -> str:
    """What an answer read by the robust parser with this ladder is marked with."""
    return " ".join(["robust", PARSER_VERSION, *filter(None, [ladder.digest])])


def same_label(task: Task, label: str | None, gold: str, fields: Fields, mode: str = "robust") -> bool:
    """Whether a parsed label is the gold one; ``paper`` compares as the reference code did: exact or by value."""
    if not label:
        return False
    if mode == "paper":
        return same_value(label, gold) if task.name == "math" else label == gold
    return task.same(label, gold, fields)


def cut(raw: str, task: Task, stop: Sequence[str] = ()) -> str:
    """The answer without thoughts, and without the next question that an unstopped teacher invents."""
    text = _THOUGHT.sub("", raw).lstrip()
    ends = [match.start() for match in [_NEXT_QUESTION.get(task.name, _NEXT_DEFAULT).search(text)] if match]
    ends += [place for place in map(text.find, stop) if place >= 0]
    return text[: min(ends, default=len(text))].strip()


def cut_off(raw: str, task: Task, stop: Sequence[str] = ()) -> bool:
    """Whether an answer that reached its token limit lacks a complete last sentence with the label.

    A number at the very end is not complete: ``4`` may have been about to become ``42``.
    """
    text = cut(raw, task, stop)
    if structured.read(text):
        return False
    place = trigger(text)
    if place is None:
        return True
    went_on = len(text) < len(_THOUGHT.sub("", raw).strip())
    return not (went_on and text[place[1] :].strip()) and _COMPLETE.search(text, place[1]) is None


class _Reading:
    """One answer on its way down the ladder."""

    def __init__(self, text: str, task: Task, fields: Fields) -> None:
        self._text, self._task, self._fields = text, task, fields
        place = trigger(text)
        self._tail = None if place is None else text[place[1] :]
        self._before = text if place is None else text[: place[0]].rstrip(" ,;\n")
        self._flags = () if place is not None else (NO_TRIGGER,)

    def by(self, ladder: Ladder) -> Parsed:
        slow: tuple[str, ...] = ()
        for rule in ladder.for_task(self._task.name):
            try:
                parsed = self._read(rule) if rule.on else None
            except TooSlow:
                slow = (TOO_SLOW,)
                continue
            if parsed is not None:
                return replace(parsed, flags=(*parsed.flags, *slow))
        return Parsed(self._before, None, UNPARSED, (*self._flags, *slow))

    def _read(self, rule: Rule) -> Parsed | None:
        """What a rule makes of the answer; None if it does not hold."""
        if rule.pattern:
            found = search(rule.pattern, self._text)
            return None if found is None else self._given(found.label, found.rationale, rule.name)
        if rule.name == "json":
            body = structured.read(self._text)
            return None if body is None else self._given(body.label, body.rationale, rule.name)
        if rule.name == "last-sentence":
            return None if self._tail is not None else self._guess(rule.name)
        label = None if self._tail is None else labels.read_as(rule.name, self._tail, self._task, self._fields)
        return None if label is None else Parsed(self._before, label.label, label.rung, label.flags)

    def _given(self, label: str, rationale: str, rung: str) -> Parsed | None:
        """A label that stands in a place of its own, read in any way there is."""
        found = labels.find(label, self._task, self._fields)
        return None if found is None else Parsed(rationale, found.label, rung, found.flags)

    def _guess(self, rung: str) -> Parsed | None:
        found = labels.find(_last_sentence(self._text), self._task, self._fields, guess=True)
        return None if found is None else Parsed(self._text, found.label, rung, (*self._flags, *found.flags))


def trigger(text: str) -> tuple[int, int] | None:
    """Start and end of the last phrase that announces a label."""
    matches = list(_TRIGGER.finditer(text)) or list(_LABEL_LINE.finditer(text))
    return matches[-1].span() if matches else None


def _last_sentence(text: str) -> str:
    """The last sentence, or a short answer of one line; empty if the text breaks off within a sentence."""
    ends = [match.end() for match in re.finditer(r"[.!?](?=\s)|\n", text)]
    terse = not ends and len(text) <= _LONGEST_TERSE
    return text[ends[-1] if ends else 0 :] if terse or text.endswith((".", "!")) else ""
