"""The job's input: which rows to ask about, each different question once. Worker only."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from dsbs_gui.core.tasks import Fields, Task
from dsbs_gui.steps.teacher.hints import hint
from dsbs_gui.steps.teacher.prompts import Prompt, render

from .asking import Request


@dataclass(frozen=True, slots=True)
class Row:
    """A line of ``input.jsonl``.

    Attributes:
        samples: sample indexes to ask for without a hint.
        hinted: sample indexes to ask for with the gold label told.
        gold: the gold label; None unless hints are wanted.
    """

    example_id: int
    fields: Fields
    samples: tuple[int, ...] = ()
    hinted: tuple[int, ...] = ()
    gold: str | None = None

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Row:
        return cls(
            body["example_id"],
            body["fields"],
            tuple(body.get("samples", ())),
            tuple(body.get("hinted", ())),
            body.get("gold"),
        )

    def always_told(self) -> Row:
        """The row with the gold label told for every sample; as it is if there is none to tell."""
        if not self.gold:
            return self
        return replace(self, samples=(), hinted=tuple(dict.fromkeys((*self.hinted, *self.samples))))


class Questions:
    """Requests for rows, and which other rows a reply answers too.

    Rows with the same prompt and sample index are asked for once.
    """

    def __init__(self, rows: Iterable[Row], prompt: Prompt, task: Task) -> None:
        self._prompt = prompt
        self._task = task
        self._rows = {row.example_id: row for row in rows}
        self._twins: dict[tuple[str, int], list[int]] = {}
        self._plain = self._unique((row, row.samples, False) for row in self._rows.values())
        self._hinted = self._unique((row, row.hinted, True) for row in self._rows.values() if row.gold)

    @property
    def total(self) -> int:
        """Answers that the rows will get, twins included."""
        return sum(len(row.samples) + (len(row.hinted) if row.gold else 0) for row in self._rows.values())

    @property
    def rows(self) -> Mapping[int, Row]:
        return self._rows

    def plain(self) -> Iterator[Request]:
        return (self._request(*item) for item in self._plain)

    def hinted(self) -> Iterator[Request]:
        return (self._request(*item) for item in self._hinted)

    def add_hinted(self, example_id: int, sample: int) -> bool:
        """Ask for this sample again, with the hint; returns False if the row has no gold label."""
        row = self._rows[example_id]
        if row.gold:
            self._hinted += self._unique([(row, (sample,), True)])
        return bool(row.gold)

    def answered_by(self, request: Request) -> list[int]:
        """The examples that a reply to ``request`` belongs to, the asked one first."""
        return self._twins[self._key(self._rows[request.example_id], request.sample, request.hinted)]

    def longest(self, n: int) -> list[str]:
        """The ``n`` longest prompts, by characters, hints included where one may come."""
        texts = (self._text(row, hinted=bool(row.gold)) for row in self._rows.values())
        by_length = sorted(zip(map(len, texts), self._rows, strict=True), reverse=True)[:n]
        return [self._text(self._rows[i], hinted=bool(self._rows[i].gold)) for _, i in by_length]

    def _unique(self, wanted: Iterable[tuple[Row, Iterable[int], bool]]) -> list[tuple[int, int, bool]]:
        """(example, sample, hinted) of each question that is new; the others become twins."""
        found = []
        for row, samples, hinted in wanted:
            for sample in samples:
                twins = self._twins.setdefault(self._key(row, sample, hinted), [])
                if not twins:
                    found.append((row.example_id, sample, hinted))
                if row.example_id not in twins:
                    twins.append(row.example_id)
        return found

    def _key(self, row: Row, sample: int, hinted: bool) -> tuple[str, int]:
        source = {name: row.fields[name] for name in self._task.fields}
        return json.dumps([source, row.gold if hinted else None, hinted], sort_keys=True), sample

    def _request(self, example_id: int, sample: int, hinted: bool) -> Request:
        return Request(example_id, sample, self._text(self._rows[example_id], hinted), hinted)

    def _text(self, row: Row, hinted: bool) -> str:
        told = hint(self._task, row.gold, row.fields) if hinted and row.gold else ""
        return render(self._prompt, row.fields, told)
