"""The six steps as the window knows them: which page, which icon, which kinds of run belong to it."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget


@dataclass(frozen=True)
class Step:
    """One entry of the navigation.

    Attributes:
        page: ``module:Class`` of the page, imported when it is first shown; or the class itself.
        kinds: kinds of run whose state is shown at this step, and whose list entry leads to it.
    """

    key: str
    name: str
    icon: str
    page: str | type[QWidget]
    kinds: tuple[str, ...] = ()

    def build(self, project: Any, bridge: Any, parent: QWidget) -> QWidget:
        """The page itself: a ``QWidget`` with ``refresh()`` and the signal ``go_to(str)``."""
        return self.load()(project, bridge, parent)

    def load(self) -> type[Any]:
        """The class of the page."""
        if not isinstance(self.page, str):
            return self.page
        module, name = self.page.split(":")
        return getattr(importlib.import_module(module), name)


STEPS = (
    Step("data", "Data", "database", "dsbs_gui.steps.data.ui.page:DataPage", ("import",)),
    Step("teacher", "Teacher", "chalkboard-teacher", "dsbs_gui.steps.teacher.ui.page:TeacherPage", ("generate",)),
    Step(
        "review",
        "Review",
        "checks",
        "dsbs_gui.steps.review.ui.page:ReviewPage",
        ("signals", "sketch", "lift", "agreement"),
    ),
    Step("training", "Training", "chart-line", "dsbs_gui.steps.training.ui.page:TrainingPage", ("train", "devices")),
    Step("evaluation", "Evaluation", "target", "dsbs_gui.steps.evaluation.ui.page:EvaluationPage", ("predict",)),
    Step(
        "export",
        "Export",
        "export",
        "dsbs_gui.steps.export.ui.page:ExportPage",
        ("export-student", "export-data"),
    ),
)

PASSING_KINDS = frozenset({"preview", "preview-batch"})
"""Runs that only serve a dialog; they are not shown among the jobs."""


def step_of_kind(kind: str, steps: tuple[Step, ...] = STEPS) -> Step | None:
    """The step to which a kind of run belongs."""
    return next((step for step in steps if kind in step.kinds), None)
