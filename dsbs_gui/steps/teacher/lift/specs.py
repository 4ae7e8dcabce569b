"""What the job *lift* is to do. Standard library only."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from dsbs_gui.core.specs import Spec


@dataclass(frozen=True)
class LiftSpec(Spec):
    """Measure the rationales of ``input.jsonl``: ``{"id", "fields", "rationale", "gold", "mark"}`` a row.

    Attributes:
        task: name of the task.
        model: path of the GGUF file.
        prompt: a :class:`~dsbs_gui.steps.teacher.prompts.Prompt` as JSON; its exemplars stand before each row.
        rows: how many there are, for the progress.
    """

    task: str = "text"
    model: str = ""
    prompt: dict[str, Any] = field(default_factory=dict)
    rows: int = 0
