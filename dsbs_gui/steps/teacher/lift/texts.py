"""The two texts that are compared: the label behind the question, and behind question and rationale. Plain Python."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from dsbs_gui.steps.teacher.prompts import spoken_label
from dsbs_gui.steps.teacher.wording import Wording

if TYPE_CHECKING:
    from dsbs_gui.core.tasks import Fields, Task
    from dsbs_gui.steps.teacher.prompts import Prompt


class Texts(NamedTuple):
    """``without`` and ``given`` the rationale, up to where the label begins; ``label`` with its space and full stop.

    The full stop is measured too: *4* is not the beginning of *42*.
    """

    without: str
    given: str
    label: str


class Writer:
    """Words as the teacher is asked: exemplars, question, rationale, trigger, label."""

    def __init__(self, prompt: Prompt, task: Task) -> None:
        self._wording, self._task, self._trigger = Wording(prompt, task), task, prompt.trigger
        self.prefix = self._wording.head

    def texts(self, fields: Fields, rationale: str, gold: str) -> Texts:
        asked = self._wording.text(fields)
        label = spoken_label(self._task, gold, fields)
        return Texts(f"{asked} {self._trigger}", f"{asked} {rationale.strip()} {self._trigger}", f" {label}.")
