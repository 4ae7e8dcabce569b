"""State, agreement and split of all examples in memory: filters by these are answered without the database.

A million examples take nine megabytes and are read in a second (``warm``); then a filter takes some milliseconds,
and what a commit names is read again. Until then, and for other conditions, SQL is asked, except for a search in
the full-text index: what that finds is narrowed down here.
"""

from __future__ import annotations

import threading
from array import array
from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING, Any

from . import examples, id_vectors, search
from .filters import AGREEMENTS, EVERYTHING, SPLITS, STATES, Filter, as_json

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from .changes import Changes
    from .connection import Reader
    from .database import Store

_AGREES = {1: "agree", 0: "conflict", None: "unknown"}
_CELLS = {cell: code for code, cell in enumerate(product(STATES, AGREEMENTS, SPLITS))}


class CellIndex:
    """Answers :func:`.examples.ids` for one store, from any thread. ``close`` ends it."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._guard = threading.Lock()
        self._stale_guard = threading.Lock()
        self._stale: set[Any] | None = None
        """Examples to be read again; None: all."""
        self._ids: NDArray[np.int64]
        self._codes: NDArray[np.uint8]
        self.close = store.listen(self._on_changes)

    def ids(self, chosen: Filter = EVERYTHING, order: str = "id", descending: bool = False) -> array[int]:
        """As :func:`.examples.ids`."""
        db = self._store.reader
        rest = replace(chosen, states=(), agreement=(), splits=())
        found = None
        # While another thread reads all anew, SQL is quicker.
        if order == "id" and not self.cold and _known(rest, chosen) and self._guard.acquire(blocking=False):
            try:
                if self._refresh(db):
                    found = self._matching(chosen) if rest == EVERYTHING else self._searched(db, chosen)
            finally:
                self._guard.release()
        if found is None:
            return examples.ids(db, chosen, order, descending)
        return id_vectors.of_numbers(found[::-1] if descending else found)

    @property
    def cold(self) -> bool:
        """Whether all has to be read: at the start, and after a commit that changed too many rows to name them."""
        return self._stale is None

    def warm(self) -> None:
        """Read all; takes a second for a million rows."""
        with self._guard:
            self._refresh(self._store.reader)

    # -- finding

    def _matching(self, chosen: Filter) -> NDArray[np.int64]:
        return self._ids[_wanted(chosen)[self._codes]]

    def _searched(self, db: Reader, chosen: Filter) -> NDArray[np.int64]:
        """The ids that the text finds, of the cells wanted. What was added since the last refresh is left out."""
        import numpy as np

        found = np.frombuffer(examples.ids(db, Filter(text=chosen.text, mode=chosen.mode)), np.int64)
        places, there = self._places(found)
        return found[there][_wanted(chosen)[self._codes[places[there]]]]

    def _places(self, ids: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """Where these ids are among all, and which are there at all."""
        import numpy as np

        if not len(self._ids):
            return ids, np.zeros(len(ids), bool)
        first, last = int(self._ids[0]), int(self._ids[-1])
        if last - first + 1 == len(self._ids):
            return ids - first, (ids >= first) & (ids <= last)
        places = np.searchsorted(self._ids, ids)
        return places, self._ids[np.minimum(places, len(self._ids) - 1)] == ids

    # -- keeping up

    def _on_changes(self, changes: Changes) -> None:
        """On the store's thread, after a commit."""
        if changes.touches("examples"):
            with self._stale_guard:
                if changes.is_all("examples") or self._stale is None:
                    self._stale = None
                else:
                    self._stale |= changes.ids("examples")

    def _refresh(self, db: Reader) -> bool:
        """Read again what has changed; False if the file holds a state, agreement or split that we do not know."""
        with self._stale_guard:
            stale, self._stale = self._stale, set()
        try:
            if stale is None or (stale and not self._update(db, stale)):
                self._read(db)
        except BaseException as error:
            with self._stale_guard:
                self._stale = None
            if isinstance(error, KeyError):
                return False
            raise
        return True

    def _read(self, db: Reader) -> None:
        """All, cell by cell: each is a run of the index ``examples_review``. Raises KeyError for an unknown cell."""
        import numpy as np

        ids, codes = [np.empty(0, np.int64)], [np.empty(0, np.uint8)]
        db.execute("BEGIN")  # all cells as they are at one moment
        try:
            for cell in examples.cells(db):
                code = _CELLS[cell.state, _AGREES[cell.agree], cell.split]
                ids.append(np.frombuffer(examples.ids_of_cell(db, cell), np.int64))
                codes.append(np.full(len(ids[-1]), code, np.uint8))
        finally:
            db.execute("COMMIT")
        all_ids = np.concatenate(ids)
        order = np.argsort(all_ids, kind="stable")
        self._ids, self._codes = all_ids[order], np.concatenate(codes)[order]

    def _update(self, db: Reader, stale: set[Any]) -> bool:
        """Read some anew; False if some were added or removed. Raises KeyError for an unknown cell."""
        import numpy as np

        sql = "SELECT id, state, agree, split FROM examples WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id"
        rows = db.execute(sql, (as_json(stale),)).fetchall()
        ids = np.array([row[0] for row in rows], np.int64)
        places, there = self._places(ids)
        if len(rows) < len(stale) or not there.all():
            return False
        self._codes[places] = [_CELLS[row[1], _AGREES[row[2]], row[3]] for row in rows]
        return True


def _known(rest: Filter, chosen: Filter) -> bool:
    """Whether ``chosen`` asks for cells alone, or in cells for a text that the full-text index finds."""
    if rest == EVERYTHING:
        return True
    text = Filter(text=rest.text, mode=rest.mode)
    return chosen != rest == text and search.indexed(text.text, text.mode)


def _wanted(chosen: Filter) -> NDArray[np.bool_]:
    """By code: whether the filter wants the cell."""
    import numpy as np

    return np.array(
        [
            (not chosen.states or state in chosen.states)
            and (not chosen.agreement or agreement in chosen.agreement)
            and (not chosen.splits or split in chosen.splits)
            for state, agreement, split in _CELLS
        ]
    )
