"""``dsbs export`` and ``export-data``."""

from __future__ import annotations

from argparse import Namespace
from typing import Any

from dsbs_gui.core.jobs.supervisor import tidy
from dsbs_gui.steps.export import plan
from dsbs_gui.steps.training.plan import student_folder

from .common import follow, opened


def student(arguments: Namespace) -> dict[str, Any]:
    with opened(arguments.project) as project:
        request = plan.student_request(
            project,
            arguments.student_run,
            student_dir=student_folder(project, arguments.student_run),
            format=arguments.format,
            out=arguments.out,
        )
        run = follow(project, request)
    return {"run": run.id, **tidy(run.summary), "_failed": run.state == "stopped"}


def data(arguments: Namespace) -> dict[str, Any]:
    with opened(arguments.project) as project:
        request = plan.data_request(
            project,
            format=arguments.format,
            out=arguments.out,
            statuses=tuple(arguments.status),
            splits=tuple(arguments.split),
        )
        run = follow(project, request)
    return {"run": run.id, **tidy(run.summary), "_failed": run.state == "stopped"}
