"""``dsbs signals``."""

from __future__ import annotations

from argparse import Namespace
from statistics import median
from typing import Any

from dsbs_gui.core.project import Project
from dsbs_gui.core.store import lifts
from dsbs_gui.core.store import signals as store
from dsbs_gui.core.store.runs import Run
from dsbs_gui.steps.review.signals import plan
from dsbs_gui.steps.review.signals.explaining import SIGNALS
from dsbs_gui.steps.teacher.lift import plan as lift_plan

from .common import follow, opened


def signals(arguments: Namespace) -> dict[str, Any]:
    with opened(arguments.project) as project:
        wanted = lift_plan.request(project, arguments.teacher) if arguments.teacher else None
        run = follow(project, plan.request(project))
        stopped = run.state == "stopped"
        lift: dict[str, Any] = {}
        if wanted is not None and not stopped:
            measuring = follow(project, wanted)
            lift, stopped = _lift(project, measuring), measuring.state == "stopped"
        counted = store.counts(project.store.reader)
    found = {name: counted.get(name, 0) for name in SIGNALS}
    rationales, checked = int(run.summary["rationales"]), int(run.summary["checked"])
    return {
        "run": run.id,
        "rationales": rationales,
        "checked": checked,
        "signals": found,
        **({"lift": lift} if lift else {}),
        "_text": _sentences(rationales, checked, found) + _lift_sentence(lift),
        "_failed": stopped,
    }


def _lift(project: Project, run: Run) -> dict[str, Any]:
    """What is known of this teacher's measurements, those of earlier runs included."""
    nats = lifts.nats(project.store.reader, str(run.context["settings"]))
    return {
        "run": run.id,
        "teacher": run.context["teacher"],
        **run.summary,
        "rationales": len(nats),
        "helpful": sum(value > 0 for value in nats),
        "median_nats": round(median(nats), 4) if nats else None,
    }


def _lift_sentence(lift: dict[str, Any]) -> str:
    if not lift:
        return ""
    said = (
        f"\nWith {lift['helpful']} of {lift['rationales']} rationales the gold label is more probable to"
        f" {lift['teacher']} than without; {lift['measured']} were measured now."
    )
    if lift["median_nats"] is not None:
        said += f" In the middle the log-probability changes by {lift['median_nats']:+.2f} nats."
    left_out = lift["too_long"] + lift["no_number"]
    return said + (f" {left_out} could not be measured (too long, or no number)." if left_out else "")


def _sentences(rationales: int, checked: int, found: dict[str, int]) -> str:
    lines = [f"Read {checked} of {rationales} rationales; the others have not changed."]
    if checked == rationales:
        lines = [f"Read {rationales} rationale{'' if rationales == 1 else 's'}."]
    width = len(str(max(found.values(), default=0)))
    lines += [f"{n:>{width}}  {name}: {SIGNALS[name].meaning}" for name, n in found.items() if n]
    return "\n".join(lines) if len(lines) > 1 else f"{lines[0]} No signal holds of any."
