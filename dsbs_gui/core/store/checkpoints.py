"""Bringing what is committed from the write-ahead log into the database file, beside the writer.

SQLite does it within the COMMIT that makes the log long: after a decision on a million rows that takes as long as
the decision. Here another connection does it, and the COMMIT returns when the log is on the disk: saved is saved,
and whoever opens the file after a crash reads the log too.
"""

from __future__ import annotations

import contextlib
import threading
from pathlib import Path

from .connection import connect, sqlite3

LONGEST_LOG = 4 << 20
"""Bytes. A log that is longer is brought in; once all of it is, SQLite begins it anew and cuts it to this length."""

_GATHER_SECONDS = 0.5


class Checkpointer:
    """A thread with a connection of its own, for the life of a store."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._log = path.with_name(path.name + "-wal")
        self._wanted = threading.Event()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="checkpoints", daemon=True)
        self._thread.start()

    def committed(self) -> None:
        """Say after each commit: costs a look at the log's length."""
        with contextlib.suppress(OSError):  # the commit stands, whatever can be seen of its log
            if self._log.stat().st_size > LONGEST_LOG:
                self._wanted.set()

    def close(self) -> None:
        """Waits for what is under way."""
        self._closing.set()
        self._wanted.set()
        self._thread.join()

    def _run(self) -> None:
        # An error (a full disk) is the writer's to tell: it has the same file, and the log stays whole.
        with contextlib.suppress(Exception), contextlib.closing(connect(self._path)) as connection:
            while True:
                self._wanted.wait()
                if self._closing.wait(_GATHER_SECONDS):
                    return
                self._wanted.clear()
                with contextlib.suppress(sqlite3.Error):
                    connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
