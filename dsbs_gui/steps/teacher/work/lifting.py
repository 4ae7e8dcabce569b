"""The job *lift*: log p(gold label | input, rationale) − log p(gold label | input) of each row, by a local teacher."""

from __future__ import annotations

import contextlib
import math
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from dsbs_gui.core.errors import ResourceError, Stopped
from dsbs_gui.core.files import read_jsonl
from dsbs_gui.core.protocol import Emit, Finished, LiftsMeasured, Progress, ShouldStop
from dsbs_gui.core.tasks import task_named
from dsbs_gui.steps.teacher.lift.specs import LiftSpec
from dsbs_gui.steps.teacher.lift.texts import Writer
from dsbs_gui.steps.teacher.prompts import Prompt

from .llama_model import LlamaModel
from .llama_scorer import CELLS, SEQUENCES, Scorer, Text

_PROGRESS_SECONDS = 0.25


class _Row(NamedTuple):
    example_id: int
    mark: str
    without: Text
    given: Text


def run(spec: LiftSpec, emit: Emit, should_stop: ShouldStop) -> None:
    """Emit ``LiftsMeasured`` a group of rows, so that what was measured stays measured.

    Raises: UserError or ResourceError if the model cannot be used, or gives no numbers at all.
    """
    emit(Progress("Loading the teacher", 0, spec.rows, "rationales"))
    writer = Writer(Prompt.from_json(spec.prompt), task_named(spec.task))
    try:
        model = LlamaModel(Path(spec.model), should_stop)
    except Stopped:
        emit(Finished("stopped", summary()))
        return
    with contextlib.closing(model), contextlib.closing(Scorer(model, writer.prefix)) as scorer:
        _Measuring(spec, writer, scorer, emit).run(should_stop)


def summary(measured: int = 0, unhelpful: int = 0, too_long: int = 0, no_number: int = 0) -> dict[str, Any]:
    """What the job says at its end."""
    return {"measured": measured, "unhelpful": unhelpful, "too_long": too_long, "no_number": no_number}


class _Measuring:
    def __init__(self, spec: LiftSpec, writer: Writer, scorer: Scorer, emit: Emit) -> None:
        self._spec, self._writer, self._scorer, self._emit = spec, writer, scorer, emit
        self._measured = self._unhelpful = self._too_long = self._no_number = 0
        self._told = 0.0

    def run(self, should_stop: ShouldStop) -> None:
        status = "done"
        for group in self._groups():
            if should_stop():
                status = "stopped"
                break
            self._measure(group)
            self._tell()
        if self._no_number and not self._measured:
            raise ResourceError(
                f"{Path(self._spec.model).name} gives probabilities that are no numbers.",
                "The file may be damaged: copy or download it again, or choose another teacher.",
            )
        counted = summary(self._measured, self._unhelpful, self._too_long, self._no_number)
        self._emit(Finished(status, counted))

    def _groups(self) -> Iterator[list[_Row]]:
        """Rows whose texts fit into the context together."""
        group: list[_Row] = []
        cells = 0
        for row in map(self._row, read_jsonl(Path(self._spec.run_dir) / "input.jsonl")):
            own = self._scorer.cells(row.given, row.without)
            if own > CELLS:
                self._too_long += 1
                continue
            if group and (cells + own > CELLS or 2 * len(group) + 2 >= SEQUENCES):
                yield group
                group, cells = [], 0
            group.append(row)
            cells += own
        if group:
            yield group

    def _row(self, row: dict[str, Any]) -> _Row:
        texts = self._writer.texts(row["fields"], row["rationale"], row["gold"])
        without, given = (self._scorer.text(before, texts.label) for before in (texts.without, texts.given))
        return _Row(row["id"], row["mark"], without, given)

    def _measure(self, group: list[_Row]) -> None:
        found = self._scorer.logprobs([(row.given, row.without) for row in group])
        rows = [
            (row.example_id, row.mark, round(without, 5), round(given, 5))
            for row, (given, without) in zip(group, found, strict=True)
            if math.isfinite(without) and math.isfinite(given)
        ]
        self._no_number += len(group) - len(rows)
        self._measured += len(rows)
        self._unhelpful += sum(given <= without for _, _, without, given in rows)
        if rows:
            self._emit(LiftsMeasured(tuple(rows)))

    def _tell(self) -> None:
        now = time.monotonic()
        if now - self._told >= _PROGRESS_SECONDS:
            self._told = now
            done = self._measured + self._too_long + self._no_number
            self._emit(Progress("Measuring", done, self._spec.rows, "rationales"))
