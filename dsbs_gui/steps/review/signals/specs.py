"""What the job *signals* is to do. Plain values only."""

from __future__ import annotations

from dataclasses import dataclass

from dsbs_gui.core.specs import Spec


@dataclass(frozen=True)
class SignalsSpec(Spec):
    """Check the rationales of ``input.jsonl``, see :func:`~dsbs_gui.steps.review.signals.plan.request`.

    Attributes:
        task: name of the task.
        rows: how many there are, for the progress.
        over_all: digest of the rows that were last compared with each other; "" if they never were.
    """

    task: str = "text"
    rows: int = 0
    over_all: str = ""
