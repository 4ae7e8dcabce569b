"""CSV and TSV. ``datasets`` and pandas shift or drop cells of rows that are too long; here they are counted.

Every cell is text, byte for byte. Line numbers are physical lines.
"""

from __future__ import annotations

import csv
from itertools import islice
from typing import TYPE_CHECKING, Any

from dsbs_gui.core.errors import UserError

from .encodings import encoding_of, known_codec
from .records import MAX_RECORD, BadRecord, Facts, Record, excerpt, is_text

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from io import TextIOWrapper
    from pathlib import Path

    from dsbs_gui.steps.data.specs import SourceSpec

DELIMITERS = (",", "\t", ";", "|")
BLOCK = 1 << 20
"""Characters that are read at a time; a record that is longer makes it more."""

SNIFFED_RECORDS = 50
SNIFFED_LINES = 2_000
ESCAPED = "dsbs_escaped"
"""Column of our own CSV exports that names the cells of a row which got a ``'`` against spreadsheets."""


class Delimited:
    """A CSV or TSV file, opened and its header read.

    Raises:
        UserError: for an empty file, an encoding that cannot be told, no header.
    """

    def __init__(self, path: Path, spec: SourceSpec, file_format: str) -> None:
        codec, note = (known_codec(spec.encoding), "") if spec.encoding else encoding_of(path)
        self.facts = Facts(file_format, encoding=codec, notes=[note] if note else [])
        self.facts.total = path.stat().st_size
        delimiter = spec.delimiter or _sniff(path, codec, "\t" if file_format == "tsv" else ",")
        self.facts.delimiter = delimiter
        self._lines = Lines(path, codec, self.facts)
        self._records = _records(self._lines, delimiter)
        try:
            self._read_header(path)
        except UserError:
            self.close()
            raise

    def close(self) -> None:
        self._lines.close()

    def __iter__(self) -> Iterator[Record | BadRecord]:
        columns = self.facts.columns
        width, escaped = len(columns), ESCAPED in columns
        for line, cells, after in self._records:
            if isinstance(cells, BadRecord):
                yield cells
            elif len(cells) != width:
                yield _wrong_length(line, cells, width, self._lines.raw(line, after))
            else:
                values = dict(zip(columns, cells))  # noqa: B905  # counted above
                yield Record(line, _unescaped(values) if escaped else values)

    def _read_header(self, path: Path) -> None:
        first = next(self._records, None)
        if first is None:
            raise UserError(f"{path.name} is empty.", "Choose a file with a header line and at least one row.")
        _, cells, _ = first
        if isinstance(cells, BadRecord):
            raise UserError(f"The header of {path.name} cannot be read: {cells.reason}", "Correct line 1.")
        self.facts.columns = _unique_names(cells, self.facts)


class Lines:
    """Physical lines with their ends, a block at a time; undecodable bytes come as surrogates.

    Attributes:
        block: lines that were read and may still be needed.
        first: number of the first of them.
        ended: nothing follows the block.
        damaged: a broken unit of UTF-16 follows the block, after which nothing can be read.
    """

    def __init__(self, path: Path, codec: str, facts: Facts) -> None:
        self._file: TextIOWrapper = path.open(encoding=codec, newline="", errors="surrogateescape")
        self._raw: Any = self._file.buffer
        self._facts = facts
        self.block: list[str] = []
        self.first = 1
        self.ended = self.damaged = False

    def go_on(self, line: int) -> None:
        """Forget the lines before ``line`` and read more: as much again as is kept, so that a long record is not
        looked at too often."""
        self.block = self.block[line - self.first :]
        self.first = line
        wanted = max(BLOCK, sum(map(len, self.block)))
        append, readline = self.block.append, self._file.readline
        try:
            while wanted > 0:
                text = readline(MAX_RECORD)
                if not text:
                    self.ended = True
                    break
                append(text)
                wanted -= len(text)
        except UnicodeDecodeError:
            self.ended = self.damaged = True
        self._facts.done = self._raw.tell()

    def since(self, line: int) -> Iterator[str]:
        """The lines of the block from ``line`` on."""
        return map(self.block.__getitem__, range(line - self.first, len(self.block)))

    def raw(self, line: int, after: int) -> str:
        """The text of the lines from ``line`` to the one before ``after``."""
        return "".join(self.block[line - self.first : after - self.first])

    @property
    def after(self) -> int:
        """Number of the line that follows the block."""
        return self.first + len(self.block)

    def are_text(self) -> bool:
        """Whether no byte of the block was undecodable."""
        return all(map(str.isascii, self.block)) or is_text("".join(self.block))

    def close(self) -> None:
        self._file.close()


