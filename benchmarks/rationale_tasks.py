"""Made-up tasks whose label hangs on something that the question does not say, and the rationale does.

The rules of each are drawn anew from a seed (names, hidden numbers, look-up tables), so that nothing can be known
beforehand. They differ in what stands between question and label, which is what should decide whether a second task on
the same weights helps the first (Hsieh et al. 2023, "Distilling Step-by-Step!"; acceptance item M16):

* ``kind``: two names, each with a hidden number; for each sum it was drawn by lot which of two kinds it is, and the
  label is the kind. A label says one bit; the rationale names the sum, from which the kind is a look-up.
* ``odd``: three names, each with a hidden bit; the label is their parity, the rationale states the bits. One bit too,
  but about numbers that a student finds by itself.
* ``larger``: two names, each with a hidden number; the label is the name with the larger one. Labels say what there is
  to know, and the rationale states more than is needed.
* ``chain``: a digit and three named look-ups, one after the other; the label is the last value, the rationale lists all
  three. Nothing is hidden for long, but the way is.
* ``stories``: the sample project's two-step word problems, told anew.

The teacher is made up too: with a stated probability it is wrong about a fact, goes on consistently, and so ends at
another label. Standard library only; the same on every machine.
"""

from __future__ import annotations

import random
import re
import runpy
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar, NamedTuple

NAMES = tuple("".join(letters) for letters in product("bdfgklmnprstvz", "aeiou"))
SPLITS = ("train", "valid", "test")
STORIES = Path(__file__).resolve().parent.parent / "resources" / "sample" / "make_problems.py"
MOST_DRAWS = 50
"""Draws for each row before there are too few questions to be found."""


class Answer(NamedTuple):
    """What somebody says to a question."""

    label: str
    rationale: str


@dataclass(frozen=True)
class Item:
    """One question. ``identity`` is the same for questions that are alike, and never occurs twice."""

    identity: Any
    input: str
    gold: Answer
    teacher: Answer


class Task:
    """A task with its rules drawn. Subclasses say what is asked and how it is worked out."""

    name: ClassVar[str]

    def __init__(self, rng: random.Random, names: int) -> None:
        raise NotImplementedError

    def draw(self, rng: random.Random) -> tuple[Any, Any]:
        """A question, and its identity."""
        raise NotImplementedError

    def text(self, question: Any) -> str:
        raise NotImplementedError

    def work(self, question: Any, slip: random.Random | None = None) -> Answer:
        """The right answer; with ``slip`` one whose rationale is wrong about a fact and whose label is another."""
        raise NotImplementedError


class Hidden(Task):
    """Each name has a number that no question tells; questions are names, in any order the same."""

    values: ClassVar[int]
    asked: ClassVar[int]

    def __init__(self, rng: random.Random, names: int) -> None:
        self.names = NAMES[:names]
        self.of = {name: rng.randrange(self.values) for name in self.names}

    def draw(self, rng: random.Random) -> tuple[Any, Any]:
        while True:
            question = tuple(rng.sample(self.names, self.asked))
            if self.label(question, self.of):
                return question, tuple(sorted(question))

    def text(self, question: Any) -> str:
        return " ".join(question)

    def work(self, question: Any, slip: random.Random | None = None) -> Answer:
        believed, truth = dict(self.of), self.label(question, self.of)
        while slip and self.label(question, believed) in ("", truth):
            believed[slip.choice(question)] = slip.randrange(self.values)
        return Answer(self.label(question, believed), self.rationale(question, believed))

    def label(self, question: Sequence[str], of: Mapping[str, int]) -> str:
        """The label, if the names' numbers were ``of``; "" where they leave none."""
        raise NotImplementedError

    def rationale(self, question: Sequence[str], of: Mapping[str, int]) -> str:
        return " ".join(f"{name} {of[name]}" for name in question)


class Kind(Hidden):
    """See the module. The rationale is one word, as the label is: each sum has a name of its own."""

    name, values, asked = "kind", 10, 2

    def __init__(self, rng: random.Random, names: int) -> None:
        super().__init__(rng, names)
        self.kinds = ["dark", "light"] * self.values
        rng.shuffle(self.kinds)

    def label(self, question: Sequence[str], of: Mapping[str, int]) -> str:
        return self.kinds[sum(of[name] for name in question)]

    def rationale(self, question: Sequence[str], of: Mapping[str, int]) -> str:
        return "sum" + "abcdefghijklmnopqrs"[sum(of[name] for name in question)]


class Odd(Hidden):
    """See the module."""

    name, values, asked = "odd", 2, 3

    def label(self, question: Sequence[str], of: Mapping[str, int]) -> str:
        return ("even", "odd")[sum(of[name] for name in question) % 2]


