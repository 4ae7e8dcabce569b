"""``dsbs evaluate``, ``compare`` and ``predict``."""

from __future__ import annotations

import json
import sys
from argparse import Namespace
from typing import Any

from dsbs_gui.core.errors import UserError
from dsbs_gui.steps.evaluation import comparison, metrics, plan
from dsbs_gui.steps.training.plan import student_folder

from .common import follow, opened, reading


def evaluate(arguments: Namespace) -> dict[str, Any]:
    with opened(arguments.project) as project:
        run = follow(
            project,
            plan.predict_request(
                project,
                arguments.student_run,
                student_dir=student_folder(project, arguments.student_run),
                split=arguments.split,
                rationales=arguments.rationales,
            ),
        )
        report = metrics.report(project.store.reader, project.task, arguments.student_run, arguments.split)
    return {**report, "_failed": run.state == "stopped"}


def compare(arguments: Namespace) -> dict[str, Any]:
    with reading(arguments.project) as project:
        return comparison.compare(project.store.reader, project.task, arguments.runs, split=arguments.split)


def predict(arguments: Namespace) -> dict[str, Any]:
    """Prints one JSON object a line as it goes; needs neither a project nor a network."""
    if not arguments.folder.exists():  # else the loader would take it for a student of the hub
        raise UserError(f"There is no folder {arguments.folder}.", "Name the folder of a training run or of an export.")
    from dsbs_gui.steps.evaluation.work.serving import predict_lines

    lines = (line.rstrip("\n") for line in sys.stdin)
    for answer in predict_lines(arguments.folder, lines, explain=arguments.explain):
        print(json.dumps(answer, ensure_ascii=False), flush=True)
    return {"_streamed": True}
