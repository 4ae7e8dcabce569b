"""The counts on the filter chips: how many rows each one would leave, the other filters being as they are."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from dsbs_gui.core.store import examples, offers, remarks, signals
from dsbs_gui.core.store.filters import SPLITS, STATES, Filter
from dsbs_gui.core.store.remarks import Remarked

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dsbs_gui.core.store.connection import Reader
    from dsbs_gui.core.store.examples import Cell

_AGREEMENT = {1: "agree", 0: "conflict", None: "unknown"}


@dataclass(frozen=True, slots=True)
class Facets:
    """Counts under a filter, and those of the whole project.

    Attributes:
        states, agreement, splits: by value, under the other conditions of the filter.
        signals: how many would be left by each signal; those that none has are left out.
        remarked: how many would be left by each rating and tag and by *has a note*.
        failed: how many would be left by *failed*; ``offered`` by *to compare*.
        total: examples of the project by state.
        all_failed: examples of the project without a rationale because the teacher failed.
        all_splits: examples of the project by split.
    """

    states: dict[str, int] = field(default_factory=dict)
    agreement: dict[str, int] = field(default_factory=dict)
    splits: dict[str, int] = field(default_factory=dict)
    signals: dict[str, int] = field(default_factory=dict)
    remarked: Remarked = field(default_factory=Remarked)
    failed: int = 0
    offered: int = 0
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
    """Count. Never on the window's thread: where a text is looked for, this reads the whole table."""
    rest = replace(chosen, states=(), agreement=(), splits=())
    everything = examples.cells(db)
    cells = everything if rest == Filter() else examples.cells(db, rest)
    by_state = [c for c in cells if _agrees(c, chosen) and _of_split(c, chosen)]
    by_agreement = [c for c in cells if _of_state(c, chosen) and _of_split(c, chosen)]
    by_split = [c for c in cells if _of_state(c, chosen) and _agrees(c, chosen)]
    return Facets(
        states={state: sum(c.n for c in by_state if c.state == state) for state in STATES},
        agreement={name: sum(c.n for c in by_agreement if c.agree == value) for value, name in _AGREEMENT.items()},
        splits={split: sum(c.n for c in by_split if c.split == split) for split in SPLITS},
        signals=signals.counts(db, replace(chosen, signals=())),
        remarked=remarks.counts(db, chosen),
        offered=offers.count(db, replace(chosen, offered=False)),
        failed=examples.count(db, replace(chosen, failed=True)),
        total=_summed((c.state, c.n) for c in everything),
        all_failed=examples.count(db, Filter(failed=True)),
        all_splits=_summed((c.split, c.n) for c in everything),
    )


def _of_state(cell: Cell, chosen: Filter) -> bool:
    return not chosen.states or cell.state in chosen.states


def _agrees(cell: Cell, chosen: Filter) -> bool:
    return not chosen.agreement or _AGREEMENT[cell.agree] in chosen.agreement


def _of_split(cell: Cell, chosen: Filter) -> bool:
    return not chosen.splits or cell.split in chosen.splits


def _summed(pairs: Iterable[tuple[str, int]]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for name, n in pairs:
        total[name] += n
    return dict(total)
