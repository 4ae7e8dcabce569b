"""How often the teacher is right, with an interval, by parser and rung. Plain Python."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

from dsbs_gui.core.statistics import wilson

from .parsing import UNPARSED, parse, same_label

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dsbs_gui.core.tasks import Fields, Task


class Answered(NamedTuple):
    """A raw teacher answer beside the gold label of its example."""

    raw: str
    gold: str
    fields: Fields


def check(rows: Iterable[Answered], task: Task, parser: str = "robust") -> dict[str, Any]:
    """Teacher accuracy over ``rows``; an answer without a label counts as wrong.

    Returns:
        ``{"n", "parsed", "accuracy", "ci": [low, high], "by_rung": {rung: n}}``; accuracies are fractions,
        the interval is Wilson's at 95 %.
    """
    rungs: Counter[str] = Counter()
    right = 0
    for raw, gold, fields in rows:
        parsed = parse(raw, task, fields, parser)
        rungs[parsed.rung] += 1
        right += same_label(task, parsed.label, gold, fields, parser)
    n = rungs.total()
    return {
        "n": n,
        "parsed": n - rungs[UNPARSED],
        "accuracy": right / n if n else 0.0,
        "ci": list(wilson(right, n)),
        "by_rung": dict(rungs.most_common()),
    }