class Larger(Hidden):
    """See the module. Two names with the same number are never asked for."""

    name, values, asked = "larger", 10, 2

    def label(self, question: Sequence[str], of: Mapping[str, int]) -> str:
        a, b = question
        return "" if of[a] == of[b] else max(question, key=of.__getitem__)


class Chain(Task):
    """See the module. A table is a permutation, so that a wrong value stays wrong to the end."""

    name, hops, digits = "chain", 3, 5

    def __init__(self, rng: random.Random, names: int) -> None:
        self.tables = {name: rng.sample(range(self.digits), self.digits) for name in NAMES[:names]}

    def draw(self, rng: random.Random) -> tuple[Any, Any]:
        question = (rng.randrange(self.digits), *rng.choices(list(self.tables), k=self.hops))
        return question, question

    def text(self, question: Any) -> str:
        return " ".join(map(str, question))

    def work(self, question: Any, slip: random.Random | None = None) -> Answer:
        value, *names = question
        wrong = slip.randrange(self.hops) if slip else None
        told = []
        for place, name in enumerate(names):
            value = self.tables[name][value]
            if slip and place == wrong:
                value = (value + slip.randrange(1, self.digits)) % self.digits
            told.append(str(value))
        return Answer(told[-1], " ".join(told))


class Stories(Task):
    """The sample project's problems (``resources/sample/make_problems.py``); alike are those that differ in numbers."""

    name = "stories"

    def __init__(self, rng: random.Random, names: int) -> None:
        self.source = SimpleNamespace(**runpy.run_path(str(STORIES)))

    def draw(self, rng: random.Random) -> tuple[Any, Any]:
        while True:
            question = rng.choice(self.source.FAMILIES), rng.getrandbits(32)
            with suppress(self.source.OutOfRange):
                return question, re.sub(r"\d+", "#", self.text(question))

    def text(self, question: Any) -> str:
        return " ".join(self._tell(question).sentences)

    def work(self, question: Any, slip: random.Random | None = None) -> Answer:
        tries = [(0, 0)]
        if slip:
            tries = list(product((1, 2), (-1, 1)))  # which calculation, and how far off; the second always can be
            slip.shuffle(tries)
        for place, by in tries:
            with suppress(self.source.OutOfRange):
                story = self._tell(question, place, by)
                return Answer(str(story.totals[-1]), " ".join(story.working))
        raise AssertionError(f"no answer to {self.text(question)}")

    def _tell(self, question: Any, place: int = 0, by: int = 0) -> Any:
        """The same random numbers tell the same story; calculation ``place`` is off ``by``."""
        family, seed = question
        work_out = self.source.Story.work_out

        class Told(self.source.Story):  # type: ignore[name-defined, misc]
            def work_out(self, lead: str, expression: str, result: int) -> int:
                off = by if len(self.working) + 1 == place else 0
                return int(work_out(self, lead, expression, result + off))

        story = Told(random.Random(seed))
        for part in family:
            part(story)
        return story


TASKS: dict[str, type[Task]] = {task.name: task for task in (Kind, Odd, Larger, Chain, Stories)}


def make(task: str, names: int, sizes: Sequence[int], seed: int, teacher_error: float) -> dict[str, list[Item]]:
    """Items of train, valid and test (``sizes``), no two alike.

    For a seed, the rules and the test and valid items are the same whatever ``sizes[0]`` is and how often the teacher
    is wrong; so is the teacher's mistake on an item, where it makes one.

    Raises: ValueError if the task has too few questions.
    """
    rules = TASKS[task](random.Random(f"{task} rules {seed}"), names)
    rng = random.Random(f"{task} questions {seed}")
    left = MOST_DRAWS * sum(sizes)
    seen: set[Any] = set()
    made: dict[str, list[Item]] = {}
    for split, size in reversed(list(zip(SPLITS, sizes, strict=True))):
        made[split] = []
        while len(made[split]) < size:
            question, identity = rules.draw(rng)
            left -= 1
            if left < 0:
                raise ValueError(f"{task} with {names} names has too few questions for {sum(sizes)} rows")
            if identity not in seen:
                seen.add(identity)
                made[split].append(_item(rules, question, identity, seed, teacher_error))
    return made


def _item(rules: Task, question: Any, identity: Any, seed: int, teacher_error: float) -> Item:
    text, gold = rules.text(question), rules.work(question)
    chance = random.Random(f"teacher {seed} {text}")
    is_wrong = chance.random() < teacher_error
    return Item(identity, text, gold, rules.work(question, chance) if is_wrong else gold)
