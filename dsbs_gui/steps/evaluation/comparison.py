"""Students, baselines and teacher side by side on the same examples, with a verdict in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from dsbs_gui.core.errors import UserError
from dsbs_gui.core.statistics import wilson
from dsbs_gui.core.store import agreement, runs
from dsbs_gui.core.store.connection import Reader
from dsbs_gui.core.tasks import Task

from . import metrics
from .paired import SIGNIFICANCE, Difference, difference, holm

TEACHER = "teacher"
HOW = (
    "Intervals: Wilson for one accuracy, paired bootstrap for a difference; p: exact McNemar, adjusted by Holm. They "
    "speak of these students on rows like these, not of the method: another seed may turn a small difference round."
)


@dataclass(frozen=True)
class Entrant:
    """One row of the table: a trained student, or the teacher.

    Attributes:
        key: the training run's id, or ``teacher``.
        correct: example id → whether it was right.
        figures: as :func:`~.metrics.report`; for the teacher ``n``, ``accuracy`` and ``ci`` only.
    """

    key: str
    title: str
    method: str
    correct: dict[int, bool]
    figures: dict[str, Any]


def entrants(db: Reader, task: Task, run_ids: Sequence[str], split: str) -> list[Entrant]:
    """Rows in the order of ``run_ids``, the teacher last where it has answered the split.

    Raises: UserError for a run that is unknown or has no predictions on ``split``.
    """
    found = [_student(db, task, run_id, split) for run_id in run_ids]
    answered = agreement.teacher_correct(db, split)
    if answered:
        right = sum(answered.values())
        figures = {"n": len(answered), "accuracy": right / len(answered), "ci": list(wilson(right, len(answered)))}
        found.append(Entrant(TEACHER, "Teacher", "", answered, figures))
    return found


def compare(
    db: Reader, task: Task, run_ids: Sequence[str], split: str = "test", names: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """What ``dsbs compare`` prints.

    Args:
        names: what the verdicts call a run or the teacher instead of its key.
    Returns:
        ``{"split", "rows": [{"run", "title", "method", "n", "accuracy", "ci", …}], "majority", "pairs": […],
        "verdict"}``;
        a pair is ``{"a", "b", "n", "difference", "ci", "p", "p_holm", "only_a", "only_b", "significant", "verdict"}``.
        Differences are accuracies of *a* minus *b*, as fractions, on the examples that both have answered.
    Raises: UserError for fewer than one run, an unknown one, or one without predictions on ``split``.
    """
    if not run_ids:
        raise UserError("There is nothing to compare.", "Name at least one training run.")
    table = entrants(db, task, list(dict.fromkeys(run_ids)), split)
    pairs = _pairs(table, names or {})
    return {
        "split": split,
        "rows": [{"run": e.key, "title": e.title, "method": e.method, **e.figures} for e in table],
        "majority": metrics.majority(metrics.judged(db, table[0].key, split), task),
        "pairs": pairs,
        "verdict": verdict(pairs),
    }


def verdict(pairs: Sequence[dict[str, Any]]) -> str:
    """One or more sentences about all pairs: those that can be told apart, or that none can."""
    told = [pair["verdict"] for pair in pairs if pair["significant"]]
    if told:
        rest = len(pairs) - len(told)
        more = f" For {rest} other {'pair' if rest == 1 else 'pairs'} there is not enough evidence." if rest else ""
        return " ".join(told) + more
    if len(pairs) == 1:
        return str(pairs[0]["verdict"])
    return "Not enough evidence to tell any two of them apart." if pairs else ""


def _student(db: Reader, task: Task, run_id: str, split: str) -> Entrant:
    run = runs.get(db, run_id)
    rows = metrics.judged(db, run_id, split)
    if not rows:
        raise UserError(
            f"{run_id} has no judged predictions on {split}.", f"Evaluate it there first: dsbs evaluate … {run_id}."
        )
    correct = {row.example_id: row.correct for row in rows}
    return Entrant(run_id, run.title, str(run.spec.get("method", "")), correct, metrics.summary(rows, task))


def _pairs(table: Sequence[Entrant], names: Mapping[str, str]) -> list[dict[str, Any]]:
    found: list[tuple[Entrant, Entrant, Difference]] = []
    for a, b in combinations(table, 2):
        shared = [i for i in a.correct if i in b.correct]
        if shared:
            found.append((a, b, difference([a.correct[i] for i in shared], [b.correct[i] for i in shared])))
    adjusted = holm([d.p for _, _, d in found])
    return [_pair(a.key, b.key, d, p, names) for (a, b, d), p in zip(found, adjusted, strict=True)]


def _pair(a: str, b: str, d: Difference, p_holm: float, names: Mapping[str, str]) -> dict[str, Any]:
    significant = p_holm < SIGNIFICANCE and not d.interval.low <= 0 <= d.interval.high
    return {
        "a": a,
        "b": b,
        "n": d.n,
        "difference": d.value,
        "ci": list(d.interval),
        "p": d.p,
        "p_holm": p_holm,
        "only_a": d.only_a,
        "only_b": d.only_b,
        "significant": significant,
        "verdict": _sentence(names.get(a, a), names.get(b, b), d, p_holm, significant),
    }


def _sentence(a: str, b: str, d: Difference, p: float, significant: bool) -> str:
    points = [100 * x for x in (d.value, *d.interval)]
    if significant:
        better, worse = (a, b) if d.value > 0 else (b, a)
        low, high = sorted(abs(x) for x in points[1:])
        return (
            f"{better} is better than {worse} by {abs(points[0]):.1f} points "
            f"(95 % interval {low:.1f} to {high:.1f}, p {_p(p)}, {d.n} rows)."
        )
    return (
        f"Not enough evidence that {a} and {b} differ: {points[0]:+.1f} points "
        f"(95 % interval {points[1]:+.1f} to {points[2]:+.1f}, p {_p(p)}, {d.n} rows)."
    )


def _p(p: float) -> str:
    return f"= {p:.3f}" if p >= 0.001 else "< 0.001"
