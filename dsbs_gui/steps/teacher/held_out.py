"""No exemplar may come from valid or test: finding the row that one is.

The inputs of those splits are compared without regard to case, articles, punctuation, white space and the order
of choices. They are read once (20 000 rows: a second or two) and again only after an import or a new split. Plain
Python, for a background thread.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple
from weakref import WeakKeyDictionary

from dsbs_gui.core.errors import UserError
from dsbs_gui.core.store import examples
from dsbs_gui.core.store.filters import Filter
from dsbs_gui.core.tasks import Fields, Task
from dsbs_gui.core.tasks.base import bare

if TYPE_CHECKING:
    from dsbs_gui.core.project import Project
    from dsbs_gui.core.store.changes import Changes
    from dsbs_gui.core.store.database import Store

    from .prompts import Prompt

HELD_OUT = ("valid", "test")


class Row(NamedTuple):
    """Where a row is."""

    id: int
    split: str
    line: int | None

    def __str__(self) -> str:
        where = f", line {self.line} of its file" if self.line is not None else ""
        return f"row {self.id} of {self.split}{where}"


def identity(task: Task, fields: Fields) -> bytes:
    """What two inputs have in common that ask the same."""
    if task.name == "choice":
        parts = [bare(str(fields["question"])), *sorted(bare(str(choice)) for choice in fields["choices"])]
    else:
        parts = [bare(str(fields[name])) for name in task.fields]
    return hashlib.blake2b("\0".join(parts).encode("utf-8", "replace"), digest_size=12).digest()


class _Index:
    """The rows of valid and test by identity, made when first asked for and after the examples changed."""

    def __init__(self, store: Store) -> None:
        self._guard = threading.Lock()
        self._rows: dict[bytes, Row] | None = None
        store.listen(self._on_changed)

    def rows(self, project: Project) -> Mapping[bytes, Row]:
        with self._guard:
            if self._rows is None:
                task, db = project.task, project.store.reader
                self._rows = {
                    identity(task, example.fields): Row(example.id, example.split, example.line)
                    for example in examples.each(db, Filter(splits=HELD_OUT))
                }
            return self._rows

    def _on_changed(self, changes: Changes) -> None:
        if changes.is_all("examples"):  # decisions name their rows; imports and splits do not
            self._rows = None


_indexes: WeakKeyDictionary[Store, _Index] = WeakKeyDictionary()
_making = threading.Lock()


def rows(project: Project) -> Mapping[bytes, Row]:
    """The rows of valid and test by :func:`identity`."""
    with _making:
        index = _indexes.get(project.store)
        if index is None:
            index = _indexes[project.store] = _Index(project.store)
    return index.rows(project)


def demand_none(project: Project, prompt: Prompt) -> None:
    """Raises UserError that names the row if an exemplar is a row of valid or test."""
    held_out = rows(project)
    for number, exemplar in enumerate(prompt.exemplars, 1):
        found = held_out.get(identity(project.task, exemplar.fields))
        if found is not None:
            raise UserError(
                f"Exemplar {number} is {found}. The teacher would know its answer, and figures on {found.split}"
                " would be worth nothing.",
                "Take another exemplar, for instance a row of train.",
            )
