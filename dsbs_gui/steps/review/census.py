"""Everything that the Review page counts anew after a change, in one go. Plain Python; reads the whole table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dsbs_gui.core.store import decisions, examples, remarks

from .facets import Facets, facets

if TYPE_CHECKING:
    from dsbs_gui.core.store.connection import Reader
    from dsbs_gui.core.store.decisions import Batch
    from dsbs_gui.core.store.filters import Filter
    from dsbs_gui.core.tasks import Task


@dataclass(frozen=True, slots=True)
class Census:
    """Counts under the filter ``chosen``, what undo and redo would do, the few labels of a text task, all tags."""

    chosen: Filter
    facets: Facets
    undoable: Batch | None
    redoable: Batch | None
    few_labels: tuple[str, ...]
    known_tags: tuple[str, ...] = ()


def census(db: Reader, task: Task, chosen: Filter) -> Census:
    """Count. Never on the window's thread."""
    few = examples.few_labels(db) if task.name == "text" else ()
    tags = remarks.known_tags(db)
    return Census(chosen, facets(db, chosen), decisions.undoable(db), decisions.redoable(db), few, tuple(tags))
