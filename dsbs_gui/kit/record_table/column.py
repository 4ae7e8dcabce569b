"""What a column shows of a record."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from dsbs_gui.kit.theme.tokens import Tone

Align = Literal["left", "right", "center"]


@dataclass(frozen=True)
class Mark:
    """A small sign in a cell: an icon, or a dot where `icon` is empty; `meaning` is read out and shown on hover."""

    tone: Tone
    icon: str = ""
    meaning: str = ""


@dataclass(frozen=True)
class Column:
    """One column of a RecordTable.

    Args:
        key: names the column in signals.
        text: what is shown of a record; shortened to 300 characters, line ends made visible.
        width: px at 100 % to begin with.
        stretch: takes the free width; at least one column should.
        lines: 1, or 2 for wrapped text (all rows are then two lines high).
        decoration: marks before the text, e.g. the dot of a state.
        tooltip: by default the whole text where it may not fit; "" shows none.
        accessible: by default text and the meanings of the marks.
        sortable: a click on the title emits `sort_asked`.
    """

    key: str
    title: str
    text: Callable[[Any], str]
    width: int = 120
    align: Align = "left"
    lines: Literal[1, 2] = 1
    monospace: bool = False
    stretch: bool = False
    decoration: Callable[[Any], Sequence[Mark]] | None = None
    tooltip: Callable[[Any], str] | None = None
    accessible: Callable[[Any], str] | None = None
    sortable: bool = False
    tone: Callable[[Any], Tone] | None = None
