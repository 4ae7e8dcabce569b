"""The job *signals*: first each row whose text was not read yet, then all rows against each other."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from hashlib import blake2b
from pathlib import Path
from typing import Any

from dsbs_gui.core.files import read_jsonl
from dsbs_gui.core.protocol import Emit, Finished, Progress, ShouldStop, SignalsFound
from dsbs_gui.steps.review.signals.checking import check
from dsbs_gui.steps.review.signals.finding import Subject
from dsbs_gui.steps.review.signals.overall import DUPLICATE, UNLIKELY
from dsbs_gui.steps.review.signals.specs import SignalsSpec

from .duplicates import Signatures, twins
from .unlikely import lowest

CHUNK_ROWS = 500
CHUNK_S = 2.0
PROGRESS_EVERY_S = 0.25


def run(spec: SignalsSpec, emit: Emit, should_stop: ShouldStop) -> None:
    """Emit ``SignalsFound`` a chunk of rows, so that what was checked stays checked; then those over all rows."""
    job = _Job(spec, emit, should_stop)
    if not job.check_rows():
        emit(Finished("stopped", {"rationales": spec.rows, "checked": job.checked}))
        return
    digest = job.digest.hexdigest()
    if digest != spec.over_all and not job.compare_rows():
        emit(Finished("stopped", {"rationales": spec.rows, "checked": job.checked}))
        return
    emit(Finished("done", {"rationales": spec.rows, "checked": job.checked, "over_all": digest}))


class _Job:
    """The two passes over the rows, both stoppable between chunks."""

    def __init__(self, spec: SignalsSpec, emit: Emit, should_stop: ShouldStop) -> None:
        self._spec, self._emit, self._should_stop = spec, emit, should_stop
        self.digest = blake2b(digest_size=16)
        self.checked = 0
        self._next_progress = 0.0

    def check_rows(self) -> bool:
        """Signals of each row by itself. Returns False if it was stopped."""
        chunk: list[dict[str, Any]] = []
        began = time.monotonic()
        for done, row in enumerate(self._rows("Checking")):
            self.digest.update(f"{row['id']} {row['mark']} {row['teacher']} {row['logprob']}\n".encode())
            if "fresh" in row:
                chunk.append(_checked(row, self._spec.task))
                self.checked += 1
            if len(chunk) >= CHUNK_ROWS or (chunk and time.monotonic() - began > CHUNK_S):
                self._emit(SignalsFound(tuple(chunk)))
                chunk, began = [], time.monotonic()
            if done % CHUNK_ROWS == 0 and self._should_stop():
                break
        else:
            if chunk:
                self._emit(SignalsFound(tuple(chunk)))
            return True
        if chunk:
            self._emit(SignalsFound(tuple(chunk)))
        return False

    def compare_rows(self) -> bool:
        """Near-duplicates, and answers of which the teacher was unsure. Returns False if it was stopped."""
        ids: list[int] = []
        signatures = Signatures()
        measured: list[tuple[int, str, float]] = []
        for done, row in enumerate(self._rows("Comparing")):
            ids.append(row["id"])
            signatures.add(row["rationale"])
            if row["logprob"] is not None:
                measured.append((row["id"], str(row["teacher"]), float(row["logprob"])))
            if done % CHUNK_ROWS == 0 and self._should_stop():
                return False
        found = [(ids[place], [[DUPLICATE, str(ids[twin])]]) for place, twin in twins(signatures.table())]
        found += [(example_id, [[UNLIKELY, f"{value:.2f}"]]) for example_id, value in lowest(measured)]
        for start in range(0, len(found) or 1, CHUNK_ROWS):
            part = tuple({"example_id": i, "found": said} for i, said in found[start : start + CHUNK_ROWS])
            self._emit(SignalsFound(part, over_all=True, first=start == 0))
        return True

    def _rows(self, phase: str) -> Iterator[dict[str, Any]]:
        path = Path(self._spec.run_dir) / "input.jsonl"
        for done, row in enumerate(read_jsonl(path)):
            now = time.monotonic()
            if now >= self._next_progress:
                self._next_progress = now + PROGRESS_EVERY_S
                self._emit(Progress(phase, done, self._spec.rows or None, "rationales"))
            yield row


def _checked(row: dict[str, Any], task: str) -> dict[str, Any]:
    fresh = row["fresh"]
    fields = json.loads(fresh["fields"]) or {"input": fresh["input"]}
    agree = fresh["agree"]
    subject = Subject(
        task=task,
        fields=fields,
        input=fresh["input"],
        rationale=row["rationale"],
        label=fresh["teacher_label"] or "",
        agree=None if agree is None else bool(agree),
        cut=fresh["cut"],
        hinted=fresh["hinted"],
    )
    found = [[finding.signal, finding.detail] for finding in check(subject)]
    return {"example_id": row["id"], "mark": row["mark"], "found": found}
