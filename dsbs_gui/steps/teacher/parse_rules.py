"""The ladder by which answers are read: built-in rungs and rules of the user's own, in order. Plain Python.

The first rule that finds a label holds. Kept in the project; whoever reads an answer reads it with the
project's ladder. The ``paper`` parser has no ladder.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from dsbs_gui.core.errors import UserError
from dsbs_gui.core.store import project_info

from .own_rules import check_pattern

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from dsbs_gui.core.store.connection import Reader
    from dsbs_gui.core.store.database import Transaction

KEY = "parse_rules"
"""Where the project keeps its ladder; absent: the built-in one."""
LONGEST_NAME = 40
MOST_RULES = 30
RESERVED = ("unparsed", "paper", "given")
"""Names that mean something else where answers are counted by rule."""


@dataclass(frozen=True, slots=True)
class Rung:
    """A built-in rule. ``tasks``: names of those to whose labels it applies."""

    name: str
    title: str
    help: str
    tasks: tuple[str, ...]


_ALL = ("nli", "choice", "math", "text")
RUNGS = {
    rung.name: rung
    for rung in (
        Rung("json", "JSON", "A JSON object that names a label, alone, in a code fence or amid other text.", _ALL),
        Rung(
            "letter",
            "Letter of a choice",
            "After “the answer is”, the letter of a choice. If its text disagrees, the letter wins and is flagged.",
            ("choice",),
        ),
        Rung(
            "text",
            "Exact label",
            "After “the answer is”, a label word for word, but for capitals, articles and punctuation.",
            ("nli", "choice", "text"),
        ),
        Rung(
            "contained",
            "Only label named",
            "After “the answer is”, the one label that is named amid other words.",
            ("nli", "choice"),
        ),
        Rung("value", "Number or equation", "After “the answer is”, the first expression that has a value.", ("math",)),
        Rung(
            "last-sentence",
            "Last sentence",
            "If nothing announces a label: a clear label in the last sentence. A guess, and flagged as one.",
            ("nli", "choice", "math"),
        ),
    )
}


@dataclass(frozen=True, slots=True)
class Rule:
    """A step of the ladder: a built-in rung by its name, or one's own with its ``pattern``."""

    name: str
    pattern: str = ""
    on: bool = True

    @property
    def title(self) -> str:
        return self.name if self.pattern else RUNGS[self.name].title

    @property
    def help(self) -> str:
        return self.pattern or RUNGS[self.name].help

    def applies_to(self, task: str) -> bool:
        return bool(self.pattern) or task in RUNGS[self.name].tasks


@dataclass(frozen=True, slots=True)
class Ladder:
    """Rules in the order in which they are tried. Starts as ``DEFAULT``; every change makes another one."""

    rules: tuple[Rule, ...]

    @property
    def digest(self) -> str:
        """Empty for the built-in ladder, else what tells it from others."""
        return "" if self == DEFAULT else _digest(self)

    def for_task(self, task: str) -> tuple[Rule, ...]:
        """The rules that can hold for a task's labels, those that are switched off included."""
        return tuple(rule for rule in self.rules if rule.applies_to(task))

    def moved(self, name: str, step: int, task: str) -> Ladder:
        """A rule moved past its neighbour among those that the task has."""
        shown = [rule.name for rule in self.for_task(task)]
        place = shown.index(name) + step
        if not 0 <= place < len(shown):
            return self
        others = [rule for rule in self.rules if rule.name != name]
        at = [rule.name for rule in others].index(shown[place]) + (step > 0)
        return Ladder((*others[:at], self.rule(name), *others[at:]))

    def switched(self, name: str, on: bool) -> Ladder:
        return self._with(name, lambda rule: replace(rule, on=on))

    def added(self, rule: Rule) -> Ladder:
        """With a rule of one's own in front. Raises UserError as :func:`check`."""
        check(rule, self)
        if len(self.rules) >= MOST_RULES:
            raise UserError(f"A ladder has at most {MOST_RULES} rules.", "Take one out first.")
        return Ladder((rule, *self.rules))

    def changed(self, name: str, rule: Rule) -> Ladder:
        """With a rule of one's own in the place of another. Raises UserError as :func:`check`."""
        check(rule, self.without(name))
        return self._with(name, lambda _: rule)

    def without(self, name: str) -> Ladder:
        """Less a rule of one's own; a built-in one can only be switched off."""
        return Ladder(tuple(rule for rule in self.rules if rule.name != name or not rule.pattern))

    def rule(self, name: str) -> Rule:
        """Raises KeyError if there is none of this name."""
        for rule in self.rules:
            if rule.name == name:
                return rule
        raise KeyError(name)

    def _with(self, name: str, change: Callable[[Rule], Rule]) -> Ladder:
        return Ladder(tuple(change(rule) if rule.name == name else rule for rule in self.rules))

    def to_json(self) -> list[dict[str, Any]]:
        return [
            {"name": rule.name, "on": rule.on, **({"pattern": rule.pattern} if rule.pattern else {})}
            for rule in self.rules
        ]

    @classmethod
    def from_json(cls, body: Iterable[Mapping[str, Any]]) -> Ladder:
        """The inverse of :meth:`to_json`: built-in rungs that are unknown go, those that are new come last."""
        rules = [Rule(str(item["name"]), str(item.get("pattern", "")), bool(item.get("on", True))) for item in body]
        known = [rule for rule in rules if rule.pattern or rule.name in RUNGS]
        names = {rule.name for rule in known}
        return cls((*known, *(Rule(name) for name in RUNGS if name not in names)))


@lru_cache(maxsize=8)
def _digest(ladder: Ladder) -> str:
    """Asked for with every answer that is read."""
    return hashlib.sha256(json.dumps(ladder.to_json(), ensure_ascii=False).encode()).hexdigest()[:8]


DEFAULT = Ladder(tuple(Rule(name) for name in RUNGS))


def check(rule: Rule, others: Ladder) -> None:
    """Raises UserError, with the reason in a sentence, for a rule that cannot join ``others``."""
    name = rule.name.strip()
    if not name or name != rule.name or len(name) > LONGEST_NAME:
        raise UserError("The rule needs a name.", f"A word or two, at most {LONGEST_NAME} characters.")
    if name in RUNGS or name in RESERVED or any(other.name == name for other in others.rules):
        raise UserError(f"There is a rule “{name}” already.", "Choose another name.")
    check_pattern(rule.pattern)


def of_project(db: Reader) -> Ladder:
    """The ladder that a project reads answers with."""
    stored = project_info.get(db, KEY)
    return DEFAULT if stored is None else Ladder.from_json(stored)


def from_file(path: Path) -> Ladder:
    """A ladder from a file such as :meth:`Ladder.to_json` makes. Raises UserError for anything else."""
    try:
        body = json.loads(path.read_text("utf-8"))
        ladder = Ladder.from_json(body)
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise UserError(
            f"{path} holds no rules: {error}.", 'A list such as [{"name": "json", "on": true}] is needed.'
        ) from error
    others = DEFAULT
    for rule in ladder.rules:
        if rule.pattern:
            others = others.added(rule)
    return ladder


def put(tx: Transaction, ladder: Ladder) -> None:
    """Keep a ladder in the project. Answers that are there stay as they were read: see :mod:`.rereading`."""
    project_info.put(tx, KEY, ladder.to_json())
