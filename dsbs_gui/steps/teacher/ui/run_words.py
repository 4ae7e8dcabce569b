"""What is said of a run: its end in a sentence, why answers failed, what more of the same will take. Pure."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from dsbs_gui.kit.words import NBSP, about, age, count, duration, percent_interval, plural
from dsbs_gui.steps.teacher.failures import CUT_OFF
from dsbs_gui.steps.teacher.prices import money

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from dsbs_gui.steps.teacher.overview import Evidence, RunState

_MANY = 1_000_000


def sentence(state: RunState) -> str:
    """*generate-3: 79 answers, 76 % (65–84) agree with gold, 9 failed (cut off: 9) · 5 minutes ago*."""
    run, tally = state.run, state.tally
    parts = [f"{run.id}: {plural(tally.done, 'answer')}"]
    if (agreement := state.agreement()) is not None:
        parts.append(f"{percent_interval(*agreement, decimals=0)} agree with gold")
    if unparsed := tally.done - tally.parsed:
        parts.append(f"{count(unparsed)} without a label")
    if tally.n_failed:
        parts.append(f"{count(tally.n_failed)} failed ({causes(tally.failed)})")
    if reused := int(run.summary.get("reused") or 0):
        parts.append(f"{count(reused)} known from other rows")
    if run.summary.get("stopped_by") == "budget":
        parts.append("stopped at the budget")
    elif run.state != "done":
        parts.append(run.state)
    return f"{', '.join(parts)} · {age(datetime.fromtimestamp(run.ended or run.created, UTC))}"


def working(engine: Mapping[str, Any]) -> str:
    """``31 of 31 layers on the GPU · 16 answers at once``; empty while the teacher is being loaded."""
    if not engine:
        return ""
    at_once = f"{plural(int(engine['parallel']), 'answer')} at once"
    if "layers" not in engine:  # a server
        return at_once
    if engine["layers_on_gpu"]:
        return f"{engine['layers_on_gpu']} of {engine['layers']} layers on the GPU · {at_once}"
    return f"on the CPU, {plural(int(engine['threads']), 'core')} · {at_once}"


def causes(failed: Mapping[str, int]) -> str:
    """``cut off at the token limit: 9, empty answer: 2``."""
    return ", ".join(f"{reason}: {count(n)}" for reason, n in failed.items())


def cure(failed: Mapping[str, int]) -> str:
    """What to change before failed rows are asked again; empty where asking again may do."""
    if failed and next(iter(failed)) == CUT_OFF:
        return "Raise the most tokens first: with the same settings they would be cut off again."
    return ""


def brought(found: Evidence, currency: str) -> str:
    """``85 % (64–95) agree with gold · 1 failed · 18 s · 17 400 tokens · 0.01 $``."""
    parts = []
    if found.agreement is not None:
        parts.append(f"{percent_interval(*found.agreement, decimals=0)} agree with gold")
    if found.n_failed:
        parts.append(f"{count(found.n_failed)} failed")
    parts += [duration(found.seconds), f"{count(found.usage.tokens)}{NBSP}tokens"]
    if found.cost is not None:
        parts.append(money(found.cost, currency))
    return " · ".join(parts)


def will_take(found: Evidence, n: int, currency: str) -> str:
    """``about 3 h, 1.9 M tokens, 4.20 $``: what ``n`` answers more of the same would take."""
    parts = [about(found.seconds_for(n)), f"{rough(found.tokens_for(n))}{NBSP}tokens"]
    if (cost := found.cost_for(n)) is not None:
        parts.append(money(cost, currency))
    return ", ".join(parts)


def rough(number: float) -> str:
    """An estimate with two digits: ``2 200``, ``1.9 M``."""
    rounded = float(f"{number:.2g}")
    if rounded >= _MANY:
        return f"{rounded / _MANY:.2g}{NBSP}M" if rounded < 100 * _MANY else f"{count(round(rounded / _MANY))}{NBSP}M"
    return count(int(rounded))
