"""What an action of the Teacher page would ask for, worked out in the background. Plain Python."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from . import overview, plan

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dsbs_gui.core.jobs.request import JobRequest
    from dsbs_gui.core.project import Project

    from .keys import Keys
    from .overview import Pace

PILOT = 20


@dataclass(frozen=True, slots=True)
class Asked:
    """Answers that are missing: of all rows chosen, of the pilot's; and the pace of this teacher, if it is known."""

    pending: int
    pilot: int
    pace: Pace | None


def asked(project: Project, choices: Mapping[str, Any]) -> Asked:
    """Count what is missing. Raises as ``plan.generate_request``."""
    request = plan.generate_request(project, **choices)
    first = plan.generate_request(project, **pilot_of(choices))
    pace = overview.last_pace(project.store.reader, str(request.context["teacher"]))
    return Asked(plan.pending(project, request), plan.pending(project, first), pace)


def pilot_of(choices: Mapping[str, Any]) -> dict[str, Any]:
    """The same choices for the first rows only."""
    limit = choices["limit"]
    return {**choices, "limit": PILOT if limit is None else min(PILOT, limit)}


def request(project: Project, keys: Keys, choices: Mapping[str, Any], typed_key: str = "") -> JobRequest:
    """The job, with the key that is kept for its server. Raises as ``plan.generate_request``."""
    teacher = str(choices["teacher"])
    key = typed_key or (keys.load(teacher) if "://" in teacher else "")
    return plan.generate_request(project, **choices, api_key=key or None)


def trial(project: Project, keys: Keys, choices: Mapping[str, Any], example_id: int, key: str) -> JobRequest | None:
    """A job for one row; None if this teacher has answered it with these settings. Raises as ``request``."""
    one = {**choices, "limit": None, "ids": [example_id]}
    made = request(project, keys, one, key)
    if not plan.pending(project, made):
        return None
    return replace(made, title=f"Try row {example_id}", context={**made.context, overview.TRIAL: example_id})
