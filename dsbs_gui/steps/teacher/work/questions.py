"""The job's input: which rows to ask about, each different question once. Worker only.

The rows stay in their file; what is kept of each is some hundred bytes, however long its texts are.
"""

from __future__ import annotations

import hashlib
import heapq
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from dsbs_gui.core.files import read_jsonl
from dsbs_gui.core.tasks import Fields, Task
from dsbs_gui.steps.teacher.failures import CRASHES_TO_QUARANTINE
from dsbs_gui.steps.teacher.ledger import Key
from dsbs_gui.steps.teacher.missing import INPUT, SUSPECTS
from dsbs_gui.steps.teacher.prompts import Prompt
from dsbs_gui.steps.teacher.specs import hinted_sample
from dsbs_gui.steps.teacher.wording import Wording

from .asking import Request


@dataclass(frozen=True, slots=True)
class Row:
    """A line of ``input.jsonl``.

    Attributes:
        samples: sample indexes to ask for without a hint.
        hinted: sample indexes to ask for with the gold label told; () if there is none to tell.
        gold: the gold label; None unless hints are wanted.
    """

    example_id: int
    fields: Fields
    samples: tuple[int, ...] = ()
    hinted: tuple[int, ...] = ()
    gold: str | None = None

    @classmethod
    def from_json(cls, body: Mapping[str, Any], always_told: bool = False) -> Row:
        """``always_told``: the gold label is told for every sample, where there is one."""
        samples, hinted, gold = tuple(body.get("samples", ())), tuple(body.get("hinted", ())), body.get("gold")
        if always_told and gold:
            samples, hinted = (), tuple(dict.fromkeys((*hinted, *samples)))
        return cls(body["example_id"], body["fields"], samples, hinted if gold else (), gold)


class _Twin(NamedTuple):
    """What is kept of a row whose question another row has too."""

    example_id: int
    samples: tuple[int, ...]
    hinted: tuple[int, ...]
    gold: str | None


def stored_under(request: Request) -> Key:
    """Example and sample index under which the answer will be kept."""
    return request.example_id, hinted_sample(request.sample) if request.hinted else request.sample


