"""From a project and a local teacher to the job *lift*. Owner's side."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dsbs_gui.core.errors import UserError
from dsbs_gui.core.hashing import stamp
from dsbs_gui.core.jobs.request import JobRequest
from dsbs_gui.core.store import lifts
from dsbs_gui.steps.teacher import versions
from dsbs_gui.steps.teacher.catalogue import resolve
from dsbs_gui.steps.teacher.plan import demand_llama_cpp

from .specs import LiftSpec

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dsbs_gui.core.project import Project
    from dsbs_gui.steps.teacher.catalogue import Teacher
    from dsbs_gui.steps.teacher.prompts import Prompt

KIND = "lift"


def request(project: Project, teacher: str) -> JobRequest:
    """The job that measures what was not measured with this teacher and the project's prompt, or reads otherwise now.

    Args:
        teacher: a GGUF file or an id of the catalogue.

    Raises:
        UserError: for another teacher, or if no rationale has a gold label.
        ResourceError: if what a local teacher needs is not installed, or the model is not on this machine.
    """
    chosen = resolve(teacher)
    if chosen.kind != "gguf":
        raise UserError(
            "A server does not say how probable a given label is.", "Choose a teacher on this machine: a GGUF file."
        )
    demand_llama_cpp()
    db = project.store.reader
    if not lifts.measurable(db):
        raise UserError(
            "No example has both a rationale and a gold label, so there is nothing to measure.",
            "Import gold labels, or let a teacher write rationales first.",
        )
    prompt = versions.chosen(project).prompt
    key = settings(chosen, prompt)
    rows = sum(1 for _ in lifts.missing(db, key))
    return JobRequest(
        kind=KIND,
        title=f"Measure the rationales with {chosen.name}",
        lane="gpu",
        spec=LiftSpec(task=project.task.name, model=chosen.model, prompt=prompt.to_json(), rows=rows),
        inputs={"input.jsonl": _Rows(project, key)},
        context={"teacher": chosen.name, "settings": key},
    )


def settings(teacher: Teacher, prompt: Prompt) -> str:
    """By which it is seen that something was measured with another file or prompt."""
    return hashlib.sha256(
        f"{teacher.model}|{stamp(Path(teacher.model))}|{prompt.hash}".encode("utf-8", "surrogateescape")
    ).hexdigest()[:32]


class _Rows:
    """Read on the thread that writes them into the run's folder."""

    def __init__(self, project: Project, key: str) -> None:
        self._project, self._key = project, key

    def __iter__(self) -> Iterator[dict[str, Any]]:
        for example_id, fields, text, rationale, gold, mark in lifts.missing(self._project.store.reader, self._key):
            source = json.loads(fields) or {"input": text}
            yield {"id": example_id, "fields": source, "rationale": rationale, "gold": gold, "mark": mark}
