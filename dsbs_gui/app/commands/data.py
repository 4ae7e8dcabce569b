"""``dsbs new``, ``import`` and ``split``."""

from __future__ import annotations

from argparse import Namespace
from typing import Any

from dsbs_gui.core.project import Project
from dsbs_gui.core.store import imports
from dsbs_gui.steps.data import plan
from dsbs_gui.steps.data.mapping import parse_map

from .common import follow, opened


def new(arguments: Namespace) -> dict[str, Any]:
    project = Project.create(arguments.project, arguments.task)
    project.close()
    return {"project": str(project.folder), "task": arguments.task}


def import_(arguments: Namespace) -> dict[str, Any]:
    mapping = parse_map(arguments.mapping)
    with opened(arguments.project) as project:
        run = follow(
            project,
            plan.import_request(
                project,
                arguments.file,
                split=arguments.split,
                mapping=mapping,
                on_error=arguments.on_error,
                encoding=arguments.encoding,
                hub_config=arguments.hub_config,
                hub_split=arguments.hub_split,
            ),
        )
        summary = imports.summary(project.store.reader, run.id, labels=run.summary.get("labels"))
    return {"run": run.id, **summary, "_text": _sentences(summary), "_failed": run.state == "stopped"}


def _sentences(summary: dict[str, Any]) -> str:
    rejected = summary["rejected"]
    lines = [f"Imported {summary['imported']} example{'' if summary['imported'] == 1 else 's'}."]
    if summary["duplicates"]:
        lines.append(f"{summary['duplicates']} have an input that was there already; they are kept.")
    if rejected:
        lines.append("1 row was not taken:" if len(rejected) == 1 else f"{len(rejected)} rows were not taken:")
        lines += [f"  line {row['line']}: {row['reason']}" for row in rejected[:20]]
        if len(rejected) > 20:
            lines.append(f"  … and {len(rejected) - 20} more (--json lists them)")
    return "\n".join(lines)


def split(arguments: Namespace) -> dict[str, Any]:
    with opened(arguments.project) as project:
        return plan.split(
            project,
            valid=arguments.valid,
            test=arguments.test,
            seed=arguments.seed,
            group_by=arguments.group_by,
        )
