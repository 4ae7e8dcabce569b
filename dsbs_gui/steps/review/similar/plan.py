"""The job that makes sketches of texts that have none. Owner's side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dsbs_gui.core.jobs.request import JobRequest
from dsbs_gui.core.store import runs, sketches

from .specs import SketchSpec

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dsbs_gui.core.project import Project
    from dsbs_gui.core.store.runs import Run

KIND = "sketch"
NAMES = {"input": "inputs", "rationale": "rationales"}


def request(project: Project, field: str) -> JobRequest:
    """Only what has no sketch is read."""
    ids = sketches.missing(project.store.reader, field)
    return JobRequest(
        kind=KIND,
        title=f"Read the {NAMES[field]} for “Find similar”",
        lane="disk",
        spec=SketchSpec(field=field, rows=len(ids)),
        inputs={"input.jsonl": _Rows(project, field, ids)},
    )


def under_way(project: Project, field: str) -> Run | None:
    """A job of that kind that waits or works already."""
    live = runs.all_runs(project.store.reader, KIND, runs.LIVE)
    return next((run for run in live if run.spec.get("field") == field), None)


class _Rows:
    """Read on the thread that writes them into the run's folder."""

    def __init__(self, project: Project, field: str, ids: Sequence[int]) -> None:
        self._project, self._field, self._ids = project, field, ids

    def __iter__(self) -> Iterator[dict[str, Any]]:
        for example_id, text in sketches.texts(self._project.store.reader, self._field, self._ids):
            yield {"id": example_id, "text": text}