class Questions:
    """Requests for the rows in a job's folder, and which other rows a reply answers too.

    ``grammar`` makes of a row's fields what its label keeps to; None: anything goes.
    Rows with the same prompt are asked once for each sample. Requests during which a worker crashed come last.

    Attributes:
        total: answers that the rows will get, twins included.
    """

    def __init__(
        self,
        folder: Path,
        prompt: Prompt,
        task: Task,
        *,
        always_told: bool = False,
        grammar: Callable[[Fields], str] | None = None,
    ) -> None:
        self._file = (folder / INPUT).open("rb")  # closed by close()
        self._always_told = always_told
        self._grammar = grammar
        self._wording = Wording(prompt, task)
        self._places: dict[int, int] = {}
        self._twins: dict[int, list[_Twin]] = {}
        self._added: list[tuple[int, int]] = []
        self._any_hinted = False
        self._crashes = _suspects(folder)
        self._accused: list[Request] = []
        self._longest: list[tuple[int, int]] = []
        self.total = 0
        self._look_through()

    def close(self) -> None:
        self._file.close()

    # ------------------------------------------------------------ the first reading

    def _look_through(self) -> None:
        """Note where each row lies, which rows ask the same, and which prompts are longest."""
        first_with: dict[bytes, int] = {}
        for place, row in self._rows():
            self._places[row.example_id] = place
            self.total += len(row.samples) + len(row.hinted)
            self._any_hinted = self._any_hinted or bool(row.hinted)
            tail = self._wording.tail(row.fields)
            first = first_with.setdefault(
                hashlib.blake2b(tail.encode("utf-8", "replace"), digest_size=12).digest(), place
            )
            if first != place:
                self._note_twin(first, row)
            size = len(self._wording.tail(row.fields, row.gold)) if row.gold else len(tail)
            heapq.heappush(self._longest, (size, place))
            if len(self._longest) > _LONGEST_KEPT:
                heapq.heappop(self._longest)

    def _note_twin(self, first: int, row: Row) -> None:
        leader = self._read(first)
        twins = self._twins.setdefault(leader.example_id, [_twin(leader)])
        twins.append(_twin(row))
        self._twins[row.example_id] = twins

    def _rows(self) -> Iterator[tuple[int, Row]]:
        """All rows with their places; other readings may come between two of them."""
        place = 0
        while True:
            self._file.seek(place)
            lines = self._file.readlines(_AT_ONCE)
            if not lines:
                return
            for line in lines:
                yield place, Row.from_json(json.loads(line), self._always_told)
                place += len(line)

    def _read(self, place: int) -> Row:
        self._file.seek(place)
        return Row.from_json(json.loads(self._file.readline()), self._always_told)

    def row(self, example_id: int) -> Row:
        return self._read(self._places[example_id])

    def longest(self, n: int) -> list[str]:
        """The ``n`` longest prompts, by characters, hints included where one may come; at most some dozens."""
        rows = [self._read(place) for _, place in heapq.nlargest(n, self._longest)]
        return [self._wording.text(row.fields, row.gold) for row in rows]

    # ------------------------------------------------------------ what is asked

    def plain(self) -> Iterator[Request]:
        """Without the gold label told."""
        for _, row in self._rows():
            for sample in row.samples:
                yield from self._unless_accused(row, sample, hinted=False)

    def hinted(self) -> Iterator[Request]:
        """With the gold label told: where that is wanted from the start, then what was added since the last call."""
        if self._any_hinted:
            self._any_hinted = False
            for _, row in self._rows():
                for sample in row.hinted:
                    yield from self._unless_accused(row, sample, hinted=True)
        while self._added:
            example_id, sample = self._added.pop(0)
            yield from self._unless_accused(self.row(example_id), sample, hinted=True)

    def accused(self) -> Iterator[tuple[Request, bool]]:
        """Requests during which a worker crashed, and whether that was too often to ask once more."""
        while self._accused:
            request = self._accused.pop(0)
            yield request, self._crashes[stored_under(request)] >= CRASHES_TO_QUARANTINE

    def add_hinted(self, example_id: int, sample: int) -> int:
        """Ask for this sample again, with the hint; returns how many more answers come: 0 without a gold label."""
        row = self.row(example_id)
        if not row.gold:
            return 0
        if (twins := self._twins.get(example_id)) is not None:
            place = next(i for i, twin in enumerate(twins) if twin.example_id == example_id)
            twins[place] = twins[place]._replace(hinted=(*twins[place].hinted, sample))
        self._added.append((example_id, sample))
        return 1

    def answered_by(self, request: Request) -> list[int]:
        """The examples that a reply to ``request`` belongs to, the asked one first."""
        twins = self._twins.get(request.example_id)
        if twins is None:
            return [request.example_id]
        gold = self.row(request.example_id).gold if request.hinted else None
        return [twin.example_id for twin in twins if _wants(twin, gold, request.sample, request.hinted)]

    def _unless_accused(self, row: Row, sample: int, hinted: bool) -> Iterator[Request]:
        """The request, if this row is the one that asks it and no worker crashed on it."""
        if (twins := self._twins.get(row.example_id)) is not None:
            asker = next(twin for twin in twins if _wants(twin, row.gold, sample, hinted))
            if asker.example_id != row.example_id:
                return
        text = self._wording.text(row.fields, row.gold if hinted else None)
        grammar = self._grammar(row.fields) if self._grammar else ""
        request = Request(row.example_id, sample, text, hinted, grammar)
        if stored_under(request) in self._crashes:
            self._accused.append(request)
        else:
            yield request


_AT_ONCE = 1 << 16
_LONGEST_KEPT = 64


def _twin(row: Row) -> _Twin:
    return _Twin(row.example_id, row.samples, row.hinted, row.gold)


def _wants(twin: _Twin, gold: str | None, sample: int, hinted: bool) -> bool:
    """Whether the row wants this answer; a hint tells ``gold``."""
    if hinted:
        return sample in twin.hinted and twin.gold == gold
    return sample in twin.samples


def _suspects(folder: Path) -> dict[Key, int]:
    try:
        return {(row["example_id"], row["sample"]): row["crashes"] for row in read_jsonl(folder / SUSPECTS)}
    except FileNotFoundError:
        return {}
