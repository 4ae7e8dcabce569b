"""The kept runs of the signal test as Markdown: an overview, then a table and the verdicts for each setup."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import fmean, stdev
from typing import Any

from rationale_setups import ARMS, Setup
from rationale_verdicts import MAIN, Comparison, Right, by_arm, comparisons

from dsbs_gui.core.statistics import Interval

BASELINE = "finetune"


def markdown(records: Sequence[Mapping[str, Any]], setups: Sequence[Setup]) -> str:
    """A section for each setup that has runs, after an overview of the main question."""
    all_found = comparisons(records, setups)
    parts = [_overview(all_found, setups)]
    for setup in setups:
        right = by_arm(records, setup)
        if right:
            parts.append(_section(setup, records, right, [one for one in all_found if one.setup == setup.name]))
    return "\n\n".join(parts) + "\n"


def _overview(found: Sequence[Comparison], setups: Sequence[Setup]) -> str:
    rows = [
        "| setup | rows | steps | step-by-step − finetuning | 95 % over seeds | bootstrap | each seed | verdict |",
        "|---|---|---|---|---|---|---|---|",
    ]
    sizes = {setup.name: setup for setup in setups}
    for one in found:
        if (one.a, one.b) == MAIN:
            setup = sizes[one.setup]
            rows.append(
                f"| {setup.name} | {setup.rows:,} | {setup.steps:,} | {_points(one.mean)} | {_range(one.interval)} | "
                f"{_range(one.bootstrap)} | {' '.join(map(_points, one.seeds.values()))} | {_verdict(one)} |"
            )
    return "\n".join(rows)


def _section(
    setup: Setup, records: Sequence[Mapping[str, Any]], right: Mapping[str, Right], found: Sequence[Comparison]
) -> str:
    lines = [
        f"### {setup.name}",
        f"{setup.about} {setup.rows:,} training rows, {setup.steps:,} steps, λ = {setup.weight:g}; {setup.valid} rows "
        f"to select by, {setup.test} to test.",
        "",
        "| method | test accuracy, % | each seed | steps | tokens |",
        "|---|---|---|---|---|",
    ]
    tokens = {name: _mean_of(records, setup, name, "tokens") for name in right}
    least = tokens.get(BASELINE, min(tokens.values()))
    for name, seeds in right.items():
        accuracies = [100 * fmean(one) for one in seeds.values()]
        spread = f" ± {stdev(accuracies):.1f}" if len(accuracies) > 1 else ""
        lines.append(
            f"| {ARMS[name].title} | {fmean(accuracies):.1f}{spread} | {' '.join(f'{x:.1f}' for x in accuracies)} | "
            f"{_mean_of(records, setup, name, 'steps'):,.0f} | {tokens[name] / least:.1f} × |"
        )
    return "\n".join([*lines, "", *(f"* {one.sentence()}" for one in found)])


def _mean_of(records: Sequence[Mapping[str, Any]], setup: Setup, arm: str, what: str) -> float:
    return fmean(
        record[what] for record in records
        if record["key"]["setup"]["name"] == setup.name and record["key"]["arm"] == arm
    )  # fmt: skip


def _verdict(one: Comparison) -> str:
    if not one.told_apart:
        return "not enough evidence"
    return "**better**" if one.mean > 0 else "**worse**"


def _points(fraction: float) -> str:
    return f"{100 * fraction:+.1f}"


def _range(interval: Interval) -> str:
    return f"{_points(interval.low)} to {_points(interval.high)}"
