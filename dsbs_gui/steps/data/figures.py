"""What the cards of the Data page show, counted in one go. Owner's side, any thread, no Qt."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dsbs_gui.core.store import examples, imports, measures
from dsbs_gui.core.store.filters import SPLITS

if TYPE_CHECKING:
    from dsbs_gui.core.store.connection import Reader
    from dsbs_gui.core.store.filters import Filter
    from dsbs_gui.core.store.imports import Import

MOST_LABELS = 6


@dataclass(frozen=True)
class Figures:
    """Counts of the whole project, but for ``labels`` and ``lengths``, which are those of the filter.

    Attributes:
        splits: split to number of examples, in reading order, empty ones left out.
        labels: the most frequent labels with their numbers.
        other_labels: how many further labels there are, and how many examples have one of them.
        unlabelled: examples without a gold label.
        lengths: characters of inputs.
    """

    total: int = 0
    splits: dict[str, int] = field(default_factory=dict)
    labels: tuple[tuple[str, int], ...] = ()
    other_labels: tuple[int, int] = (0, 0)
    unlabelled: int = 0
    lengths: tuple[int, ...] = ()
    imports: tuple[Import, ...] = ()

    @property
    def rejected(self) -> int:
        return sum(one.rejected for one in self.imports)

    @property
    def duplicates(self) -> int:
        return sum(one.duplicates for one in self.imports)


def figures(db: Reader, chosen: Filter) -> Figures:
    """Count everything."""
    by_split = examples.counts(db, "split")
    labels = examples.counts(db, "label", chosen)
    unlabelled = labels.pop("", 0)
    ordered = sorted(labels.items(), key=lambda pair: (-pair[1], pair[0]))
    rest = ordered[MOST_LABELS:]
    return Figures(
        total=sum(by_split.values()),
        splits={name: by_split[name] for name in SPLITS if by_split.get(name)},
        labels=tuple(ordered[:MOST_LABELS]),
        other_labels=(len(rest), sum(n for _, n in rest)),
        unlabelled=unlabelled,
        lengths=tuple(measures.input_lengths(db, chosen)),
        imports=tuple(imports.all_imports(db)),
    )
