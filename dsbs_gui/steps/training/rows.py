"""The rows that a run learns from: reading, nested fractions, the shuffled control. Standard library only."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from dsbs_gui.core.errors import UserError
from dsbs_gui.core.files import read_jsonl

TRAIN_FILE = "input.train.jsonl"
VALID_FILE = "input.valid.jsonl"
FIRST_BATCH_FILE = "first_batch.json"
"""What looking at the first batch writes; see :mod:`.first_batch`."""


@dataclass(frozen=True)
class Row:
    """One example as a student learns it.

    Attributes:
        label: what to learn: gold or the teacher's, as the plan chose.
        rationale: None where there is none to learn; the label still counts.
        fields: source fields, by which the task compares labels.
        others: further rationales for the same label; each epoch learns one of them all.
    """

    example_id: int
    input: str
    label: str
    rationale: str | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)
    others: tuple[str, ...] = ()


def read_rows(path: Path) -> list[Row]:
    """Rows of an input file of the run; [] if there is no such file. Raises UserError for a foreign one."""
    if not path.is_file():
        return []
    try:
        return [_row(body) for body in read_jsonl(path)]
    except (ValueError, KeyError, TypeError) as error:
        raise UserError(f"“{path.name}” is not a file of training rows: {error}.", "Start the run again.") from error


def take_fraction(rows: Sequence[Row], fraction: float, data_seed: int) -> list[Row]:
    """The part of ``rows`` that ``data_seed`` picks, in their order; smaller parts lie within larger ones.

    A row's rank depends on its id and the seed alone, so parts stay nested when rows are added.
    """
    if fraction >= 1 or not rows:
        return list(rows)
    ranked = sorted(rows, key=lambda row: _rank(data_seed, row.example_id))
    chosen = {row.example_id for row in ranked[: max(1, round(len(rows) * fraction))]}
    return [row for row in rows if row.example_id in chosen]


def shuffle_rationales(rows: Sequence[Row], data_seed: int) -> list[Row]:
    """Each rationale moves to another row that has one; no row keeps its own if there are two or more."""
    places = [index for index, row in enumerate(rows) if row.rationale]
    random.Random(f"shuffled rationales {data_seed}").shuffle(places)
    moved = list(rows)
    for index, place in enumerate(places):
        source = rows[places[index - 1]]
        moved[place] = replace(rows[place], rationale=source.rationale, others=source.others)
    return moved


def data_hash(rows: Iterable[Mapping[str, Any]]) -> str:
    """sha256 over what the rows teach, in their order: the same data has the same hash on any machine."""
    digest = hashlib.sha256()
    for row in rows:
        for part in (row["example_id"], row["input"], row["label"], row.get("rationale"), *row.get("others", ())):
            raw = b"\x00" if part is None else str(part).encode("utf-8")
            digest.update(len(raw).to_bytes(8, "little") + raw)
    return digest.hexdigest()


def _row(body: Mapping[str, Any]) -> Row:
    rationale = body.get("rationale")
    return Row(
        int(body["example_id"]),
        str(body["input"]),
        str(body["label"]),
        str(rationale) if rationale and str(rationale).strip() else None,
        body.get("fields") or {},
        tuple(body.get("others", ())),
    )


def _rank(seed: int, example_id: int) -> bytes:
    return hashlib.sha256(f"{seed}:{example_id}".encode()).digest()
