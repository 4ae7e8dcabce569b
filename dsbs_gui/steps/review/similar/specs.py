"""What the job *sketch* is to do. Plain values only."""

from __future__ import annotations

from dataclasses import dataclass

from dsbs_gui.core.specs import Spec


@dataclass(frozen=True)
class SketchSpec(Spec):
    """Make sketches of the texts of ``input.jsonl``: ``{"id", "text"}`` a row.

    Attributes:
        field: of ``sketches.FIELDS``: which text they are.
        rows: how many there are, for the progress.
    """

    field: str = "input"
    rows: int = 0
