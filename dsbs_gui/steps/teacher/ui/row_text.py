"""The question of a row for people: its fields below each other, without the marks that a student needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dsbs_gui.core.store.examples import Example


def row_text(example: Example) -> str:
    """The fields in reading order, a line each; several texts of one field are parted by commas."""
    return "\n".join(
        value if isinstance(value, str) else ", ".join(str(part) for part in value) for value in example.fields.values()
    )