Cells = tuple[int, list[str] | BadRecord, int]
"""``(first line, cells, line after the last one)``"""


def _records(lines: Lines, delimiter: str) -> Iterator[Cells]:
    """Each record that is not blank."""
    csv.field_size_limit(MAX_RECORD)
    line = lines.first
    while not lines.ended:
        lines.go_on(line)
        line = yield from _records_of_block(lines, delimiter, line)
    if lines.damaged:
        reason = "The file is damaged here: nothing after this line could be read."
        yield line, BadRecord(line, "bad_encoding", reason, last=True), line


def _records_of_block(lines: Lines, delimiter: str, line: int) -> Generator[Cells, None, int]:
    """The records from ``line`` on; returns where to go on once more was read: a record may be open at the end."""
    sound, end = lines.are_text(), lines.after
    open_at_end = lines.damaged or not lines.ended
    while line < end:
        offset = line
        reader = csv.reader(lines.since(line), delimiter=delimiter, strict=True)
        try:
            for cells in reader:
                start, line = line, offset + reader.line_num
                if cells:
                    yield start, (None if sound else _undecodable(start, lines.raw(start, line))) or cells, line
        except csv.Error as error:
            reached = offset + reader.line_num
            if reached == end and open_at_end:
                return line
            reason = _quoting_reason(str(error), reached - line - 1)
            yield line, BadRecord(line, "bad_quoting", reason, excerpt(lines.raw(line, line + 1))), line + 1
            line += 1
    return line


def _unescaped(values: dict[str, str]) -> dict[str, str]:
    """Cells as they were before our own export put a ``'`` before them; other files are left alone."""
    for name in values.get(ESCAPED, "").split():
        if values.get(name, "").startswith("'"):
            values[name] = values[name][1:]
    return values


def _undecodable(line: int, raw: str) -> BadRecord | None:
    if raw.isascii():
        return None
    try:
        raw.encode("utf-8")
    except UnicodeEncodeError:
        return BadRecord(line, "bad_encoding", "The row holds bytes that are not text in this encoding.", excerpt(raw))
    return None


def _quoting_reason(error: str, again: int) -> str:
    if "field limit" in error:
        return f"A cell is longer than {MAX_RECORD // 2**20} MiB."
    reason = "A quotation mark is not closed, or text follows a closing one."
    if again:
        reason += " The lines after it were read as rows of their own."
    return reason


def _wrong_length(line: int, cells: list[str], wanted: int, raw: str) -> BadRecord:
    kind = "too_many_fields" if len(cells) > wanted else "too_few_fields"
    much = "many" if len(cells) > wanted else "few"
    reason = f"The row has {len(cells)} fields, the header {wanted}: too {much}."
    return BadRecord(line, kind, reason, excerpt(raw))


def _unique_names(cells: list[str], facts: Facts) -> list[str]:
    """Column names; a missing or a repeated one is numbered, and said."""
    names: list[str] = []
    for number, cell in enumerate(cells, 1):
        name = cell if cell.strip() else f"column {number}"
        twin = 2
        unique = name
        while unique in names:
            unique, twin = f"{name} ({twin})", twin + 1
        if unique != cell:
            what = "has no name" if not cell.strip() else f"is a second “{cell[:60]}”"
            facts.notes.append(f"Column {number} {what}; it is called “{unique[:80]}”.")
        names.append(unique)
    return names


def _sniff(path: Path, codec: str, default: str) -> str:
    """The delimiter under which most of the first records have as many fields as the header."""
    with path.open(encoding=codec, newline="", errors="surrogateescape") as file:
        head = list(islice(iter(lambda: file.readline(1 << 16), ""), SNIFFED_LINES))
    scores = {delimiter: _score(head, delimiter) for delimiter in (default, *DELIMITERS)}
    return max(scores, key=lambda delimiter: scores[delimiter])


def _score(head: list[str], delimiter: str) -> float:
    """0 for a single column, else 1 plus the share of records that fit the header."""
    records: list[int] = []
    try:
        for cells in csv.reader(head, delimiter=delimiter):
            if cells:
                records.append(len(cells))
            if len(records) > SNIFFED_RECORDS:
                break
    except csv.Error:
        pass
    if not records or records[0] < 2:
        return 0.0
    rest = records[1:]
    return 1.0 + (sum(n == records[0] for n in rest) / len(rest) if rest else 1.0)
