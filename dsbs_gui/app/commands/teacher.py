"""``dsbs generate``, ``check-teacher`` and ``read-again``."""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from collections.abc import Sequence
from typing import Any

from dsbs_gui.core.errors import UserError
from dsbs_gui.core.jobs.request import JobRequest
from dsbs_gui.core.jobs.supervisor import tidy
from dsbs_gui.core.project import Project
from dsbs_gui.core.settings import user_settings
from dsbs_gui.core.store import policy, runs
from dsbs_gui.steps.teacher import accuracy, parse_rules, plan, prices, rereading
from dsbs_gui.steps.teacher.catalogue import resolve
from dsbs_gui.steps.teacher.ledger import Usage
from dsbs_gui.steps.teacher.prices import Price

from .common import follow, opened, reading

_TAKEN_UP = ("running", "paused", "stopping")


def generate(arguments: Namespace) -> dict[str, Any]:
    with opened(arguments.project) as project:
        _let_others_end(project)
        request = _request(project, arguments)
        if _unqueue(project, request):
            request = _request(project, arguments)
        run = follow(project, request)
    said = {"run": run.id, **tidy(run.summary), "_failed": run.state == "stopped"}
    price = prices.of_spec(run.spec)
    if price.known:
        usage = Usage(int(run.summary.get("tokens_in", 0)), int(run.summary.get("tokens_out", 0)))
        said["cost"] = round(price.of(usage), 6)
    return said


def _request(project: Project, arguments: Namespace) -> JobRequest:
    return plan.generate_request(
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
        weights=arguments.weights,
        seed=arguments.seed,
        hint_gold="always" if arguments.by_policy else arguments.hint_gold,
        ids=_by_policy(project, arguments.limit) if arguments.by_policy else None,
        budget_tokens=arguments.budget_tokens,
        budget_money=arguments.budget_money,
        price=_price(arguments),
        requests_per_minute=arguments.requests_per_minute,
        tokens_per_minute=arguments.tokens_per_minute,
        structured=arguments.structured,
        constrain_label=arguments.constrain_label,
        only_failed=arguments.only_failed,
        api_key=os.environ.get("DSBS_API_KEY"),
    )


def _by_policy(project: Project, limit: int | None) -> Sequence[int]:
    """The rows about which the rules want the teacher asked again."""
    db = project.store.reader
    ids = policy.to_ask(db, policy.of_project(db))[:limit]
    if not ids:
        raise UserError("No rule wants the teacher asked again.", "“dsbs policy PROJECT” shows the rules.")
    return ids


def _let_others_end(project: Project) -> None:
    """What an earlier owner left running may be asking for the very same rows: it comes to its end first."""
    for run in runs.all_runs(project.store.reader, "generate", _TAKEN_UP):
        if run.state == "paused":
            raise UserError(f"{run.id} is paused.", f"Resume it in the window, or stop it: dsbs stop PROJECT {run.id}")
        print(f"Note: {run.id} is still at work; its end is waited for.", file=sys.stderr)
        project.jobs.wait(run.id)


def _unqueue(project: Project, request: JobRequest) -> bool:
    """Take out of the queue what an earlier owner left there to ask the same; its rows are asked now."""
    found = [
        run
        for run in runs.all_runs(project.store.reader, "generate", ("queued",))
        if run.context.get("cache_key") == request.context["cache_key"]
    ]
    for run in found:
        print(f"Note: {run.id} never began; its rows are asked now.", file=sys.stderr)
        project.jobs.stop(run.id)
    return bool(found)


def _price(arguments: Namespace) -> Price:
    """The price that was given, or else the one kept for the teacher."""
    if arguments.price_in is None and arguments.price_out is None:
        address = f"{arguments.teacher}#{arguments.model}" if arguments.model else arguments.teacher
        return prices.kept(user_settings(), resolve(address if "://" in address else arguments.teacher).name)
    return prices.checked(arguments.price_in or 0.0, arguments.price_out or 0.0)


def check(arguments: Namespace) -> dict[str, Any]:
    with reading(arguments.project) as project:
        return accuracy.of_split(
            project.store.reader,
            project.task,
            split=arguments.split,
            parser=arguments.parser,
            teacher=arguments.teacher,
        )


def read_again(arguments: Namespace) -> dict[str, Any]:
    open_for = reading if arguments.dry_run else opened
    with open_for(arguments.project) as project:
        db = project.store.reader
        ladder = parse_rules.from_file(arguments.rules) if arguments.rules else parse_rules.of_project(db)
        found = rereading.trial(db, project.task, ladder, most=None)
        if not arguments.dry_run:
            rereading.read_again(project.store, project.task, ladder)
    return {
        "answers": found.n,
        "changed": found.differs,
        "labels": {kind: found.kinds.get(kind, 0) for kind in ("gained", "lost", "changed")},
        "by_rung": found.by_rung,
        "rules": ladder.to_json(),
    }
