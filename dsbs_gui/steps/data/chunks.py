"""How accepted rows pass from the import job to the project: chunk files in the run folder.

One JSON array a line, in the order of ``Row``. Worker and owner handle a million of them, so they are plain tuples,
coded a block at a time in C. The event that announces a chunk says how many rows it has; one that has lost some, as
a power failure can do to a file, is refused and never taken in part.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from dsbs_gui.core.errors import UserError
from dsbs_gui.core.hashing import input_hash

Row = tuple[str | None, str, str, str | None, int | None, bytes, str | None, str | None]
"""``(id, fields, input, label, line, hash of the input, rationale, teacher)``; the store takes the first six."""

READ_BYTES = 4 << 20
ONLY_INPUT = "{}"

_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Row)


def row(
    key: str | None,
    fields: Mapping[str, Any],
    text: str,
    label: str | None,
    line: int | None,
    rationale: str | None,
    teacher: str | None,
) -> Row:
    """A row, ready to be written; ``text`` is the input."""
    alone = len(fields) == 1 and fields.get("input") == text
    spelt = ONLY_INPUT if alone else _encoder.encode(fields).decode()
    return key, spelt, text, label, line, input_hash(text), rationale, teacher


def fields_of(fields: str, input: str) -> dict[str, Any]:
    """The fields of a row."""
    found: dict[str, Any] = msgspec.json.decode(fields)
    return found or {"input": input}


def write(file: BinaryIO, rows: list[Row]) -> int:
    """Append rows; returns how many bytes."""
    return file.write(_encoder.encode_lines(rows))


def sync(file: BinaryIO) -> None:
    """Wait until the disk has the chunk: the event that announces it must not outlive it."""
    file.flush()
    os.fsync(file.fileno())


def read(path: Path, rows: int) -> Iterator[list[Row]]:
    """The rows of a chunk, a block at a time.

    Raises:
        UserError: if there are not exactly ``rows`` of them, or one is damaged.
    """
    found = 0
    try:
        with path.open("rb") as file:
            while lines := file.readlines(READ_BYTES):
                block = _decoder.decode_lines(b"".join(lines))
                found += len(block)
                yield block
    except (OSError, msgspec.DecodeError) as error:
        raise _damaged(path, f"{error}") from error
    if found != rows:
        raise _damaged(path, f"it has {found} of {rows} rows")


def _damaged(path: Path, why: str) -> UserError:
    return UserError(
        f"The rows in {path.name} cannot be taken in: {why}.",
        "None of them was. Check the disk, then import the file again into a new project or split.",
    )
