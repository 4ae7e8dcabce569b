"""CSV and TSV. ``datasets`` and pandas shift or drop cells of rows that are too long; here they are counted.

Every cell is text, byte for byte. Line numbers are physical lines.
"""

from __future__ import annotations

import csv
from collections import deque
from itertools import islice
from typing import TYPE_CHECKING, Any

from dsbs_gui.core.errors import UserError

from .encodings import encoding_of, known_codec
from .records import MAX_RECORD, BadRecord, Facts, Record, excerpt

if TYPE_CHECKING:
    from collections.abc import Iterator
    from io import TextIOWrapper
    from pathlib import Path

    from dsbs_gui.steps.data.specs import SourceSpec

DELIMITERS = (",", "\t", ";", "|")
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
        self._lines = Lines(path, codec, self.facts)
        delimiter = spec.delimiter or _sniff(path, codec, "\t" if file_format == "tsv" else ",")
        self.facts.delimiter = delimiter
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
        for line, cells, raw in self._records:
            if isinstance(cells, BadRecord):
                yield cells
            elif len(cells) != len(columns):
                yield _wrong_length(line, cells, len(columns), raw)
            else:
                yield Record(line, _unescaped(dict(zip(columns, cells, strict=True))))

    def _read_header(self, path: Path) -> None:
        first = next(self._records, None)
        if first is None:
            raise UserError(f"{path.name} is empty.", "Choose a file with a header line and at least one row.")
        _, cells, _ = first
        if isinstance(cells, BadRecord):
            raise UserError(f"The header of {path.name} cannot be read: {cells.reason}", "Correct line 1.")
        self.facts.columns = _unique_names(cells, self.facts)


class Lines:
    """Physical lines with their ends, which can be put back; undecodable bytes come as surrogates."""

    def __init__(self, path: Path, codec: str, facts: Facts) -> None:
        self._file: TextIOWrapper = path.open(encoding=codec, newline="", errors="surrogateescape")
        self._raw: Any = self._file.buffer
        self._facts = facts
        self._back: deque[str] = deque()
        self.number = 0
        self.record: list[str] = []

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._back.popleft() if self._back else self._file.readline(MAX_RECORD)
        if not line:
            raise StopIteration
        self.number += 1
        self.record.append(line)
        return line

    def put_back_all_but_first(self) -> int:
        """Lines of the record after its first one will be read again; returns how many."""
        rest = self.record[1:]
        self._back.extendleft(reversed(rest))
        self.number -= len(rest)
        return len(rest)

    def close(self) -> None:
        self._file.close()

    def note_position(self) -> None:
        self._facts.done = self._raw.tell()


Cells = tuple[int, list[str] | BadRecord, str]


def _records(lines: Lines, delimiter: str) -> Iterator[Cells]:
    """``(line, cells, raw text)`` of each record that is not blank."""
    csv.field_size_limit(MAX_RECORD)
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    while True:
        start = lines.number + 1
        lines.record = []
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raw = lines.record[0] if lines.record else ""
            again = lines.put_back_all_but_first()
            reader = csv.reader(lines, delimiter=delimiter, strict=True)
            yield (
                start,
                BadRecord(start, "bad_quoting", _quoting_reason(str(error), again), excerpt(raw)),
                raw,
            )
            continue
        except UnicodeDecodeError:  # UTF-16 cannot go on after a broken unit
            reason = "The file is damaged here: nothing after this line could be read."
            yield start, BadRecord(start, "bad_encoding", reason, last=True), ""
            return
        if not start % 256:
            lines.note_position()
        if cells:
            raw = "".join(lines.record)
            bad = _undecodable(start, raw)
            yield start, bad or cells, raw


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
