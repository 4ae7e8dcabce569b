"""The text of one field of a row, or why it has none. Plain Python."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@dataclass(frozen=True)
class Problem:
    """Why a row is no example; ``kind`` counts equal reasons."""

    kind: str
    reason: str


class UnfitError(Exception):
    """A row is no example; ``problem`` says why."""

    def __init__(self, kind: str, reason: str) -> None:
        super().__init__(reason)
        self.problem = Problem(kind, reason)


def text_of(name: str, values: Mapping[str, Any], columns: Sequence[str]) -> str | None:
    """The text of a field; several columns are joined by line ends, empty ones left out.

    Raises UnfitError for a list or an object.
    """
    texts = []
    for column in columns:
        value = values.get(column)
        if isinstance(value, bool):
            value = "true" if value else "false"
        if isinstance(value, list) and len(value) == 1 and isinstance(value[0], str):
            value = value[0]  # datasets store single answers as lists of one
        if isinstance(value, list | dict):
            what = "a list" if isinstance(value, list) else "an object"
            raise UnfitError("wrong_type", f"The column “{column[:60]}” for {name} holds {what}, not text.")
        if value is not None:
            texts.append(str(value))
    if len(columns) == 1:
        return texts[0] if texts else None
    return "\n".join(text for text in texts if text.strip()) if texts else None


def filled(text: str | None) -> str | None:
    """None for a blank text too."""
    return text if text and not text.isspace() else None
