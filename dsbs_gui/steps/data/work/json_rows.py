"""JSON and JSON lines, read row by row, strictly: no NaN, no lone surrogates, no silently lost keys.

Numbers stay text, spelt as in the file: a label 1.10 is not 1.1, and a large one does not overflow.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, BinaryIO

from dsbs_gui.core.errors import UserError

from .records import MAX_RECORD, BadRecord, Facts, Record, excerpt, is_text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CHUNK = 1 << 20
WHOLE_FILE = 512 << 20
"""Bytes of one JSON object that has to be read whole to find the rows in it."""

_BOM = b"\xef\xbb\xbf"
_SPACE = " \t\r\n"


class DuplicateKeys(dict[str, Any]):
    """An object in which a key stands twice with different values: which one counts is not ours to say."""

    key = ""


class Number(str):
    """A number as the file spells it."""

    __slots__ = ()


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) == len(pairs):
        return result
    seen: dict[str, Any] = {}
    for key, value in pairs:
        if seen.setdefault(key, value) != value:
            marked = DuplicateKeys(result)
            marked.key = key
            return marked
    return result


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON number")


DECODER = json.JSONDecoder(
    object_pairs_hook=_object, parse_float=Number, parse_int=Number, parse_constant=_refuse_constant
)


class JsonLines:
    """One JSON object a line. Raises UserError for a file without any."""

    def __init__(self, path: Path) -> None:
        self.facts = Facts("jsonl", encoding="utf-8", total=path.stat().st_size)
        self._path = path

    def close(self) -> None:
        """The file is open while the generator runs, and closed with it."""

    def __iter__(self) -> Iterator[Record | BadRecord]:
        with self._path.open("rb") as file:
            number = 0
            while raw := file.readline(MAX_RECORD):
                number += 1
                self.facts.done += len(raw)
                if len(raw) == MAX_RECORD and not raw.endswith(b"\n"):
                    self.facts.done += _skip_line(file)
                    reason = f"The line is longer than {MAX_RECORD >> 20} MiB."
                    yield BadRecord(number, "too_large", reason, excerpt(raw))
                elif raw.strip():
                    yield self._row(number, raw.removeprefix(_BOM) if number == 1 else raw)

    def _row(self, number: int, raw: bytes) -> Record | BadRecord:
        try:
            value = DECODER.decode(raw.decode("utf-8"))
        except (ValueError, RecursionError) as error:
            kind, reason = _decode_reason(error)
            return BadRecord(number, kind, reason, excerpt(raw))
        return _record(number, value, self.facts, raw)


class JsonArray:
    """A file that is one array of objects; memory is bounded by its largest element."""

    def __init__(self, path: Path) -> None:
        self.facts = Facts("json", encoding="utf-8", total=path.stat().st_size)
        self._path = path

    def close(self) -> None:
        """The file is open while the generator runs, and closed with it."""

    def __iter__(self) -> Iterator[Record | BadRecord]:
        with self._path.open(encoding="utf-8-sig", newline="") as file:
            window = _Window(file, self.facts)
            try:
                window.expect("[")
                if window.peek() == "]":
                    window.expect("]")
                else:
                    yield from self._elements(window)
                if window.peek():
                    raise ValueError("there is text after the closing bracket")
            except (ValueError, RecursionError) as error:
                kind, reason = _decode_reason(error)
                yield BadRecord(
                    window.line,
                    kind,
                    f"{reason} Nothing from here on could be read.",
                    window.rest(),
                    last=True,
                )

    def _elements(self, window: _Window) -> Iterator[Record | BadRecord]:
        while True:
            window.peek()
            line = window.line
            value, raw = window.value()
            yield _record(line, value, self.facts, raw)
            if window.peek() == "]":
                window.expect("]")
                return
            window.expect(",")


class JsonObject:
    """A file that is one object: the rows are its only list of objects, or the object itself is the row."""

    def __init__(self, path: Path) -> None:
        if path.stat().st_size > WHOLE_FILE:
            raise UserError(
                f"{path.name} is one JSON object of more than {WHOLE_FILE >> 20} MiB.",
                "Save the rows as JSON lines, one object a line.",
            )
        self.facts = Facts("json", encoding="utf-8", total=path.stat().st_size)
        try:
            value = DECODER.decode(path.read_bytes().decode("utf-8-sig"))
        except (ValueError, RecursionError) as error:
            raise UserError(
                f"{path.name} is not valid JSON: {_decode_reason(error, placed=True)[1]}",
                "Correct the file, or save it again.",
            ) from None
        if not isinstance(value, dict):
            raise UserError(
                f"{path.name} holds a single value, not rows.",
                "A JSON file needs a list of objects, or one a line.",
            )
        lists = {k: v for k, v in value.items() if isinstance(v, list) and any(isinstance(x, dict) for x in v)}
        if len(lists) > 1:
            raise UserError(
                f"{path.name} holds several lists of objects: {', '.join(lists)}.",
                "Save the one you want as a file.",
            )
        self._rows: list[Any] = next(iter(lists.values()), [value])
        if lists:
            self.facts.notes.append(f"The rows are the list “{next(iter(lists))[:60]}”; lines are counted in it.")

    def close(self) -> None:
        self._rows = []

    def __iter__(self) -> Iterator[Record | BadRecord]:
        for number, value in enumerate(self._rows, 1):
            yield _record(number, value, self.facts, b"\\ud")  # always look for surrogates
        self.facts.done = self.facts.total or 0


class _Window:
    """A moving window of text over a file, with the line that its position is on."""

    def __init__(self, file: Any, facts: Facts) -> None:
        self._file = file
        self._facts = facts
        self._text = ""
        self._at = 0
        self._ended = False
        self.line = 1

    def peek(self) -> str:
        """The next character that is not white space; empty at the end."""
        while True:
            while self._at < len(self._text):
                character = self._text[self._at]
                if character not in _SPACE:
                    return character
                self.line += character == "\n"
                self._at += 1
            if not self._more(CHUNK):
                return ""

    def expect(self, character: str) -> None:
        found = self.peek()
        if found != character:
            raise ValueError(f"“{character}” was expected" + (f", “{found}” found" if found else ", the file ends"))
        self._at += 1

    def value(self) -> tuple[Any, bytes]:
        """The JSON value at the position, and a sign of whether it has escaped surrogates."""
        while True:
            try:
                value, end = DECODER.raw_decode(self._text, self._at)
            except ValueError:
                size = len(self._text) - self._at
                if size > MAX_RECORD or not self._more(max(CHUNK, size)):
                    raise
                continue
            if end == len(self._text) and self._more(CHUNK):
                continue  # a number may go on
            raw = self._text[self._at : end]
            self.line += raw.count("\n")
            self._at = end
            return value, raw.encode("utf-8", "surrogatepass")

    def rest(self) -> str:
        return excerpt(self._text[self._at : self._at + 200])

    def _more(self, size: int) -> bool:
        if self._ended:
            return False
        block = self._file.read(size)
        self._ended = not block
        self._text = self._text[self._at :] + block
        self._at = 0
        self._facts.done = self._file.buffer.tell()
        return bool(block)


def open_json(path: Path) -> JsonLines | JsonArray | JsonObject:
    """The reader for what ``path`` really is: lines, an array or an object."""
    with path.open("rb") as file:
        head = file.read(CHUNK).removeprefix(_BOM).lstrip(_SPACE.encode())
        if head.startswith(b"["):
            return JsonArray(path)
        first, newline, rest = head.partition(b"\n")
        more = newline and (rest.strip() or file.read(1))
    if more and first.startswith(b"{"):
        try:
            if isinstance(DECODER.decode(first.decode("utf-8")), dict):
                return JsonLines(path)
        except (ValueError, RecursionError):
            pass
    return JsonObject(path)


def _skip_line(file: BinaryIO) -> int:
    skipped = 0
    while block := file.readline(CHUNK):
        skipped += len(block)
        if block.endswith(b"\n"):
            break
    return skipped


def _record(line: int, value: Any, facts: Facts, raw: bytes) -> Record | BadRecord:
    if not isinstance(value, dict):
        return BadRecord(line, "not_object", "The row is not an object with named fields.", excerpt(raw))
    if (b"\\ud" in raw or b"\\uD" in raw) and not is_text(value):
        return BadRecord(line, "lone_surrogate", "A text holds half of a surrogate pair.", excerpt(raw))
    facts.add_columns(value)
    return Record(line, value)


def _decode_reason(error: Exception, placed: bool = False) -> tuple[str, str]:
    if isinstance(error, RecursionError):
        return "too_deep", "The JSON is nested too deeply."
    if isinstance(error, UnicodeDecodeError):
        return "bad_encoding", "There are bytes that are not UTF-8."
    if isinstance(error, json.JSONDecodeError):
        place = f" (line {error.lineno}, column {error.colno})" if placed else ""
        return "not_json", f"Not valid JSON: {error.msg}{place}."
    if "JSON number" in str(error):
        return "nonfinite_number", f"Not valid JSON: {error}."
    return "not_json", f"Not valid JSON: {error}."
