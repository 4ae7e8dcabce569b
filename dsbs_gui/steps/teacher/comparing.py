"""Prompts tried on the same rows, and two of them compared. Owner's side, plain Python, for a background thread.

What a teacher has answered with a prompt and the same settings is read from the store; asked is only what is missing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, NamedTuple

from dsbs_gui.core.statistics import Interval, mcnemar, wilson
from dsbs_gui.core.store import answers, examples, prompts
from dsbs_gui.core.store.filters import Filter

from . import asked, held_out, overview, plan

if TYPE_CHECKING:
    from dsbs_gui.core.jobs.request import JobRequest
    from dsbs_gui.core.project import Project
    from dsbs_gui.core.store.answers import Answer
    from dsbs_gui.core.store.examples import Example

    from .keys import Keys
    from .versions import Entry

ROWS_TRIAL = "rows"
"""Value of ``overview.TRIAL`` in the context of a run that tries a prompt on several rows."""
SIGNIFICANCE = 0.05
_PAGE = 200


@dataclass(frozen=True, slots=True)
class Tried:
    """A prompt on some rows.

    Attributes:
        answers: by example; rows without one are missing.
        key: identity of teacher, prompt and settings.
    """

    entry: Entry
    key: str = ""
    answers: Mapping[int, Answer] = field(default_factory=dict)

    def missing(self, ids: Sequence[int]) -> list[int]:
        """Rows that the teacher has not answered with this prompt."""
        return [i for i in ids if i not in self.answers]

    def right(self, example_id: int) -> bool:
        """Whether the answer means the gold label; one that failed or has no label does not."""
        answer = self.answers[example_id]
        return answer.failure is None and answer.agree is True


class Score(NamedTuple):
    """So many of so many rows right, with Wilson's interval at 95 %."""

    right: int
    n: int

    @property
    def accuracy(self) -> float:
        return self.right / self.n if self.n else float("nan")

    @property
    def interval(self) -> Interval:
        return wilson(self.right, self.n)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two prompts on the rows that both have answered.

    Attributes:
        ids: those rows.
        only_a, only_b: rows that only one of them has right: its wins.
        both, neither: rows that the two have right, or wrong, together: ties.
    """

    ids: tuple[int, ...]
    both: tuple[int, ...]
    only_a: tuple[int, ...]
    only_b: tuple[int, ...]
    neither: tuple[int, ...]

    @property
    def a(self) -> Score:
        return Score(len(self.both) + len(self.only_a), len(self.ids))

    @property
    def b(self) -> Score:
        return Score(len(self.both) + len(self.only_b), len(self.ids))

    @property
    def p(self) -> float:
        """Exact McNemar, two-sided."""
        return mcnemar(len(self.only_a), len(self.only_b))


class Trial(NamedTuple):
    """What the store knows of one or two prompts on the same rows.

    Attributes:
        rows: the examples, in the order chosen.
        sides: the prompt, and the one that it is compared with if there is one.
    """

    rows: tuple[Example, ...]
    sides: tuple[Tried, ...]

    @property
    def ids(self) -> list[int]:
        return [example.id for example in self.rows]

    @property
    def missing(self) -> int:
        """How many answers would have to be asked for."""
        return sum(len(side.missing(self.ids)) for side in self.sides)

    def comparison(self) -> Comparison | None:
        """None unless there are two sides and a row that both have answered."""
        if len(self.sides) < 2:
            return None
        a, b = self.sides
        ids = [i for i in self.ids if i in a.answers and i in b.answers]
        return compare(a, b, ids) if ids else None

    def score(self, side: int) -> Score:
        """Of one side alone, on the rows that it has answered."""
        tried = self.sides[side]
        known = [i for i in self.ids if i in tried.answers]
        return Score(sum(tried.right(i) for i in known), len(known))


def compare(a: Tried, b: Tried, ids: Sequence[int]) -> Comparison:
    """Sort the rows by who has them right. Raises KeyError for a row that one has not answered."""
    sorted_: dict[tuple[bool, bool], list[int]] = {}
    for i in ids:
        sorted_.setdefault((a.right(i), b.right(i)), []).append(i)
    kinds = ((True, True), (True, False), (False, True), (False, False))
    return Comparison(tuple(ids), *(tuple(sorted_.get(kind, ())) for kind in kinds))


def sample(project: Project, n: int, seed: int, entries: Sequence[Entry]) -> list[Example]:
    """Rows of train with a gold label, chosen by the seed; never one that is an exemplar of the prompts.

    More rows hold all of fewer, and rows that come or go do not change the order of the rest.
    """
    task, db = project.task, project.store.reader
    shown = {held_out.identity(task, item.fields) for entry in entries for item in entry.prompt.exemplars}
    ids = sorted(examples.ids(db, Filter(splits=("train",))), key=lambda i: _draw(seed, i))
    chosen: list[Example] = []
    for start in range(0, len(ids), _PAGE):
        page = examples.page(db, ids[start : start + _PAGE])
        for i in ids[start : start + _PAGE]:
            if page[i].label is not None and held_out.identity(task, page[i].fields) not in shown:
                chosen.append(page[i])
            if len(chosen) == n:
                return chosen
    return chosen


def look(project: Project, choices: Mapping[str, Any], entries: Sequence[Entry], n: int, seed: int) -> Trial:
    """What is known already.

    Args:
        choices: teacher and settings as ``plan.generate_request`` takes them; without a teacher nothing is known.
        entries: one prompt, or two to compare.
    """
    rows = sample(project, n, seed, entries)
    ids = [example.id for example in rows]
    if not ids or not choices["teacher"]:
        return Trial(tuple(rows), tuple(Tried(entry) for entry in entries))
    return Trial(tuple(rows), tuple(_tried(project, choices, entry, ids) for entry in entries))


def request(
    project: Project, keys: Keys, choices: Mapping[str, Any], side: Tried, ids: Sequence[int], typed_key: str = ""
) -> JobRequest | None:
    """A job for the rows that one side is missing; None if there are none. Raises as ``plan.generate_request``."""
    missing = side.missing(ids)
    if not missing:
        return None
    made = asked.request(project, keys, _of(choices, side.entry, missing), typed_key)
    title = f"Try “{side.entry.name}” on {len(missing)} {'row' if len(missing) == 1 else 'rows'}"
    return replace(made, title=title, context={**made.context, overview.TRIAL: ROWS_TRIAL})


def _tried(project: Project, choices: Mapping[str, Any], entry: Entry, ids: Sequence[int]) -> Tried:
    db = project.store.reader
    key = str(plan.generate_request(project, **_of(choices, entry, ids[:1])).context["cache_key"])
    known = prompts.answers_of(db, key, ids)
    found = answers.page(db, list(known.values()))
    return Tried(entry, key, {example_id: found[answer_id] for example_id, answer_id in known.items()})


def _of(choices: Mapping[str, Any], entry: Entry, ids: Sequence[int]) -> dict[str, Any]:
    """The settings for one plain answer of each of these rows."""
    plain = {"exemplars": None, "limit": None, "only_failed": False, "samples": 1, "hint_gold": "never", "aside": False}
    return {**choices, **plain, "prompt": entry.prompt, "prompt_name": entry.name, "ids": list(ids)}


def _draw(seed: int, example_id: int) -> bytes:
    return hashlib.blake2b(b"%d %d" % (seed, example_id), digest_size=8).digest()
