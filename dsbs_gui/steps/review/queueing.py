"""What the queues are called, which filter each begins with, and how many rows wait in each. No Qt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from dsbs_gui.core.store import examples
from dsbs_gui.core.store.filters import Filter
from dsbs_gui.core.store.queues import QUEUES

if TYPE_CHECKING:
    from dsbs_gui.core.store.connection import Reader


@dataclass(frozen=True, slots=True)
class Wording:
    """``title`` stands in the menu and on its button, ``meaning`` says which rows come first."""

    title: str
    meaning: str


NONE = Wording("All rows", "All rows in the order of the table.")

WORDS: Mapping[str, Wording] = {
    "gold": Wording("Differs from gold", "The label is not the gold one; rows with most signals first."),
    "teachers": Wording("Teachers differ", "Several teachers gave different labels; most labels first."),
    "student": Wording("Students differ", "Students predict another label than the teacher’s; most students first."),
    "failed": Wording("Failed parse", "No text or no label could be read; like reasons together."),
    "signals": Wording("Most signals", "Rows in which most was found that deserves a look."),
    "audit": Wording("Random sample", "Judge a sample to learn how many of the others are wrong."),
    "reviewers": Wording("Reviewers differ", "A second reviewer decided otherwise; accepted against rejected first."),
}
"""In the order of the menu; the names of ``store.queues.QUEUES``."""


def enter(chosen: Filter, queue: str) -> Filter:
    """The filter of one who goes to a queue, or with an empty name leaves it: what waits there, whatever its state.

    Splits and the search stay; conditions that a queue has itself go.
    """
    states = QUEUES[queue].states if queue else ()
    return replace(chosen, queue=queue, states=states, agreement=(), failed=False)


def waiting(db: Reader) -> dict[str, int]:
    """How many rows wait in each queue. Never on the window's thread."""
    return {name: examples.count(db, Filter(queue=name, states=queue.states)) for name, queue in QUEUES.items()}
