"""A share of the rows for a second reviewer: one JSONL file without a trace of what was decided here. No Qt.

A line holds ``id``, ``input``, ``rationale`` and ``label`` as the teacher gave them, perhaps ``gold``, an empty
``decision`` and ``note`` to be filled in, and ``mark``, by which the text is known again. The second reviewer writes
*accepted*, *rejected* or *skipped* as the decision and may change rationale and label: a row that was changed counts as
*edited*. Whoever has this program imports the file, reviews there, and exports JSONL: that can be merged just as well.
"""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from dsbs_gui.core.errors import UserError
from dsbs_gui.core.files import write_lines
from dsbs_gui.core.store import examples, reviews

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from dsbs_gui.core.store.connection import Reader
    from dsbs_gui.core.store.filters import Filter

_PER_PAGE = 500


@dataclass(frozen=True, slots=True)
class Share:
    """What went into a file; ``left_out`` rows have no answer of a teacher, so that only our own text could be sent."""

    path: Path
    rows: int
    left_out: int


def write_share(
    db: Reader,
    out: Path,
    chosen: Filter,
    *,
    n: int | None = None,
    seed: int = 0,
    gold: bool = False,
    overwrite: bool = False,
) -> Share:
    """Write the rows that match, or ``n`` of them by chance, in id order. Never on the window's thread.

    Raises:
        UserError: if nothing can be shared, the folder is missing, or the file is there and may not be replaced.
    """
    out = out.expanduser().absolute()
    if out.is_dir() or (out.exists() and not overwrite):
        raise UserError(f"{out} exists already.", "Choose another name.")
    if not out.parent.is_dir():
        raise UserError(f"There is no folder {out.parent}.", "Make it, or choose another place.")
    ids: Sequence[int] = examples.ids(db, chosen)
    if n is not None and n < len(ids):
        ids = sorted(random.Random(seed).sample(ids, n))
    rows = _rows(db, ids, gold)
    first = next(rows, None)
    if first is None:
        raise UserError(
            "There is nothing to share.", "Only rows with a rationale of a teacher can be shared; choose other rows."
        )
    written = write_lines(out, _lines(first, rows))
    return Share(out, written, len(ids) - written)


def mark_of(rationale: str | None, label: str | None) -> str:
    """A short digest of the texts under review."""
    return blake2b(f"{rationale or ''}\0{label or ''}".encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()


def _rows(db: Reader, ids: Sequence[int], gold: bool) -> Iterator[dict[str, Any]]:
    for start in range(0, len(ids), _PER_PAGE):
        part = list(ids[start : start + _PER_PAGE])
        texts, found = reviews.shareable(db, part), examples.page(db, part)
        for example_id in part:
            if example_id in texts and example_id in found:
                rationale, label = texts[example_id]
                example = found[example_id]
                row = {"id": example_id, "input": example.input, "rationale": rationale, "label": label}
                row |= {"gold": example.label} if gold else {}
                yield row | {"decision": "", "note": "", "mark": mark_of(rationale, label)}


def _lines(first: dict[str, Any], rest: Iterator[dict[str, Any]]) -> Iterator[str]:
    yield json.dumps(first, ensure_ascii=False)
    for row in rest:
        yield json.dumps(row, ensure_ascii=False)
