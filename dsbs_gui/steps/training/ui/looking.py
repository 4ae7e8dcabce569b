"""The button that shows the first batch before the start, and what is behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from dsbs_gui.kit.buttons import SecondaryButton
from dsbs_gui.steps.training import first_batch

from .first_batch_sheet import FirstBatchSheet

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QWidget

    from dsbs_gui.core.errors import DsbsError
    from dsbs_gui.core.project import Project
    from dsbs_gui.kit.bridge import Bridge

_LOOK, _LOOKING = "Look at the first batch", "Reading the first batch…"


class BatchLook(QObject):
    """Owns the button.

    Signals:
        refused(text, hint): there is no batch to look at, and why.
    """

    refused = Signal(str, str)

    def __init__(self, page: QWidget, project: Project, bridge: Bridge, choices: Callable[[], dict[str, Any]]) -> None:
        super().__init__(page)
        self._page, self._project, self._bridge, self._choices = page, project, bridge, choices
        self.button = SecondaryButton(_LOOK, "magnifying-glass-plus")
        self.button.set_tooltip("What the student will read and write in its first step, token by token")
        self.button.clicked.connect(self.look)
        self.sheet: FirstBatchSheet | None = None

    def set_enabled(self, enabled: bool) -> None:
        """Whether there are rows to look at."""
        self.button.setEnabled(enabled and self.button.text() == _LOOK)

    def look(self) -> None:
        """Let a worker read the batch, then show it."""
        project, choices = self._project, self._choices()
        self.button.setEnabled(False)
        self.button.setText(_LOOKING)
        self._bridge.run(lambda: first_batch.look(project, **choices), self._on_found, self._on_refused, owner=self)

    def _on_found(self, body: dict[str, Any]) -> None:
        self._show_ready()
        self.sheet = FirstBatchSheet(self._page, body)
        self.sheet.ask()
        self.sheet.deleteLater()
        self.sheet = None

    def _on_refused(self, error: DsbsError) -> None:
        self._show_ready()
        self.refused.emit(error.message, error.hint)

    def _show_ready(self) -> None:
        self.button.setText(_LOOK)
        self.button.setEnabled(True)
