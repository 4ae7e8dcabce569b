"""Two classifiers on the same examples: what can be said about their difference.

numpy is imported when something is computed: the window starts without it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dsbs_gui.core.statistics import Interval, mcnemar

RESAMPLES = 10_000
SIGNIFICANCE = 0.05


@dataclass(frozen=True)
class Difference:
    """Accuracy of *a* minus accuracy of *b*.

    Attributes:
        only_a, only_b: examples that only one of them has right.
        interval: paired bootstrap, 95 %.
        p: exact McNemar, two-sided.
    """

    n: int
    only_a: int
    only_b: int
    interval: Interval
    p: float

    @property
    def value(self) -> float:
        return (self.only_a - self.only_b) / self.n


def difference(a: Sequence[bool], b: Sequence[bool], seed: int = 0) -> Difference:
    """Compare the correctness of two classifiers, example by example. Raises ValueError for none, or unequal many."""
    only_a, only_b = _discordant(a, b)
    return Difference(len(a), only_a, only_b, bootstrap(len(a), only_a, only_b, seed), mcnemar(only_a, only_b))


def bootstrap(n: int, only_a: int, only_b: int, seed: int = 0, confidence: float = 0.95) -> Interval:
    """Percentile interval of the accuracy difference over resampled examples.

    Each example contributes +1, -1 or 0, so drawing ``n`` examples with replacement is one multinomial draw of
    how many of each come up: the same distribution as by indices, in no time.
    """
    import numpy

    draws = numpy.random.default_rng(seed).multinomial(
        n, [only_a / n, only_b / n, (n - only_a - only_b) / n], size=RESAMPLES
    )
    differences = (draws[:, 0] - draws[:, 1]) / n
    tail = (1 - confidence) / 2
    low, high = numpy.quantile(differences, [tail, 1 - tail])
    return Interval(float(low), float(high))


def bootstrap_over_seeds(
    pairs: Sequence[tuple[Sequence[bool], Sequence[bool]]], seed: int = 0, confidence: float = 0.95
) -> Interval:
    """Percentile interval of the accuracy difference of two *methods*, each trained with several seeds.

    Hierarchical: seeds are drawn with replacement, then the rows of each drawn seed, both methods by the same draws.
    With few seeds it is too narrow, since no other than these can be drawn: show Student's t over the seeds beside it.

    Args:
        pairs: for each seed the correctness of *a* and of *b*, example by example; examples may differ between seeds.
    Raises: ValueError for no seed, or as :func:`difference`.
    """
    import numpy

    if not pairs:
        raise ValueError("at least one seed is needed")
    counts = [_discordant(a, b) for a, b in pairs]
    sizes = numpy.array([len(a) for a, _ in pairs])
    shares = numpy.array([(x, y, n - x - y) for (x, y), n in zip(counts, sizes, strict=True)]) / sizes[:, None]
    generator = numpy.random.default_rng(seed)
    drawn = generator.integers(len(pairs), size=(RESAMPLES, len(pairs)))
    rows = generator.multinomial(sizes[drawn], shares[drawn])
    differences = ((rows[..., 0] - rows[..., 1]) / sizes[drawn]).mean(axis=1)
    tail = (1 - confidence) / 2
    low, high = numpy.quantile(differences, [tail, 1 - tail])
    return Interval(float(low), float(high))


def _discordant(a: Sequence[bool], b: Sequence[bool]) -> tuple[int, int]:
    if len(a) != len(b) or not a:
        raise ValueError("two equally long, non-empty sequences are needed")
    pairs = list(zip(a, b, strict=True))
    return sum(x and not y for x, y in pairs), sum(y and not x for x, y in pairs)


def holm(ps: Sequence[float]) -> list[float]:
    """p-values adjusted for making ``len(ps)`` comparisons (Holm 1979), in their order."""
    adjusted = [0.0] * len(ps)
    highest = 0.0
    for rank, index in enumerate(sorted(range(len(ps)), key=lambda i: ps[i])):
        highest = max(highest, min(1.0, (len(ps) - rank) * ps[index]))
        adjusted[index] = highest
    return adjusted
