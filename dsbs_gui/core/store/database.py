"""The store: one writing thread, as many readers as threads, one announcement a commit.

*Saved* means: the COMMIT has returned. ``Store.write`` gives a future that is done only then.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

from dsbs_gui.core.errors import UserError
from dsbs_gui.core.memory import give_large_blocks_back

from . import migrations
from .changes import Changes, Collector
from .checkpoints import LONGEST_LOG, Checkpointer
from .connection import Connection, connect, sqlite3, translated

T = TypeVar("T")
Listener = Callable[[Changes], None]

CACHE_KIB = 65_536
"""Of the writing connection: an import puts rows into the index of all inputs at random places."""


class Transaction:
    """What a writing function gets: SQL inside one transaction, and a place to say what changed."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._collector = Collector()

    def execute(self, sql: str, parameters: Any = (), /) -> sqlite3.Cursor:
        return self._connection.execute(sql, parameters)

    def executemany(self, sql: str, rows: Iterable[Any]) -> sqlite3.Cursor:
        return self._connection.executemany(sql, rows)

    def insert(self, table: str, **values: Any) -> int:
        """Insert one row and return its rowid. ``table`` and the names are ours, never the user's."""
        names, marks = ", ".join(values), ", ".join("?" * len(values))
        cursor = self.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", tuple(values.values()))
        return int(cursor.lastrowid or 0)

    def touch(self, noun: str, ids: Iterable[int | str] | None = None) -> None:
        self._collector.touch(noun, ids)

    @property
    def changes(self) -> Changes:
        return self._collector.changes()


class Store:
    """A project's database file. Safe to use from any thread; close it once."""

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        """Open an existing database.

        Raises:
            UserError: if it is absent, no project, damaged, or made by a newer version.
            ResourceError: if it cannot be read or, unless ``read_only``, brought up to date.
        """
        if not path.is_file():
            raise UserError(f"There is no project at {path.parent}.", "Make one with “dsbs new”.")
        give_large_blocks_back()
        self.path = path
        self.read_only = read_only
        self._local = threading.local()
        self._readers: list[Connection] = []
        self._guard = threading.Lock()
        self._listeners: list[Listener] = []
        self._closed = False
        with translated(path):
            migrations.prepare(path, read_only=read_only)
        self._writer = None if read_only else ThreadPoolExecutor(1, thread_name_prefix="store")
        self._writing: Connection | None = None
        self._checkpointer: Checkpointer | None = None
        if self._writer is not None:
            self._writer.submit(self._open_writer).result()
            self._checkpointer = Checkpointer(path)

    @classmethod
    def create(cls, path: Path) -> Store:
        """A new, empty database. Raises UserError if the file is there already."""
        if path.exists():
            raise UserError(f"{path} exists already.", "Choose another name, or open it.")
        with translated(path):
            migrations.create(path)
        return cls(path)

    def _open_writer(self) -> None:
        connection = connect(self.path)
        with translated(self.path):
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
            connection.execute("PRAGMA wal_autocheckpoint = 0")  # see checkpoints
            connection.execute(f"PRAGMA journal_size_limit = {LONGEST_LOG}")
        self._writing = connection

    @property
    def reader(self) -> Connection:
        """The calling thread's own read-only connection. Do not leave a cursor half read."""
        connection: Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = connect(self.path, read_only=True)
            self._local.connection = connection
            with self._guard:
                self._readers.append(connection)
        return connection

    def write(self, action: Callable[[Transaction], T]) -> Future[T]:
        """Run ``action`` on the store's thread in one transaction; the future is done after COMMIT.

        An exception of ``action`` rolls everything back and is the future's exception.
        """
        if self._writer is None:
            raise UserError("The project is open for reading only.", "Close it elsewhere, then open it again.")
        return self._writer.submit(self._transact, action)

    def write_now(self, action: Callable[[Transaction], T]) -> T:
        """As :meth:`write`, waiting for the commit. Never call it on the window's thread for more than a few rows."""
        return self.write(action).result()

    def _transact(self, action: Callable[[Transaction], T]) -> T:
        connection = self._writing
        assert connection is not None
        transaction = Transaction(connection)
        with translated(self.path):
            connection.execute("BEGIN IMMEDIATE")
            try:
                result = action(transaction)
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise
        if self._checkpointer is not None:
            self._checkpointer.committed()
        self._announce(transaction.changes)
        return result

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Call ``listener`` on the store's thread after each commit that changed something.

        Returns a function that ends it.
        """
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener) if listener in self._listeners else None

    def _announce(self, changes: Changes) -> None:
        if changes:
            for listener in tuple(self._listeners):
                listener(changes)

    def backup(self, target: Path) -> None:
        """A consistent copy by SQLite's own backup, made on the store's thread.

        Raises UserError if the database is damaged: such a copy must not push a good one out.
        """

        def copy() -> None:
            # Not by the writing connection: its large cache would be full of what was read for this, and stay so.
            with translated(target), contextlib.closing(connect(self.path, read_only=True)) as source:
                copied = sqlite3.connect(str(target))
                try:
                    source.backup(copied)
                    copied.execute("PRAGMA journal_mode = DELETE")  # the copy is one file, whatever ours is
                    found = copied.execute("PRAGMA quick_check(1)").fetchone()[0]
                    if found != "ok":
                        raise sqlite3.DatabaseError(f"database disk image is malformed: {found}")
                finally:
                    copied.close()

        assert self._writer is not None
        self._writer.submit(copy).result()

    @property
    def closed(self) -> bool:
        return self._closed

    def close(self) -> None:
        """Finish what is queued, then leave one plain file without ``-wal`` and ``-shm``."""
        if self._closed:
            return
        self._closed = True
        self._listeners.clear()
        with self._guard:
            for connection in self._readers:
                connection.close()
        if self._writer is not None:
            if self._checkpointer is not None:
                self._checkpointer.close()
            self._writer.submit(self._close_writer)
            self._writer.shutdown(wait=True)

    def _close_writer(self) -> None:
        if self._writing is not None:
            with contextlib.suppress(sqlite3.Error):  # another program reads: it stays a WAL file, as safe
                # A writer that has never looked at the WAL a reader made would leave it lying there.
                self._writing.execute("SELECT count(*) FROM sqlite_master").fetchone()
                self._writing.execute("PRAGMA journal_mode = DELETE")
            self._writing.close()
