"""Rationales that are nearly the same as another, found by MinHash over runs of three words.

Signatures come from datasketch; rows that agree in a band of their signature are compared, so that the work grows
with the number of rows and not with its square. Memory: 256 bytes a row.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
from datasketch import MinHash

from dsbs_gui.steps.review.signals.words import ngrams, words

N = 3
PERMUTATIONS = 64
ROWS_PER_BAND = 4
"""With 16 bands, two texts of similarity 0.8 share one with probability 0.9998, of 0.4 with 0.34."""

LEAST_SIMILARITY = 0.8
_AT_A_TIME = 10_000

Table = npt.NDArray[np.uint32]


_EMPTY = MinHash(num_perm=PERMUTATIONS)


def signature(shingles: Collection[str]) -> npt.NDArray[np.uint64]:
    """MinHash, uint64 [PERMUTATIONS] of values below 2^32: two sets agree in about as many places as they are similar.

    Without a shingle all values are the greatest.
    """
    made: Any = _EMPTY.copy()
    hashed = [shingle.encode("utf-8", "surrogatepass") for shingle in shingles]
    for start in range(0, len(hashed), _AT_A_TIME):
        made.update_batch(hashed[start : start + _AT_A_TIME])
    values: npt.NDArray[np.uint64] = made.hashvalues
    return values


class Signatures:
    """Signatures of texts in the order in which they came; a blank text is like no other."""

    def __init__(self) -> None:
        self._rows: list[bytes] = []

    def add(self, text: str) -> None:
        """Linear in the length of the text."""
        said = words(text)
        runs = set(ngrams(said, min(N, len(said)))) if said else ()
        self._rows.append(signature([" ".join(run) for run in runs]).astype(np.uint32).tobytes())

    def table(self) -> Table:
        """uint32 [texts, PERMUTATIONS]"""
        return np.frombuffer(b"".join(self._rows), dtype=np.uint32).reshape(-1, PERMUTATIONS)


def twins(table: Table) -> Iterator[tuple[int, int]]:
    """Each row that has a near-duplicate, with one of them, by row."""
    twin: dict[int, int] = {}
    blank = table[:, 0] == np.iinfo(np.uint32).max if len(table) else np.zeros(0, dtype=bool)
    for start in range(0, PERMUTATIONS, ROWS_PER_BAND):
        for group in _equal(table[:, start : start + ROWS_PER_BAND]):
            _compare(table, group[~blank[group]], twin)
    yield from sorted(twin.items())


def _equal(band: Table) -> Iterator[npt.NDArray[np.int64]]:
    """Groups of at least two rows that are equal in all columns, each in ascending order."""
    order = np.lexsort(band.T)
    ordered = band[order]
    borders = np.flatnonzero((ordered[1:] != ordered[:-1]).any(axis=1)) + 1
    starts, ends = np.append(0, borders), np.append(borders, len(order))
    for place in np.flatnonzero(ends - starts > 1):
        yield np.sort(order[starts[place] : ends[place]])


def _compare(table: Table, group: npt.NDArray[np.int64], twin: dict[int, int]) -> None:
    """Compare a group with its first row, what is left with its own first, and so on a few times."""
    for _ in range(8):
        if len(group) < 2:
            return
        first, others = group[0], group[1:]
        alike = (table[others] == table[first]).mean(axis=1) >= LEAST_SIMILARITY
        for other in others[alike]:
            twin.setdefault(int(other), int(first))
            twin.setdefault(int(first), int(other))
        group = others[~alike]
