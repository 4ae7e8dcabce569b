"""Vectors of ids, a million of them within a tenth of a second and without keeping the window's thread from Python.

Long ones are made by numpy, which is imported then and not before: it sorts and copies outside of Python's lock.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from .connection import Reader

if TYPE_CHECKING:
    from typing import Any

    import numpy as np
    from numpy.typing import NDArray

_INTEGERS = msgspec.json.Decoder(list[int])
_PART = 200_000  # characters
_LONG = 20_000  # ids


def read(db: Reader, sql: str, values: Sequence[object]) -> array[int]:
    """The ids that a query gives, in its order.

    SQLite joins them into one text: a million rows one by one would keep the window's thread from Python for a second.
    """
    joined: str = db.execute(f"SELECT coalesce(group_concat(id), '') FROM ({sql})", values).fetchone()[0]
    return _few(joined) if len(joined) <= _PART else _many(joined)


def ascending(ids: array[int], *, descending: bool = False) -> array[int]:
    """The same ids sorted; a few ascending runs, as an index gives them one after the other, are soon merged."""
    if len(ids) <= _LONG:
        return array("q", sorted(ids, reverse=descending))
    view = _seen(ids)
    view.sort(kind="stable")
    return of_numbers(view[::-1]) if descending else ids


def span(first: int, end: int, *, descending: bool = False) -> array[int]:
    """All ids from ``first`` to before ``end``."""
    if end - first <= _LONG:
        return array("q", range(first, end)[:: -1 if descending else 1])
    import numpy as np

    return of_numbers(np.arange(end - 1, first - 1, -1) if descending else np.arange(first, end))


def places(ids: array[int], wanted: array[int]) -> bytes:
    """A byte for each of ``ids``: 1 if it is among those wanted."""
    if max(len(ids), len(wanted)) <= _LONG:
        return bytes(map(set(wanted).__contains__, ids))
    import numpy as np

    return np.isin(_seen(ids), _seen(wanted)).tobytes()


def begins_with(ids: array[int], head: array[int]) -> bool:
    """Whether the first of ``ids`` are those of ``head``; nothing is copied for it."""
    if len(head) <= _LONG:
        return ids[: len(head)] == head
    import numpy as np

    return np.array_equal(_seen(ids)[: len(head)], _seen(head))


def of_numbers(found: NDArray[np.int64]) -> array[int]:
    """A vector of numpy's numbers."""
    import numpy as np

    vector = array("q")
    vector.frombytes(np.ascontiguousarray(found, np.int64).view(np.uint8).data)
    return vector


def _few(joined: str) -> array[int]:
    return array("q", _INTEGERS.decode(f"[{joined}]"))


def _many(joined: str) -> array[int]:
    """A part at a time: while one is read nobody else has Python's lock."""
    import numpy as np

    vector, start = array("q"), 0
    while start < len(joined):
        end = joined.find(",", start + _PART)
        end = len(joined) if end < 0 else end
        vector.frombytes(np.fromstring(joined[start:end], np.int64, sep=",").view(np.uint8).data)
        start = end + 1
    return vector


def _seen(ids: array[int]) -> NDArray[Any]:
    """The vector itself for numpy: what is done to it is done to the vector."""
    import numpy as np

    return np.frombuffer(ids, np.int64)
