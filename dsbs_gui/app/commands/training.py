"""``dsbs train``."""

from __future__ import annotations

from argparse import Namespace
from typing import Any

from dsbs_gui.core.errors import UserError
from dsbs_gui.core.jobs.request import JobRequest
from dsbs_gui.core.jobs.supervisor import tidy
from dsbs_gui.core.project import Project
from dsbs_gui.core.store import runs
from dsbs_gui.steps.training import first_batch, plan, recipe
from dsbs_gui.steps.training.choice import choose
from dsbs_gui.steps.training.defaults import of_run
from dsbs_gui.steps.training.options import BY_NAME, OPTIONS, REQUIRED, differing

from .common import follow, opened, settle


def train(arguments: Namespace) -> dict[str, Any]:
    choices = _choices(arguments)
    if arguments.preview:
        return _preview(arguments, choices)
    with opened(arguments.project) as project:
        if arguments.resume:
            settle(project, arguments.resume)
            request = _resumed(project, arguments.resume, choices)
        else:
            request = plan.train_request(project, **choices)
        run = follow(project, request)
    rules = {"policy": run.context["counts"]["policy"]} if run.context.get("counts", {}).get("policy") else {}
    data = {"data_sha256": run.spec.get("data_sha256", "")}
    return {"run": run.id, **tidy(run.summary), **data, **rules, "_failed": run.state == "stopped"}


def _resumed(project: Project, run_id: str, choices: dict[str, Any]) -> JobRequest:
    """Go on with a run. Its settings may be said again, as a script does; a UserError names what is said otherwise."""
    request = plan.resumed(project, run_id, choices.get("method"))
    kept = of_run(runs.get(project.store.reader, run_id))
    if "student" in choices and choices["student"] != kept["student"]:
        choices = choices | {"student": _id_of(choices["student"])}
    if changed := [option.flag for option in differing(choices, kept)]:
        raise UserError(
            f"A resumed run keeps its own settings: {', '.join(changed)} cannot be changed.",
            "Leave them out, or start a new run." if len(changed) > 1 else "Leave it out, or start a new run.",
        )
    return request


def _id_of(student: str) -> str:
    """What a run keeps of a student: a folder may be said in many ways."""
    try:
        return choose(student).id
    except UserError:
        return student


def _preview(arguments: Namespace, choices: dict[str, Any]) -> dict[str, Any]:
    if arguments.resume:
        raise UserError("A resumed run goes on amid its batches.", "Look at the first batch of a new run.")
    with opened(arguments.project) as project:
        run = follow(project, first_batch.request(project, **choices))
        body = first_batch.found(project, run)
    return {**body, "_text": first_batch.told(body)}


def _choices(arguments: Namespace) -> dict[str, Any]:
    """What the recipe says, and over it what was said beside it. Raises UserError if too little was."""
    given = {option.name: getattr(arguments, option.name) for option in OPTIONS if hasattr(arguments, option.name)}
    if arguments.recipe and arguments.resume:
        raise UserError("A resumed run keeps its own settings.", "Leave out --recipe, or start a new run.")
    found = recipe.read(arguments.recipe) if arguments.recipe else {}
    for one, other in (("steps", "epochs"), ("epochs", "steps")):
        if given.get(one):  # 0 epochs means: by steps
            found.pop(other, None)
    found |= given
    if arguments.resume:
        return found
    if missing := [BY_NAME[name].flag for name in REQUIRED if name not in found]:
        verb = "is" if len(missing) == 1 else "are"
        raise UserError(f"{' and '.join(missing)} {verb} missing.", "“dsbs train --help” shows how it is used.")
    return found
