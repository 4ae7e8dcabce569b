"""What a row of exported data consists of, and how a spreadsheet is kept from running it. Plain Python."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

from dsbs_gui.core.tags import tags_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

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
    "merged_rationale",
    "edited",
    "teacher",
    "hinted",
    "label_probability",
    "note",
    "rating",
    "tags",
)
FLAGS = ("agree", "edited", "hinted")
NUMBERS = ("label_probability",)
WHOLE = ("rating",)
LISTS = ("choices", "tags")
ESCAPED = "dsbs_escaped"
"""CSV only: names the columns of the row whose text got a ``'`` before it; the import takes it off again."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\0")


def columns_for(task: Task) -> tuple[str, ...]:
    """All columns of an export: the source fields stand beside the input that is made of them."""
    extra = [name for name in task.fields if name not in BEFORE]
    return (*BEFORE, *extra, *AFTER)


def data_columns(page: Sequence[Sequence[Any]], task: Task) -> dict[str, list[Any]]:
    """The columns of :func:`columns_for` for a page of :func:`dsbs_gui.core.store.curated.pages`.

    Column by column, because a million rows pass here.
    """
    ids, keys, splits, inputs, fields, labels, *others = zip(*page, strict=True)
    rationales, origins, teacher_labels, states, agree, edited, *others = others
    notes, ratings, tags, originals, teachers, hinted, logprobs, merged = others
    return {
        "id": [key or str(example_id) for example_id, key in zip(ids, keys, strict=True)],
        "split": list(splits),
        "input": list(inputs),
        **_fields(fields, [name for name in task.fields if name not in BEFORE]),
        "label": list(labels),
        "rationale": list(rationales),
        "rationale_origin": list(origins),
        "teacher_label": list(teacher_labels),
        "state": list(states),
        "agree": [None if value is None else bool(value) for value in agree],
        "original_rationale": [text if flag else None for text, flag in zip(originals, edited, strict=True)],
        "merged_rationale": list(merged),
        "edited": [bool(flag) for flag in edited],
        "teacher": list(teachers),
        "hinted": [bool(flag) for flag in hinted],
        "label_probability": [None if value is None else round(math.exp(value), 6) for value in logprobs],
        "note": list(notes),
        "rating": list(ratings),
        "tags": [list(tags_of(stored)) for stored in tags],
    }


def _fields(fields: Sequence[str], names: Sequence[str]) -> dict[str, list[Any]]:
    if not names:
        return {}
    known = [json.loads(text) for text in fields]
    return {name: [one.get(name) for one in known] for name in names}


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
    if value is None or value == []:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
