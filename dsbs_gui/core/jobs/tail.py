"""Reading a run's events as they are written, by byte offset.

Half a line is left for the next time. A line that is not an event is counted and logged, never
fatal: the worker may have been killed inside it.
"""

from __future__ import annotations

import os
from pathlib import Path

import structlog

from dsbs_gui.core.protocol import Event, decode

log = structlog.get_logger("jobs")

MOST_BYTES_AT_ONCE = 4 << 20
MOST_BYTES_OF_THE_LAST = 1 << 20


def last_event(path: Path) -> Event | None:
    """The last line of ``events.jsonl``, whatever its length up to 1 MiB; None if it is no whole event."""
    try:
        with path.open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - MOST_BYTES_OF_THE_LAST))
            lines = file.read().split(b"\n")
        return decode(lines[-2].decode("utf-8")) if len(lines) > 1 else None
    except (OSError, ValueError, RecursionError):
        return None


class Tail:
    """Follows one ``events.jsonl``. Not thread-safe."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.offset = 0
        self.bad_lines = 0

    def read(self) -> list[Event]:
        """Whole new events, at most about 4 MiB of them; [] if there is nothing new."""
        try:
            with self.path.open("rb") as file:
                file.seek(self.offset)
                raw = file.read(MOST_BYTES_AT_ONCE)
                if b"\n" not in raw and len(raw) == MOST_BYTES_AT_ONCE:
                    raw += file.readline()
        except FileNotFoundError:
            return []
        whole = raw[: raw.rfind(b"\n") + 1]
        self.offset += len(whole)
        return [event for line in whole.split(b"\n") if line and (event := self._event(line)) is not None]

    def _event(self, line: bytes) -> Event | None:
        try:
            return decode(line.decode("utf-8"))
        except (ValueError, RecursionError) as error:
            self.bad_lines += 1
            log.warning("not an event", path=str(self.path), error=str(error)[:200], line=repr(line[:80]))
            return None
