"""What an example of each task consists of, and when two labels are the same.

Input formats follow the reference code (google-research/distilling-step-by-step, ``data_utils.py``).
Standard library only: the training worker compares predictions with these.
"""

from __future__ import annotations

from dsbs_gui.core.errors import UserError

from .base import Fields, Task
from .choice import ChoiceTask, lettered
from .math import MathTask
from .nli import NliTask
from .text import TextTask

TASKS: dict[str, Task] = {task.name: task for task in (NliTask(), ChoiceTask(), MathTask(), TextTask())}

__all__ = [
    "TASKS",
    "ChoiceTask",
    "Fields",
    "MathTask",
    "NliTask",
    "Task",
    "TextTask",
    "lettered",
    "task_named",
]


def task_named(name: str) -> Task:
    """The task of that name. Raises UserError for an unknown one."""
    try:
        return TASKS[name]
    except KeyError:
        raise UserError(f"There is no task “{name}”.", f"Choose one of {', '.join(TASKS)}.") from None
