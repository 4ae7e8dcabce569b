"""What the readers of all formats have in common."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_RECORD = 64 * 1024 * 1024
"""Characters (bytes for JSON lines) of one record: bounds the memory that a file without line ends takes."""

EXCERPT = 160

LOOK_AHEAD = 200
"""Rows after which the columns count as known: those of JSON can come at any row."""


class Record(msgspec.Struct, frozen=True):
    """One row as the file has it.

    Attributes:
        line: physical line (from 1) where the record starts; in a table format the row's number.
        values: column to value: text, None, or a list or dict where the format knows them. Numbers are text,
            spelt as in the file.
    """

    line: int
    values: dict[str, Any]


class BadRecord(msgspec.Struct, frozen=True):
    """A row that is not taken, and why.

    Attributes:
        kind: short name of the reason, for counting.
        last: nothing could be read after it.
    """

    line: int
    kind: str
    reason: str
    excerpt: str = ""
    last: bool = False


@dataclass
class Facts:
    """What a reader found out about its file; grows while it reads.

    Attributes:
        notes: sentences that the user should know.
        total: of ``done``: bytes, or rows in table formats; None if unknown.
    """

    format: str
    columns: list[str] = field(default_factory=list)
    encoding: str = ""
    delimiter: str = ""
    notes: list[str] = field(default_factory=list)
    done: int = 0
    total: int | None = None
    unit: str = "bytes"

    def add_columns(self, names: Iterator[str] | list[str] | dict[str, Any]) -> None:
        for name in names:
            if name not in self.columns:
                self.columns.append(name)


class Source(Protocol):
    """An opened dataset: read once, from the beginning to the end, then closed."""

    facts: Facts

    def close(self) -> None: ...

    def __iter__(self) -> Iterator[Record | BadRecord]: ...


def excerpt(text: str | bytes) -> str:
    """The beginning of a bad row, safe to store: bytes and surrogates that are no text are escaped."""
    if isinstance(text, bytes):
        text = text[: 4 * EXCERPT].decode("utf-8", "backslashreplace")
    short = text[:EXCERPT].rstrip("\r\n")
    with contextlib.suppress(UnicodeEncodeError):
        short.encode("utf-8")
        return short
    return short.encode("utf-8", "backslashreplace").decode("utf-8")


def is_text(value: Any) -> bool:
    """Whether every string inside ``value`` can be stored: False for lone surrogates."""
    if isinstance(value, str):
        try:
            value.encode("utf-8")
        except UnicodeEncodeError:
            return False
        return True
    if isinstance(value, dict):
        return all(is_text(key) and is_text(item) for key, item in value.items())
    return all(map(is_text, value)) if isinstance(value, list) else True
