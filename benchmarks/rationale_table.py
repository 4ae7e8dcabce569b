"""The kept runs of the signal test as Markdown: an overview, then for each setup its methods, comparisons, verdicts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import fmean, stdev
from typing import Any

from rationale_setups import ARMS, Setup
from rationale_verdicts import Comparison, Right, by_arm, comparisons

from dsbs_gui.core.statistics import Interval

BASELINE = "finetune"
OVERVIEW = {
    "label-only, same steps": ("step-by-step", "finetune"),
    "label-only, same tokens": ("step-by-step", "finetune-tokens"),
    "shuffled rationales": ("step-by-step", "shuffled-rationale"),
    "flawless rationales against label-only, same tokens": ("step-by-step-flawless", "finetune-tokens"),
}
"""Columns of the overview: what step-by-step is compared with."""

Records = Sequence[Mapping[str, Any]]


def markdown(records: Records, setups: Sequence[Setup]) -> str:
    """Setups without runs are left out."""
    tried = [setup for setup in setups if by_arm(records, setup)]
    found = {setup.name: comparisons(records, [setup]) for setup in tried}
    parts = [_overview(tried, found), *(_section(setup, records, found[setup.name]) for setup in tried)]
    return "\n\n".join(parts) + "\n"


def _overview(setups: Sequence[Setup], found: Mapping[str, Sequence[Comparison]]) -> str:
    lines = [_row("setup", *OVERVIEW), _row(*["---"] * (len(OVERVIEW) + 1))]
    for setup in setups:
        pairs = {(one.a, one.b): one for one in found[setup.name]}
        lines.append(_row(setup.name, *(_cell(pairs.get(pair)) for pair in OVERVIEW.values())))
    return "\n".join(lines)


def _cell(one: Comparison | None) -> str:
    if one is None:
        return ""
    text = f"{_points(one.mean)} ({_range(one.interval)})"
    return f"**{text}**" if one.told_apart else text


def _section(setup: Setup, records: Records, found: Sequence[Comparison]) -> str:
    about = (
        f"{setup.about} {setup.rows:,} training rows, {setup.steps:,} steps, λ = {setup.weight:g}; "
        f"{setup.valid} rows to select by, {setup.test} to test."
    )
    parts = [f"### {setup.name}", about, _methods(setup, records)]
    if found:
        parts += [_comparisons(found), _sentences(found)]
    return "\n\n".join(parts)


def _methods(setup: Setup, records: Records) -> str:
    right = by_arm(records, setup)
    steps, tokens = (_means(setup, records, what) for what in ("steps", "tokens"))
    least = tokens.get(BASELINE, min(tokens.values()))
    lines = [_row("method", "test accuracy, %", "each seed", "steps", "tokens"), _row(*["---"] * 5)]
    for arm, seeds in right.items():
        cost = f"{steps[arm]:,.0f}", f"{tokens[arm] / least:.1f} ×"
        lines.append(_row(ARMS[arm].title, _mean_and_sd(seeds), _each(seeds), *cost))
    return "\n".join(lines)


def _comparisons(found: Sequence[Comparison]) -> str:
    lines = [
        _row("difference in points", "mean", "each seed", "95 % over seeds", "bootstrap", "p", "told apart"),
        _row(*["---"] * 7),
    ]
    for one in found:
        seeds = " ".join(map(_points, one.seeds.values()))
        told = ("worse", "better")[one.mean > 0] if one.told_apart else "no"
        names = f"{one.a} − {one.b}"
        p = f"{one.p_holm:.3f}"
        lines.append(_row(names, _points(one.mean), seeds, _range(one.interval), _range(one.bootstrap), p, told))
    return "\n".join(lines)


def _sentences(found: Sequence[Comparison]) -> str:
    told = [f"* {one.sentence()}" for one in found if one.told_apart]
    rest = len(found) - len(told)
    if rest:
        told.append(f"* Not enough evidence that the two differ in {rest} of {len(found)} comparisons.")
    return "\n".join(told)


def _means(setup: Setup, records: Records, what: str) -> dict[str, float]:
    """Mean over seeds of a figure of the runs, by arm."""
    found: dict[str, list[float]] = {}
    for record in records:
        if record["key"]["setup"]["name"] == setup.name:
            found.setdefault(record["key"]["arm"], []).append(record[what])
    return {arm: fmean(values) for arm, values in found.items()}


def _mean_and_sd(seeds: Right) -> str:
    accuracies = [100 * fmean(one) for one in seeds.values()]
    spread = f" ± {stdev(accuracies):.1f}" if len(accuracies) > 1 else ""
    return f"{fmean(accuracies):.1f}{spread}"


def _each(seeds: Right) -> str:
    return " ".join(f"{100 * fmean(one):.1f}" for one in seeds.values())


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _points(fraction: float) -> str:
    """With a minus sign; what rounds to nothing has none."""
    return f"{100 * fraction:+.1f}".replace("-0.0", "+0.0").replace("-", "−")


def _range(interval: Interval) -> str:
    return f"{_points(interval.low)} to {_points(interval.high)}"
