"""The SQL function ``matches(pattern, text…)``: a regular expression of the user, with a limit of time.

A connection that runs such a query must never be used by another thread meanwhile: that one would wait for the
connection with Python's lock in its hands, and the function for the lock. So use ``Store.reader``
in the thread that asks.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import sqlite3  # noqa: TID251  # pysqlite3 has no types of its own; its API is the same

LONGEST_S = 0.25
"""So long may a pattern look at the texts of one example."""


@lru_cache(maxsize=64)
def compiled(pattern: str) -> Any:
    """The pattern, without regard to case. Raises ``regex.error`` if it is none."""
    import regex  # not at the start: most people never search by patterns

    return regex.compile(pattern, regex.IGNORECASE | regex.MULTILINE)


def install(connection: sqlite3.Connection) -> None:
    """Let a connection search by patterns."""
    connection.create_function("matches", -1, _matches, deterministic=True)


def _matches(pattern: str, *texts: str | None) -> bool:
    """Raises TimeoutError, which SQLite turns into an error of the query."""
    find = compiled(pattern).search
    return any(text is not None and find(text, timeout=LONGEST_S, concurrent=True) for text in texts)
