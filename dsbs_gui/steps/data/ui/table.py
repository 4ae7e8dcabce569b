"""The table of examples on the Data page: what came from the file, before any teacher."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dsbs_gui.kit.record_table.column import Column

if TYPE_CHECKING:
    from dsbs_gui.core.store.examples import Example

SPLIT_NAMES = {"train": "Train", "valid": "Valid", "test": "Test", "unsplit": "Not split"}


def columns() -> list[Column]:
    return [
        Column("id", "Id", _key, 92, monospace=True, sortable=True),
        Column("split", "Split", lambda e: SPLIT_NAMES.get(e.split, e.split), 76, sortable=True),
        Column("input", "Input", lambda e: e.input, 360, lines=2, stretch=True),
        Column("label", "Gold label", _label, 140, sortable=True, tone=lambda e: "text" if e.label else "muted"),
    ]


def _key(example: Example) -> str:
    return example.key or str(example.id)


def _label(example: Example) -> str:
    return example.label if example.label is not None else "none"
