"""The first batch of a training before it starts: the job that looks at it, and what it found. Plain Python.

``first_batch.json`` holds ``student``, ``method``, ``limits`` (tokens of ``input``, ``rationale``, ``label``) and

* ``rows``: each ``example_id`` and ``tasks``. A task is ``label``, ``rationale`` or ``both`` and has ``input`` and
  ``target``: tokens with ``text``, ``id`` and, where it holds, ``special``, ``prefix`` or ``cut``;
* ``counts`` of the batch: ``tokens`` of inputs and targets, ``target_tokens``, ``padding`` from 0 to 1, ``passes``,
  ``cut``;
* ``all``: ``rows`` that the run learns from, ``cut``. What is cut is counted as ``inputs``, ``labels``, ``rationales``.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from dsbs_gui.core.errors import ResourceError, UserError
from dsbs_gui.core.files import read_json
from dsbs_gui.core.jobs.follower import failure_of
from dsbs_gui.core.jobs.request import JobRequest

from . import plan
from .rows import FIRST_BATCH_FILE, TRAIN_FILE

if TYPE_CHECKING:
    from dsbs_gui.core.project import Project
    from dsbs_gui.core.store.runs import Run

KIND = "preview-batch"
LONGEST_S = 300.0


def request(project: Project, **choices: Any) -> JobRequest:
    """The job that looks at the first batch of the training that these choices make.

    Args:
        choices: as for :func:`~.plan.train_request`.
    Raises: UserError as that does.
    """
    training = plan.train_request(project, **choices)
    rows = {TRAIN_FILE: training.inputs[TRAIN_FILE]}
    return replace(training, kind=KIND, title=f"First batch: {training.title}", lane="disk", inputs=rows, context={})


def found(project: Project, run: Run) -> dict[str, Any]:
    """What the job wrote; its copy of all rows, which nobody needs any more, is removed.

    Raises: what kept the job from writing it.
    """
    (project.run_folder(run.id) / TRAIN_FILE).unlink(missing_ok=True)
    if (error := failure_of(run)) is not None:
        raise error
    body = read_json(project.run_folder(run.id) / FIRST_BATCH_FILE)
    if not isinstance(body, dict):
        raise UserError("The first batch was not looked at.", "Try it again.")
    return body


def look(project: Project, **choices: Any) -> dict[str, Any]:
    """Run the job and return what it found; waits for it, so call it in the background.

    Raises: UserError, ResourceError, WorkerDied as the job ended; ResourceError if it takes too long.
    """
    run = project.jobs.submit(request(project, **choices))
    try:
        return found(project, project.jobs.wait(run.id, LONGEST_S))
    except TimeoutError as error:
        project.jobs.stop(run.id)
        raise ResourceError(
            f"The first batch was not read within {LONGEST_S / 60:.0f} minutes.",
            "Another job may be using the disk: the list of jobs shows it. Try again when it has ended.",
        ) from error


def told(body: dict[str, Any]) -> str:
    """The batch as lines of text: a bar between tokens, what is cut off in brackets."""
    lines = []
    for number, row in enumerate(body["rows"], 1):
        lines.append(f"{number}. example {row['example_id']}")
        for task in row["tasks"]:
            lines += [f"   {task['task']}: {_line(task['input'])}", f"   → {_line(task['target'])}"]
    return "\n".join([*lines, "", summary(body)])


def summary(body: dict[str, Any]) -> str:
    """`32 rows, 4 120 tokens in 2 passes, 6 % padding. 3 of 1 000 inputs are cut to 256 tokens.`"""
    counts, every, limits = body["counts"], body["all"], body["limits"]
    rows, passes = len(body["rows"]), counts["passes"]
    said = [
        f"{rows} row{'s' * (rows != 1)}, {counts['tokens']} tokens in {passes} pass{'es' * (passes != 1)}, "
        f"{100 * counts['padding']:.0f} % padding."
    ]
    for name, limit in (("inputs", "input"), ("labels", "label"), ("rationales", "rationale")):
        if every["cut"][name]:
            said.append(
                f"Of all {every['rows']} rows {every['cut'][name]} {name} are cut to {limits[limit]} tokens, "
                f"{counts['cut'][name]} of them here."
            )
    return " ".join(said if len(said) > 1 else [*said, "Nothing is cut, here or in any other row."])


def _line(pieces: list[dict[str, Any]]) -> str:
    kept = [piece["text"] for piece in pieces if not piece.get("cut")]
    cut = "".join(piece["text"] for piece in pieces if piece.get("cut"))
    return "▏".join(kept) + (f" [cut: {cut.strip()}]" if cut else "")
