"""The view “Prompts”: versions of the prompt, their exemplars and wording, tried and compared."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .view import TeacherView

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from dsbs_gui.core.project import Project
    from dsbs_gui.kit.bridge import Bridge


class PromptsView(TeacherView):
    """The prompt workshop."""

    def __init__(self, project: Project, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__("Prompts", project, bridge, parent)
