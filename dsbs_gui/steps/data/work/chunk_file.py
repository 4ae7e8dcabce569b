"""Writing accepted rows into the chunk files of a run, with one block of them in memory at most."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

from dsbs_gui.core.protocol import RowsRead
from dsbs_gui.steps.data import chunks

if TYPE_CHECKING:
    from pathlib import Path

    from dsbs_gui.steps.data.shaping import Shaped

CHUNK_ROWS = 50_000
CHUNK_BYTES = 64 << 20
BLOCK_CHARACTERS = 1 << 20
"""What is held in memory before it is written into the chunk."""


class ChunkFile:
    """``rows-000001.jsonl``, ``rows-000002.jsonl``, … in the run folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._number = 0
        self._file: BinaryIO | None = None
        self._rows: list[chunks.Row] = []
        self._characters = 0
        self._written = self._bytes = 0

    @property
    def full(self) -> bool:
        return self._written + len(self._rows) >= CHUNK_ROWS or self._bytes + self._characters >= CHUNK_BYTES

    def add(self, line: int, row: Shaped) -> None:
        self._rows.append(chunks.row(row.id, row.fields, row.input, row.label, line, row.rationale, row.teacher))
        texts = (row.id, row.input, row.label, row.rationale, row.teacher)
        self._characters += sum([len(text) for text in texts if text])
        if self._characters >= BLOCK_CHARACTERS:
            self._write()

    def _write(self) -> None:
        if self._file is None:
            self._number += 1
            self._file = (self._folder / self._name).open("wb")
        self._bytes += chunks.write(self._file, self._rows)
        self._written += len(self._rows)
        self._rows, self._characters = [], 0

    @property
    def _name(self) -> str:
        return f"rows-{self._number:06}.jsonl"

    def close(self) -> RowsRead | None:
        """Finish the chunk; the message that announces it, or None if there was nothing."""
        if self._rows:
            self._write()
        if self._file is None:
            return None
        chunks.sync(self._file)
        self._file.close()
        message = RowsRead(self._name, self._written)
        self._file, self._written, self._bytes = None, 0, 0
        return message
