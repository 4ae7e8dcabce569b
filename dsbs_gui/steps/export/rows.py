"""What a row of exported data consists of, and how a spreadsheet is kept from running it. Plain Python."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from dsbs_gui.core.store.curated import Origin
    from dsbs_gui.core.store.examples import Example
    from dsbs_gui.core.tasks import Task

BEFORE = ("id", "split", "input")
AFTER = (
    "label",
    "rationale",
    "rationale_origin",
    "teacher_label",
    "state",
    "agree",
    "original_rationale",
    "edited",
    "teacher",
    "hinted",
)
FLAGS = ("agree", "edited", "hinted")
ESCAPED = "dsbs_escaped"
"""CSV only: names the columns of the row whose text got a ``'`` before it; the import takes it off again."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\0")


def columns_for(task: Task) -> tuple[str, ...]:
    """All columns of an export: the source fields stand beside the input that is made of them."""
    extra = [name for name in task.fields if name not in BEFORE]
    return (*BEFORE, *extra, *AFTER)


def data_row(example: Example, origin: Origin | None) -> dict[str, Any]:
    """One row.

    Args:
        origin: the teacher's answer that the rationale stands on, if there is one.
    """
    edited = bool(example.edited)
    return {
        "id": example.key or str(example.id),
        "split": example.split,
        "input": example.input,
        **{name: value for name, value in example.fields.items() if name not in BEFORE},
        "label": example.label,
        "rationale": example.rationale,
        "rationale_origin": example.origin,
        "teacher_label": example.teacher_label,
        "state": example.state,
        "agree": None if example.agree is None else bool(example.agree),
        "original_rationale": origin.rationale if origin is not None and edited else None,
        "edited": edited,
        "teacher": origin.teacher if origin is not None else None,
        "hinted": bool(origin is not None and origin.hinted),
    }


def csv_header(columns: Sequence[str]) -> list[str]:
    return [*columns, ESCAPED]


def csv_cells(row: Mapping[str, Any], columns: Iterable[str]) -> list[str]:
    """The cells of one CSV row; the last one says which of them were escaped."""
    cells: list[str] = []
    escaped: list[str] = []
    for name in columns:
        text = _cell(row.get(name))
        if text.startswith(_FORMULA):
            text = f"'{text}"
            escaped.append(name)
        cells.append(text)
    return [*cells, " ".join(escaped)]


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
