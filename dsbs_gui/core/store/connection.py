"""Opening SQLite the way this program needs it, and telling its errors apart.

A current SQLite through pysqlite3: releases before 3.51.3 can corrupt a WAL file that two
connections write or checkpoint (https://sqlite.org/wal.html#walresetbug).
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from dsbs_gui.core import failures
from dsbs_gui.core.errors import DsbsError, ResourceError, UserError

from . import patterns

if TYPE_CHECKING:
    import sqlite3  # noqa: TID251  # pysqlite3 has no types of its own; its API is the same
else:
    from pysqlite3 import dbapi2 as sqlite3

APPLICATION_ID = 0x44534253  # "DSBS"
OLDEST_SAFE_SQLITE = (3, 51, 3)
BUSY_TIMEOUT_MS = 5_000

Connection = sqlite3.Connection
Row = sqlite3.Row


class Reader(Protocol):
    """Anything one can read with: a connection or a transaction."""

    def execute(self, sql: str, parameters: Any = (), /) -> sqlite3.Cursor: ...


def connect(path: Path, *, read_only: bool = False) -> Connection:
    """A connection for the calling thread alone.

    Raises:
        ResourceError: if this SQLite can corrupt projects.
        UserError, ResourceError: as :func:`translated` sorts them.
    """
    if sqlite3.sqlite_version_info < OLDEST_SAFE_SQLITE:
        raise ResourceError(
            f"SQLite {sqlite3.sqlite_version} can corrupt a project.",
            "Run start.py again: it installs a current pysqlite3.",
        )
    with translated(path):
        connection = _open_read_only(path) if read_only else sqlite3.connect(str(path), isolation_level=None)
        connection.row_factory = sqlite3.Row
        for pragma in (
            f"busy_timeout = {BUSY_TIMEOUT_MS}",
            "foreign_keys = ON",
            "trusted_schema = OFF",
            "cell_size_check = ON",
            "temp_store = MEMORY",
        ):
            connection.execute(f"PRAGMA {pragma}")
        patterns.install(connection)
        return connection


def _open_read_only(path: Path) -> Connection:
    """On read-only media a WAL file cannot be opened, unless SQLite is told that nobody writes."""
    uri = path.resolve().as_uri()
    connection = _reading(f"{uri}?mode=ro")
    try:
        connection.execute("SELECT 1 FROM sqlite_master LIMIT 1")
    except sqlite3.OperationalError:
        connection.close()
        if path.with_name(path.name + "-wal").exists():
            raise
        connection = _reading(f"{uri}?immutable=1")
    return connection


def _reading(uri: str) -> Connection:
    """Used by one thread, but closed by whoever closes the store."""
    return sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False)


@contextlib.contextmanager
def translated(path: Path) -> Iterator[None]:
    """Turns what SQLite raises into the kinds of ``core.errors``; the transaction is rolled back by then."""
    try:
        yield
    except sqlite3.Error as error:
        known = known_to_sqlite(error, path)
        if known is None:
            raise
        raise known from error


def known_to_sqlite(error: BaseException, path: Path | None = None) -> DsbsError | None:
    """What an error of SQLite means for the user; None if it is a mistake of ours."""
    path = path or Path("the project") / "project.db"
    name = getattr(error, "sqlite_errorname", "") or ""
    text = str(error)
    if "SQLITE_FULL" in name or "disk is full" in text:
        return ResourceError(
            f"The disk that holds {path.parent} is full.",
            "Nothing saved was lost. Free some space, then try again.",
        )
    if "SQLITE_IOERR" in name or "disk I/O error" in text:
        return ResourceError(
            f"The disk that holds {path.parent} does not take what is written.",
            "Nothing saved was lost. Check the disk and its quota, then try again.",
        )
    if "user-defined function raised" in text:  # the only one there is: patterns.matches
        return UserError("This pattern takes too long on some of the texts.", "Make it simpler, or search for words.")
    if "SQLITE_READONLY" in name or "readonly database" in text:
        return ResourceError(f"{path} cannot be written.", "Copy the project to a place that you can write.")
    if "SQLITE_BUSY" in name or "database is locked" in text:
        return ResourceError(f"{path.name} is in use by another program.", "Close the other program, then try again.")
    if "SQLITE_NOTADB" in name or "not a database" in text:
        return UserError(f"{path} is not a project of DSBS Studio.", "Choose a folder that the program made.")
    if "SQLITE_CORRUPT" in name or "malformed" in text:
        return UserError(
            f"{path} is damaged.",
            f"Put the newest file of its backups folder in its place, and remove {path.name}-wal if it is there.",
        )
    if "SQLITE_CANTOPEN" in name or "unable to open" in text:
        return UserError(f"{path} cannot be opened.", "Check that the folder exists and that you may read it.")
    return None


def _recognise(error: BaseException) -> DsbsError | None:
    return known_to_sqlite(error) if isinstance(error, sqlite3.Error) else None


failures.add_recogniser(_recognise)
