"""What a run uses where nobody says anything, and what an earlier run used. Plain Python."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dsbs_gui.core.errors import UserError
from dsbs_gui.core.store.runs import Run

from .choice import choose
from .methods import METHODS
from .options import BY_NAME, OPTIONS, said
from .presets import PRESETS, preset_for, source
from .specs import TrainSpec


def defaults(choices: Mapping[str, Any]) -> dict[str, Any]:
    """A value for every option but method and student, as the chosen method, student and preset have it.

    Args:
        choices: at least ``method`` and ``student``; ``preset`` may be given.
    """
    method, student = str(choices["method"]), str(choices["student"])
    preset = choices.get("preset") or preset_for(student, architecture(student))
    spec = TrainSpec(steps=1).to_json() | PRESETS[preset].settings()
    found = {o.name: spec[o.name] if o.default is None and o.name in spec else o.default for o in OPTIONS}
    found |= {"labels": METHODS[method].labels, "preset": preset}
    return {name: value for name, value in found.items() if name not in ("method", "student")}


def told(name: str) -> str:
    """The default of an option by preset, with its sources: `starter 900 (our choice), paper 10000 (paper)`."""
    if name in ("method", "student", "labels", "preset"):
        return ""
    found: dict[str, list[str]] = {}
    for preset in PRESETS:
        where = source(preset, name)
        value = defaults({"method": "step-by-step", "student": "starter", "preset": preset})[name]
        found.setdefault(f"{said(value) or BY_NAME[name].zero}{f' ({where.tag})' if where else ''}", []).append(preset)
    if len(found) == 1:
        return next(iter(found))
    return ", ".join(f"{'/'.join(presets)} {value}" for value, presets in found.items())


def complete(choices: Mapping[str, Any]) -> dict[str, Any]:
    """A value for every option: what is chosen, else the default. A run counts steps or epochs, never both."""
    given = {name: value for name, value in choices.items() if value is not None}
    found = defaults(choices) | given
    if found["epochs"]:
        found["steps"] = 0
    return found


def of_run(run: Run) -> dict[str, Any]:
    """The choices that made a run: queueing them again makes the same run on the rows of today."""
    spec, context = run.spec, run.context
    student = str(context.get("chosen") or (spec["base"] if _is_catalogued(spec) else spec["student"]))
    found = {o.name: spec[o.name] for o in OPTIONS if o.name in spec}
    found |= {"student": student, "rows": context.get("rows", "all")}
    found["labels"] = context.get("labels") or METHODS[spec["method"]].labels
    found["preset"] = context.get("preset") or preset_for(student, architecture(student))
    return complete(found)


def architecture(student: str) -> str:
    """As far as it is known without loading; "" where it is not."""
    try:
        return choose(student).architecture
    except UserError:
        return ""


def _is_catalogued(spec: Mapping[str, Any]) -> bool:
    try:
        return choose(str(spec.get("base", ""))).source == spec["student"]
    except UserError:
        return False
