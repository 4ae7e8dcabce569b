"""What the kept runs of the signal test say of two arms: the difference with its intervals, and a verdict.

Arms are paired by seed and by test row. A verdict asks for both: that Student's t over the seeds tells the difference
from 0 after Holm's correction for all comparisons within a setup, and that the hierarchical bootstrap (seeds, then
rows) does. The t interval is the one to read: with five seeds a bootstrap over seeds is too narrow, since it can only
draw those five again (it is shown beside it).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import fmean
from typing import Any

from rationale_records import unpacked
from rationale_setups import ARMS, Setup
from scipy import stats

from dsbs_gui.core.statistics import Interval
from dsbs_gui.steps.evaluation.paired import SIGNIFICANCE, bootstrap_over_seeds, holm

COMPARED = (
    ("step-by-step", "finetune"),
    ("step-by-step", "finetune-tokens"),
    ("step-by-step", "shuffled-rationale"),
    ("step-by-step-flawless", "finetune"),
    ("step-by-step-flawless", "finetune-tokens"),
    ("step-by-step-flawless", "step-by-step"),
    ("step-by-step-masked", "step-by-step"),
    ("step-by-step-masked", "finetune-tokens"),
    ("shuffled-rationale", "finetune"),
    ("single-task", "finetune"),
    ("single-task", "finetune-tokens"),
    ("label-then-rationale", "finetune"),
    ("step-by-step-teacher", "distill"),
)
"""What the table asks of each setup. Holm's correction counts all of them in a setup.

Fixed beforehand, but for three: the two of ``step-by-step-masked`` were added when the other results of ``kind-900``
were in, and ``single-task`` against ``finetune-tokens`` when all were, to test what was said of ``chain-1500``.
"""

Right = Mapping[int, Sequence[bool]]
"""Seed → for each test row whether the student was right."""


@dataclass(frozen=True)
class Comparison:
    """Arm ``a`` minus arm ``b`` over the seeds that both have.

    Attributes:
        seeds: each seed's difference, as a fraction.
        interval: Student's t over the seeds, 95 %.
        bootstrap: hierarchical, 95 %.
        p: of the t test; ``p_holm`` adjusted for all comparisons within the setup.
    """

    setup: str
    a: str
    b: str
    seeds: dict[int, float]
    interval: Interval
    bootstrap: Interval
    p: float
    p_holm: float = 1.0

    @property
    def mean(self) -> float:
        return fmean(self.seeds.values())

    @property
    def told_apart(self) -> bool:
        return self.p_holm < SIGNIFICANCE and not self.bootstrap.low <= 0 <= self.bootstrap.high

    def sentence(self) -> str:
        points = [f"{100 * x:+.1f}".replace("-", "−") for x in (self.mean, *self.interval)]
        measured = f"{points[0]} points (95 % interval {points[1]} to {points[2]}, p {_p(self.p_holm)})"
        a, b = ARMS[self.a].title, ARMS[self.b].title
        if self.told_apart:
            return f"**{a}** is {'better' if self.mean > 0 else 'worse'} than **{b}**: {measured}."
        return f"Not enough evidence that {a} and {b} differ: {measured}."


def by_arm(records: Sequence[Mapping[str, Any]], setup: Setup) -> dict[str, dict[int, list[bool]]]:
    """Arm → seed → for each test row whether the student was right; arms in the order of the table."""
    found: dict[str, dict[int, list[bool]]] = {name: {} for name in ARMS}
    for record in records:
        key = record["key"]
        if key["setup"]["name"] == setup.name:
            found[key["arm"]][key["seed"]] = unpacked(record["right"], setup.test)
    return {name: dict(sorted(seeds.items())) for name, seeds in found.items() if seeds}


def compare(setup: str, a: str, b: str, right_a: Right, right_b: Right) -> Comparison | None:
    """None unless at least two seeds have both."""
    seeds = sorted(right_a.keys() & right_b.keys())
    if len(seeds) < 2:
        return None
    pairs = [(right_a[seed], right_b[seed]) for seed in seeds]
    differences = {seed: fmean(x) - fmean(y) for seed, (x, y) in zip(seeds, pairs, strict=True)}
    interval, p = _students_t(list(differences.values()))
    return Comparison(setup, a, b, differences, interval, bootstrap_over_seeds(pairs), p)


def _students_t(differences: Sequence[float]) -> tuple[Interval, float]:
    """95 % interval of the mean, and the p of its being 0. Without any spread there is nothing to test by: p is 1."""
    if max(differences) - min(differences) < 1e-12:
        return Interval(differences[0], differences[0]), 1.0
    test = stats.ttest_1samp(differences, 0.0)
    interval = test.confidence_interval(0.95)
    return Interval(float(interval.low), float(interval.high)), float(test.pvalue)


def comparisons(records: Sequence[Mapping[str, Any]], setups: Sequence[Setup]) -> list[Comparison]:
    """All that :data:`COMPARED` asks and the runs can answer, setup by setup."""
    return [one for setup in setups for one in _within(setup, by_arm(records, setup))]


def _within(setup: Setup, right: Mapping[str, Right]) -> list[Comparison]:
    tried = (compare(setup.name, a, b, right.get(a, {}), right.get(b, {})) for a, b in COMPARED)
    found = [one for one in tried if one is not None]
    adjusted = holm([one.p for one in found])
    return [replace(one, p_holm=p) for one, p in zip(found, adjusted, strict=True)]


def _p(p: float) -> str:
    return f"= {p:.3f}" if p >= 0.001 else "< 0.001"
