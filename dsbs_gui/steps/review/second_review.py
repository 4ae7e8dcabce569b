"""What comes back from a second reviewer: read, checked line by line, and kept beside our own decisions. No Qt.

A line that cannot be used is reported with its number and the reason, and the others are taken. Taken are files of
``sharing`` and JSONL exports of this program, where the label under review is called ``teacher_label``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any

import msgspec

from dsbs_gui.core.errors import UserError
from dsbs_gui.core.store import examples, reviews
from dsbs_gui.core.store.reviews import Review

from .agreement import HERE
from .editing import agreement
from .sharing import mark_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from dsbs_gui.core.store.connection import Reader
    from dsbs_gui.core.store.examples import Example
    from dsbs_gui.core.tasks import Task

LONGEST_NAME = 40
LONGEST_LINE = 100_000_000
_PER_PAGE = 500
_DECISIONS = {
    "accept": "accepted", "accepted": "accepted", "edit": "edited", "edited": "edited", "reject": "rejected",
    "rejected": "rejected", "skip": "skipped", "skipped": "skipped", "": "", "unreviewed": "", "empty": "",
}  # fmt: skip
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that was not taken, and why."""

    line: int
    reason: str


@dataclass(slots=True)
class Returned:
    """What a file holds: reviews, how many rows have no decision yet, and the lines that cannot be used."""

    reviewer: str
    reviews: list[Review] = field(default_factory=list)
    undecided: int = 0
    bad: list[BadLine] = field(default_factory=list)


class _Unusable(Exception):
    """Why a line cannot be used."""


def name_of(reviewer: str) -> str:
    """The reviewer's name as it is kept. Raises UserError if it is blank, too long or has line ends."""
    name = " ".join(reviewer.split())
    if not name or len(name) > LONGEST_NAME or not name.isprintable() or name.casefold() == HERE:
        raise UserError(
            f"“{reviewer[:60]}” is no name for a reviewer.", f"Give a name of up to {LONGEST_NAME} letters."
        )
    return name


def read(db: Reader, task: Task, path: Path, reviewer: str) -> Returned:
    """Read a file against the project. Never on the window's thread.

    Raises:
        UserError: if the name is none, or the file is not there. OSError if it cannot be read.
    """
    found = Returned(name_of(reviewer))
    if not path.is_file():
        raise UserError(f"There is no file {path}.", "Choose the file that the second reviewer sent back.")
    seen: dict[int, int] = {}
    with path.open("rb") as file:
        lines = _lines(file, found)
        while page := list(islice(lines, _PER_PAGE)):
            _take(db, task, page, found, seen)
    return found


def _lines(file: Any, found: Returned) -> Iterator[tuple[int, dict[str, Any], int]]:
    """Line number, object and example id of each line that has them."""
    number = 0
    while raw := file.readline(LONGEST_LINE):
        number += 1
        raw = raw.removeprefix(_BOM) if number == 1 else raw
        if raw.strip():
            try:
                row = _object(raw)
                yield number, row, _id(row)
            except _Unusable as error:
                found.bad.append(BadLine(number, str(error)))


def _object(raw: bytes) -> dict[str, Any]:
    try:
        row = msgspec.json.decode(raw)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        raise _Unusable("it is no JSON") from None
    if not isinstance(row, dict):
        raise _Unusable("it is no JSON object")
    return row


def _id(row: dict[str, Any]) -> int:
    value = row.get("id")
    if isinstance(value, str) and value.strip().isascii() and value.strip().isdigit() and len(value) < 20:
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value < 2**63:
        raise _Unusable("it has no id" if value is None else "its id is no number of a row")
    return value


def _take(
    db: Reader,
    task: Task,
    page: Sequence[tuple[int, dict[str, Any], int]],
    found: Returned,
    seen: dict[int, int],
) -> None:
    ids = [example_id for _, _, example_id in page]
    there, texts = examples.page(db, ids), reviews.shareable(db, ids)
    for number, row, example_id in page:
        try:
            if example_id not in there:
                raise _Unusable(f"there is no row {example_id} in this project")
            if example_id not in texts:
                raise _Unusable(f"row {example_id} has no rationale of a teacher, so it was in no share")
            if example_id in seen:
                raise _Unusable(f"line {seen[example_id]} is about row {example_id} already")
            review = _review(task, row, there[example_id], texts[example_id], found.reviewer)
        except _Unusable as error:
            found.bad.append(BadLine(number, str(error)))
            continue
        seen[example_id] = number
        if review is None:
            found.undecided += 1
        else:
            found.reviews.append(review)
    found.bad.sort(key=lambda bad: bad.line)


def _review(
    task: Task, row: dict[str, Any], example: Example, shared: tuple[str | None, str | None], reviewer: str
) -> Review | None:
    """The decision of a line; None if it holds none yet."""
    given = row.get("decision", row.get("state", ""))
    decision = _DECISIONS.get(given.strip().casefold()) if isinstance(given, str) else None if given else ""
    if decision is None:
        raise _Unusable(f"“{str(given)[:40]}” is no decision; it is one of accepted, rejected, skipped")
    if not decision:
        return None
    if "mark" in row and row["mark"] != mark_of(*shared):
        raise _Unusable("the teacher has answered this row anew since the share was made")
    rationale = _text(row, "rationale", shared[0])
    label = _text(row, "teacher_label" if "teacher_label" in row else "label", shared[1])
    if decision in ("accepted", "edited"):
        if rationale is None:
            raise _Unusable("it keeps a row without a rationale")
        decision = "accepted" if (rationale, label) == shared else "edited"
    means_gold = agreement(task, example, label)
    agree = None if means_gold is None else int(means_gold)
    return Review(example.id, reviewer, decision, rationale, label, agree, _text(row, "note", None))


def _text(row: dict[str, Any], name: str, otherwise: str | None) -> str | None:
    """A text of a line, ``otherwise`` if it has none of that name; a blank one is none."""
    value = row.get(name, otherwise)
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = str(value)  # some editors make numbers of labels
    if value is not None and not isinstance(value, str):
        raise _Unusable(f"its {name.removeprefix('teacher_')} is no text")
    if value is not None and not value.isascii() and any("\ud800" <= c <= "\udfff" for c in value):
        raise _Unusable(f"its {name.removeprefix('teacher_')} holds half a character")
    return value if value and not value.isspace() else None
