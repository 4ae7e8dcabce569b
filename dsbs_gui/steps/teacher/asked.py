"""What an action of the view “Ask” would ask for, worked out in the background. Plain Python."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from dsbs_gui.core.settings import user_settings
from dsbs_gui.core.store import answers

from . import overview, plan, prices, spending
from .catalogue import resolve
from .prices import FREE, Price
from .spending import Spent

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dsbs_gui.core.jobs.request import JobRequest
    from dsbs_gui.core.project import Project

    from .keys import Keys
    from .overview import Evidence

PILOT = 20


@dataclass(frozen=True, slots=True)
class Asked:
    """Answers that are missing, and what is known of how they will come.

    Attributes:
        pending: of all rows chosen; ``reused`` of them are known from other rows and cost nothing.
        pilot: of the first rows.
        failing: rows of the split whose newest answer is of no use.
        evidence: a run to go by; None if there is none.
        spent: what this teacher has used under budgets in this project.
    """

    pending: int
    reused: int
    pilot: int
    failing: int
    evidence: Evidence | None
    spent: Spent


def asked(project: Project, choices: Mapping[str, Any]) -> Asked:
    """Count what is missing. Raises as ``plan.generate_request``."""
    db, split = project.store.reader, str(choices["split"])
    failing = len(answers.failing(db, split))
    price = price_of(choices)
    request = plan.generate_request(project, **choices, price=price)
    first = plan.generate_request(project, **pilot_of(choices), price=price)
    teacher, key = str(request.context["teacher"]), str(request.context["cache_key"])
    return Asked(
        pending=plan.pending(project, request),
        reused=len(request.inputs.get("cached.jsonl", ())),  # type: ignore[arg-type]  # a list, if it is there
        pilot=plan.pending(project, first),
        failing=failing,
        evidence=overview.evidence(db, teacher, key, price),
        spent=spending.of_teacher(project, teacher),
    )


def teacher_name(choices: Mapping[str, Any]) -> str:
    """The name under which the answers of the chosen teacher are stored. Raises as ``catalogue.resolve``."""
    teacher, model = str(choices["teacher"]), str(choices.get("model_name") or "")
    return resolve(f"{teacher}#{model}" if model and "://" in teacher else teacher).name


def price_of(choices: Mapping[str, Any]) -> Price:
    """The price kept for the chosen teacher; a local one has none."""
    return prices.kept(user_settings(), teacher_name(choices)) if "://" in str(choices["teacher"]) else FREE


def pilot_of(choices: Mapping[str, Any]) -> dict[str, Any]:
    """The same choices for the first rows only."""
    limit = choices["limit"]
    first = PILOT if limit is None else min(PILOT, limit)
    ids = choices.get("ids")
    return {**choices, "limit": first} | ({"ids": ids[:first]} if ids is not None else {})


def request(project: Project, keys: Keys, choices: Mapping[str, Any], typed_key: str = "") -> JobRequest:
    """The job, with the key that is kept for its server. Raises as ``plan.generate_request``."""
    teacher = str(choices["teacher"])
    key = typed_key or (keys.load(teacher) or os.environ.get(plan.KEY_VARIABLE, "") if "://" in teacher else "")
    return plan.generate_request(project, **choices, price=price_of(choices), api_key=key or None)


def pilot(project: Project, keys: Keys, choices: Mapping[str, Any], typed_key: str = "") -> JobRequest:
    """As :func:`request`, for the first rows."""
    made = request(project, keys, pilot_of(choices), typed_key)
    return replace(made, context={**made.context, overview.PILOT: True})


def trial(project: Project, keys: Keys, choices: Mapping[str, Any], example_id: int, key: str) -> JobRequest | None:
    """A job for one row; None if this teacher has answered it with these settings. Raises as ``request``."""
    one = {**choices, "limit": None, "ids": [example_id], "only_failed": False, "aside": False}
    made = request(project, keys, one, key)
    if not plan.pending(project, made):
        return None
    return replace(made, title=f"Try row {example_id}", context={**made.context, overview.TRIAL: example_id})
