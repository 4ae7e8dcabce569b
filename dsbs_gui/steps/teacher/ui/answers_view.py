"""The view “Answers”: every answer of every teacher, and what was read from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dsbs_gui.core.store import answers
from dsbs_gui.kit.empty_state import EmptyState

from .view import TeacherView

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from dsbs_gui.core.project import Project
    from dsbs_gui.kit.bridge import Bridge


class AnswersView(TeacherView):
    """Says that nothing has been answered while that is so."""

    def __init__(self, project: Project, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__("Answers", project, bridge, parent)
        self.refresh()

    def refresh(self) -> None:
        store = self._project.store
        self._bridge.run(lambda: next(answers.each(store.reader), None), self._on_first, owner=self)

    def _on_first(self, first: answers.Answer | None) -> None:
        if first is not None:
            self.show_content()
            return
        state = EmptyState(
            "chat-text",
            "No teacher has answered yet",
            "Raw answers stay here as they came, with the rationale and the label that were read from each.",
            "Ask a teacher",
        )
        assert state.button is not None
        state.button.clicked.connect(lambda: self.view_asked.emit("ask"))
        self.show_empty(state)
