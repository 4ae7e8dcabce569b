"""Measures of examples for figures: lengths. One pass in SQL, sampled where there are many."""

from __future__ import annotations

from .connection import Reader
from .filters import EVERYTHING, Filter

MOST = 100_000


def input_lengths(db: Reader, chosen: Filter = EVERYTHING, most: int = MOST) -> list[int]:
    """Characters of the inputs; of every n-th example where more than ``most`` match."""
    where, values = chosen.where()
    matching = int(db.execute(f"SELECT count(*) FROM examples WHERE {where}", values).fetchone()[0])
    step = -(-matching // most) or 1
    sql = f"SELECT length(input) FROM examples WHERE {where} AND id % ? = 0"
    return [row[0] for row in db.execute(sql, [*values, step])]
