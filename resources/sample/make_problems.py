"""Make the sample project's word problems: ``python resources/sample/make_problems.py [FOLDER]``.

Writes ``train.jsonl``, ``valid.jsonl`` and ``test.jsonl`` (beside this file, or into FOLDER), byte for byte the
same on every machine. Each problem takes two calculations, and the first result is never asked for: the rationale
states it. The rationales are *textbook* rationales, written by this generator from the numbers it drew; no model
had a part in them. Standard library only.

Not covered: fractions, zero, negative numbers, and problems that hold a number one does not need.
"""

from __future__ import annotations

import json
import random
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

SEED = 20230509
SPLIT_SIZES = {"train": 1000, "valid": 100, "test": 100}
# Small numbers and few names, so that a student of less than a million weights learns the task in minutes.
START = (2, 6)
AMOUNT = (1, 3)
LARGEST = 24
PRONOUNS = {
    "Ana": "She", "Ella": "She", "Mia": "She", "Zoe": "She", "Leo": "He", "Omar": "He", "Sam": "He", "Tom": "He"
}  # fmt: skip
GAIN = "buys {amount} more"
LOSS = "gives {amount} to {other}"


class Thing(NamedTuple):
    """What is counted, in the singular and the plural."""

    one: str
    many: str

    def named(self, number: int) -> str:
        """The noun that goes with a number."""
        return self.one if number == 1 else self.many


THINGS = (
    Thing("pen", "pens"),
    Thing("marble", "marbles"),
    Thing("apple", "apples"),
    Thing("book", "books"),
    Thing("shell", "shells"),
)


class OutOfRange(Exception):
    """The numbers drawn lead outside the small whole numbers; draw again."""


class Story:
    """A problem while it is told.

    Attributes:
        cast: four people; the last one is only ever given something.
        sentences: of the problem.
        working: the sentences of the rationale.
        totals: how many the first, second and third person have.
        changed: whether the person counted last has just gained or lost some.
    """

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.cast = rng.sample(sorted(PRONOUNS), 4)
        self.thing = rng.choice(THINGS)
        self.sentences: list[str] = []
        self.working: list[str] = []
        self.totals: list[int] = []
        self.changed = False

    @property
    def holder(self) -> str:
        """Who was counted last."""
        return self.cast[len(self.totals) - 1]

    def work_out(self, lead: str, expression: str, result: int) -> int:
        """Add ``Tom has 4 + 3 = 7 pens.`` to the working and return the result."""
        if not 1 <= result <= LARGEST:
            raise OutOfRange
        self.working.append(f"{lead} {expression} = {result} {self.thing.named(result)}.")
        return result


def owns(story: Story) -> None:
    """``Mia has 4 pens.``"""
    number = story.rng.randint(*START)
    story.totals.append(number)
    story.sentences.append(f"{story.holder} has {number} {story.thing.named(number)}.")


def by_amount(story: Story) -> None:
    """``Tom has 3 more than Mia.``"""
    compare(story, ("more", "fewer"))


def by_factor(story: Story) -> None:
    """``Tom has twice as many as Mia.``"""
    compare(story, ("twice", "three times", "half"))


def compare(story: Story, relations: tuple[str, ...]) -> None:
    """The next person has so many more, fewer or times as many as the one counted last."""
    value, amount = story.totals[-1], story.rng.randint(*AMOUNT)
    relation = story.rng.choice(relations)
    if relation == "half" and value % 2:
        raise OutOfRange
    phrase, expression, result = {
        "more": (f"{amount} more than", f"{value} + {amount}", value + amount),
        "fewer": (f"{amount} fewer than", f"{value} - {amount}", value - amount),
        "twice": ("twice as many as", f"2 * {value}", 2 * value),
        "three times": ("three times as many as", f"3 * {value}", 3 * value),
        "half": ("half as many as", f"{value} / 2", value // 2),
    }[relation]
    lead, now = f"{story.cast[len(story.totals)]} has", " has now" if story.changed else ""
    story.sentences.append(f"{lead} {phrase} {story.holder}{now}.")
    story.totals.append(story.work_out(lead, expression, result))
    story.changed = False


def change(story: Story) -> None:
    """``She buys 3 more.``: whoever was counted last gains or loses some."""
    value, amount, gains = story.totals[-1], story.rng.randint(*AMOUNT), story.rng.random() < 0.5
    deed = (GAIN if gains else LOSS).format(amount=amount, other=story.cast[-1])
    who = PRONOUNS[story.holder] if len(story.sentences) == 1 else f"Then {story.holder}"
    sign, result = ("+", value + amount) if gains else ("-", value - amount)
    story.sentences.append(f"{who} {deed}.")
    story.totals[-1] = story.work_out(f"Then {story.holder} has", f"{value} {sign} {amount}", result)
    story.changed = True


def ask_one(story: Story) -> None:
    """``How many pens does Ana have?``"""
    now = " now" if story.changed else ""
    story.sentences.append(f"How many {story.thing.many} does {story.holder} have{now}?")


def ask_both(story: Story) -> None:
    """``How many pens do Mia and Tom have together?``"""
    first, second = story.totals
    people = f"{story.cast[0]} and {story.cast[1]}"
    story.sentences.append(f"How many {story.thing.many} do {people} have together?")
    story.totals.append(story.work_out("Together they have", f"{first} + {second}", first + second))


FAMILIES: tuple[tuple[Callable[[Story], None], ...], ...] = (
    (owns, by_amount, by_factor, ask_one),
    (owns, by_factor, by_amount, ask_one),
    (owns, by_factor, change, ask_one),
    (owns, change, by_factor, ask_one),
    (owns, by_amount, ask_both),
    (owns, by_factor, ask_both),
)


class Problem(NamedTuple):
    """A finished problem."""

    input: str
    label: str
    rationale: str


def tell(family: tuple[Callable[[Story], None], ...], rng: random.Random) -> Problem:
    """Tell one problem of this family, drawing again until the numbers stay in range."""
    while True:
        story = Story(rng)
        try:
            for part in family:
                part(story)
        except OutOfRange:
            continue
        return Problem(" ".join(story.sentences), str(story.totals[-1]), " ".join(story.working))


def make_problems(rng: random.Random) -> list[Problem]:
    """All problems, the families in turn; no two are alike, not even with their numbers masked."""
    problems: dict[str, Problem] = {}
    while len(problems) < sum(SPLIT_SIZES.values()):
        problem = tell(FAMILIES[len(problems) % len(FAMILIES)], rng)
        problems.setdefault(re.sub(r"\d+", "#", problem.input), problem)
    return list(problems.values())


def main(arguments: list[str]) -> None:
    """Write the three files."""
    folder = Path(arguments[0]) if arguments else Path(__file__).parent
    rng = random.Random(SEED)
    problems = make_problems(rng)
    rng.shuffle(problems)
    for split, size in SPLIT_SIZES.items():
        told, problems = problems[:size], problems[size:]
        rows = [{"id": f"{split}-{number:04}", **problem._asdict()} for number, problem in enumerate(told, start=1)]
        text = "".join(f"{json.dumps(row)}\n" for row in rows)
        (folder / f"{split}.jsonl").write_bytes(text.encode())


if __name__ == "__main__":
    main(sys.argv[1:])
