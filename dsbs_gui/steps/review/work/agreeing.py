"""The job *agreement*: Cohen's κ of each pair of reviewers and Krippendorff's α of all, each with an interval.

κ is scikit-learn's, α NLTK's. The intervals are normal ones around the value with the standard error of the jackknife
over rows (Fleiss and Davies 1982, American Statistician 36:14): without one row at a time, which for rows that were
decided alike is the same calculation, so that it takes as many as there are kinds of rows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from itertools import combinations
from pathlib import Path
from statistics import NormalDist
from typing import Any

from dsbs_gui.core.files import read_jsonl
from dsbs_gui.core.protocol import Emit, Finished, Progress, ShouldStop
from dsbs_gui.core.statistics import wilson
from dsbs_gui.steps.review.agreement import MEASURES, AgreementSpec

MOST_CATEGORIES = 50
"""With more labels than this, agreement by chance is next to nothing, and κ and α say no more than the share does."""

Units = Counter[tuple[str | None, ...]]
"""What the reviewers said of a row (None: nothing) → in how many rows."""

_Z = NormalDist().inv_cdf(0.975)


def run(spec: AgreementSpec, emit: Emit, should_stop: ShouldStop) -> None:
    """Measure, and say it all in the last word."""
    rows = [row["sides"] for row in read_jsonl(Path(spec.run_dir) / "input.jsonl")]
    measures = []
    for done, name in enumerate(MEASURES):
        if should_stop():
            emit(Finished("stopped"))
            return
        emit(Progress("Comparing", done, len(MEASURES), "measures"))
        units: Units = Counter(tuple(sides.get(who, {}).get(name) for who in spec.reviewers) for sides in rows)
        measures.append({"name": name, **measure(units, spec.reviewers)})
    emit(Finished("done", {"reviewers": list(spec.reviewers), "rows": len(rows), "measures": measures}))


def measure(units: Units, reviewers: tuple[str, ...]) -> dict[str, Any]:
    """``{"alpha", "alpha_ci", "pairs": [{"reviewers", "n", "agreement", "agreement_ci", "kappa", "kappa_ci",
    "why"}]}``; None is what cannot be measured, ``why`` says the reason."""
    pairs = []
    for a, b in combinations(range(len(reviewers)), 2):
        both: Units = Counter()
        for said, n in units.items():
            if said[a] is not None and said[b] is not None:
                both[said[a], said[b]] += n
        pairs.append({"reviewers": [reviewers[a], reviewers[b]], **compare(both)})
    shared: Units = Counter({said: n for said, n in units.items() if sum(one is not None for one in said) > 1})
    value, interval = (None, None) if why_not(shared) else jackknifed(shared, alpha)
    return {"alpha": value, "alpha_ci": interval, "pairs": pairs}


def compare(both: Units) -> dict[str, Any]:
    """One pair of reviewers on the rows that both decided."""
    n = both.total()
    same = sum(count for said, count in both.items() if len(set(said)) == 1)
    low, high = wilson(same, n)
    why = why_not(both)
    value, interval = (None, None) if why else jackknifed(both, kappa)
    return {
        "n": n,
        "agreement": same / n if n else None,
        "agreement_ci": [low, high],
        "kappa": value,
        "kappa_ci": interval,
        "why": why,
    }


def why_not(units: Units) -> str:
    """Why chance cannot be taken out of the agreement; empty if it can."""
    categories = {one for said in units for one in said if one is not None}
    if not units:
        return "no row was decided by both"
    if len(categories) < 2:
        return "all decided the same everywhere"
    if len(categories) > MOST_CATEGORIES:
        return f"there are more than {MOST_CATEGORIES} different labels"
    return ""


def kappa(both: Mapping[tuple[str | None, ...], int]) -> float | None:
    """Cohen's κ of weighted pairs; None where only one category is left."""
    from sklearn.metrics import cohen_kappa_score

    if len({one for said in both for one in said}) < 2:
        return None
    first, second = zip(*both, strict=True)
    return float(cohen_kappa_score(first, second, sample_weight=list(both.values())))


def alpha(units: Mapping[tuple[str | None, ...], int]) -> float | None:
    """Krippendorff's α with nominal distance; None where only one category is left."""
    from nltk.metrics.agreement import AnnotationTask

    triples = []
    item = 0
    for said, n in units.items():
        for _ in range(n):
            item += 1
            triples += [(place, item, one) for place, one in enumerate(said) if one is not None]
    if len({one for _, _, one in triples}) < 2:
        return None
    return float(AnnotationTask(data=triples).alpha())


def jackknifed(units: Units, estimate: Callable[[Units], float | None]) -> tuple[float | None, list[float] | None]:
    """An estimate and its 95 % interval; None for one that leaving a row out would not change, or not allow."""
    n, value = units.total(), estimate(units)
    if value is None or n < 3:
        return value, None
    without: list[tuple[float, int]] = []
    for said, count in units.items():
        left = Counter(units)
        left[said] -= 1
        one = estimate(+left)
        if one is None:
            return value, None
        without.append((one, count))
    mean = sum(one * count for one, count in without) / n
    error = ((n - 1) / n * sum(count * (one - mean) ** 2 for one, count in without)) ** 0.5
    if error == 0:
        return value, None
    return value, [max(-1.0, value - _Z * error), min(1.0, value + _Z * error)]
