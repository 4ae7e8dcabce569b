"""Going on with a run that stopped, failed or was interrupted: what the job list's *Resume* starts. Plain Python.

A server as teacher goes on by *Generate* on its page, which has the key at hand and asks only what is missing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dsbs_gui.core.jobs.request import JobRequest
    from dsbs_gui.core.project import Project
    from dsbs_gui.core.store.runs import Run


def can_resume(run: Run) -> bool:
    """Whether there may be something to go on from."""
    kind = run.kind == "train" or (run.kind == "generate" and run.spec.get("teacher_kind") == "gguf")
    return kind and not run.live and run.state != "done" and run.started is not None


def resumed(project: Project, run: Run) -> JobRequest:
    """The job that goes on where ``run`` stopped, with its settings and its rows.

    Raises: UserError if there is nothing to go on from; ResourceError if what it needs is not installed.
    """
    if run.kind == "generate":
        from dsbs_gui.steps.teacher import plan as teacher

        return teacher.continued(project, run)
    from dsbs_gui.steps.training import plan

    return plan.train_request(project, method=str(run.spec["method"]), resume=run.id)
