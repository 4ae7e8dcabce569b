"""``dsbs train``."""

from __future__ import annotations

from argparse import Namespace
from typing import Any

from dsbs_gui.core.jobs.supervisor import tidy
from dsbs_gui.steps.training import plan

from .common import follow, opened

OPTIONS = (
    *("method", "student", "labels", "rationale_weight", "fraction", "seed", "data_seed", "steps", "epochs", "rows"),
    *("batch_size", "micro_batch", "lr", "precision", "lora", "eval_every", "patience", "resume"),
)
"""Names of parsed options that go to the plan as they are."""


def train(arguments: Namespace) -> dict[str, Any]:
    with opened(arguments.project) as project:
        run = follow(project, plan.train_request(project, **{name: getattr(arguments, name) for name in OPTIONS}))
    rules = {"policy": run.context["counts"]["policy"]} if run.context.get("counts", {}).get("policy") else {}
    return {"run": run.id, **tidy(run.summary), **rules, "_failed": run.state == "stopped"}
