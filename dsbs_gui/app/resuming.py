"""Going on with a run that stopped, failed or was interrupted: what the job list's *Resume* starts. Plain Python.

A server as teacher goes on by *Generate* on its page, which has the key at hand and asks only what is missing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dsbs_gui.core.jobs.request import JobRequest
    from dsbs_gui.core.project import Project
    from dsbs_gui.core.store.runs import Run

_ROWS = "input.jsonl"


def can_resume(run: Run) -> bool:
    """Whether there may be something to go on from."""
    kind = run.kind == "train" or (run.kind == "generate" and run.spec.get("teacher_kind") == "gguf")
    return kind and not run.live and run.state != "done" and run.started is not None


def resumed(project: Project, run: Run) -> JobRequest:
    """The job that goes on where ``run`` stopped, with its settings and its rows.

    Raises: UserError if there is nothing to go on from; ResourceError if what it needs is not installed.
    """
    if run.kind == "generate":
        return _generation(project, run)
    from dsbs_gui.steps.training import plan

    return plan.train_request(project, method=str(run.spec["method"]), resume=run.id)


def _generation(project: Project, run: Run) -> JobRequest:
    from dsbs_gui.core.errors import UserError
    from dsbs_gui.core.jobs.request import JobRequest
    from dsbs_gui.steps.teacher import plan
    from dsbs_gui.steps.teacher.specs import GenerateSpec

    plan.demand_llama_cpp()
    rows = list(_unanswered(project, run))
    if not rows:
        raise UserError(f"{run.id} has all its answers.", "There is nothing left to ask.")
    request = JobRequest(
        "generate", "", run.lane, GenerateSpec.from_json(run.spec), {_ROWS: rows}, context=dict(run.context)
    )
    n = plan.pending(project, request)
    return replace(request, title=f"Generate {n} {'rationale' if n == 1 else 'rationales'}, continued from {run.id}")


def _unanswered(project: Project, run: Run) -> Iterator[dict[str, Any]]:
    from dsbs_gui.core.errors import UserError
    from dsbs_gui.core.files import read_jsonl
    from dsbs_gui.steps.teacher import plan

    key, hint = str(run.context.get("cache_key")), str(run.spec.get("hint", "never"))
    try:
        rows = list(read_jsonl(project.run_folder(run.id) / _ROWS))
    except OSError as error:
        raise UserError(f"The rows of {run.id} are gone.", "Start a new run on the Teacher page.") from error
    wanted = (row | {"samples": sorted({*row["samples"], *row.get("hinted", ())})} for row in rows)
    yield from plan.rows_left(project, key, hint, wanted)
