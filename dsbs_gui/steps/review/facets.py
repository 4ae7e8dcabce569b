"""The counts on the filter chips: how many rows each one would leave, the other filters being as they are."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from dsbs_gui.core.store import examples
from dsbs_gui.core.store.filters import SPLITS, STATES, Filter

if TYPE_CHECKING:
    from dsbs_gui.core.store.connection import Reader

_AGREEMENT = {"1": "agree", "0": "conflict", "": "unknown"}


@dataclass(frozen=True, slots=True)
class Facets:
    """Counts under a filter, and those of the whole project.

    Attributes:
        states, agreement, splits: by value, under the other conditions of the filter.
        failed: how many would be left by *failed*.
        total: examples of the project by state.
        all_failed: examples of the project without a rationale because the teacher failed.
        all_splits: examples of the project by split.
    """

    states: dict[str, int] = field(default_factory=dict)
    agreement: dict[str, int] = field(default_factory=dict)
    splits: dict[str, int] = field(default_factory=dict)
    failed: int = 0
    total: dict[str, int] = field(default_factory=dict)
    all_failed: int = 0
    all_splits: dict[str, int] = field(default_factory=dict)

    @property
    def examples(self) -> int:
        return sum(self.total.values())

    @property
    def reviewable(self) -> int:
        """Examples that are not empty."""
        return self.examples - self.total.get("empty", 0)

    @property
    def left(self) -> int:
        """Examples that wait for a decision."""
        return self.total.get("unreviewed", 0)

    @property
    def decided(self) -> int:
        return sum(self.total.get(state, 0) for state in ("accepted", "edited", "rejected"))

    @property
    def skipped(self) -> int:
        return self.total.get("skipped", 0)


def facets(db: Reader, chosen: Filter) -> Facets:
    """Count. Reads the whole table a few times: never on the window's thread."""
    states = examples.counts(db, "state", replace(chosen, states=()))
    agreement = examples.counts(db, "agree", replace(chosen, agreement=()))
    splits = examples.counts(db, "split", replace(chosen, splits=()))
    unfiltered = Filter()
    return Facets(
        states={state: states.get(state, 0) for state in STATES},
        agreement={name: agreement.get(value, 0) for value, name in _AGREEMENT.items()},
        splits={split: splits.get(split, 0) for split in SPLITS},
        failed=examples.count(db, replace(chosen, failed=True)),
        total=states if chosen == replace(unfiltered, states=chosen.states) else examples.counts(db, "state"),
        all_failed=examples.count(db, Filter(failed=True)),
        all_splits=examples.counts(db, "split"),
    )
