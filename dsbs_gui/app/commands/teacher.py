"""``dsbs generate`` and ``check-teacher``."""

from __future__ import annotations

import os
from argparse import Namespace
from typing import Any

from dsbs_gui.core.jobs.supervisor import tidy
from dsbs_gui.steps.teacher import accuracy, plan

from .common import follow, opened, reading


def generate(arguments: Namespace) -> dict[str, Any]:
    with opened(arguments.project) as project:
        request = plan.generate_request(
            project,
            teacher=arguments.teacher,
            model_name=arguments.model,
            split=arguments.split,
            limit=arguments.limit,
            samples=arguments.samples,
            temperature=arguments.temperature,
            max_tokens=arguments.max_tokens,
            exemplars=arguments.exemplars,
            parallel=arguments.parallel,
            seed=arguments.seed,
            hint_gold=arguments.hint_gold,
            budget_tokens=arguments.budget_tokens,
            api_key=os.environ.get("DSBS_API_KEY"),
        )
        run = follow(project, request)
    return {"run": run.id, **tidy(run.summary), "_failed": run.state == "stopped"}


def check(arguments: Namespace) -> dict[str, Any]:
    with reading(arguments.project) as project:
        return accuracy.of_split(
            project.store.reader,
            project.task,
            split=arguments.split,
            parser=arguments.parser,
            teacher=arguments.teacher,
        )
