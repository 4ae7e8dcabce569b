"""Has the rationales checked for signals: one job, shown in the job strip like any other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dsbs_gui.steps.review.signals import plan

if TYPE_CHECKING:
    from PySide6.QtCore import QObject

    from dsbs_gui.core.errors import DsbsError
    from dsbs_gui.core.project import Project
    from dsbs_gui.kit.bridge import Bridge

    from .foot import Foot


class Checking:
    """Starts the job from the button below the table."""

    def __init__(self, owner: QObject, project: Project, bridge: Bridge, foot: Foot) -> None:
        self._owner, self._project, self._bridge, self._button = owner, project, bridge, foot.check
        self._button.setVisible(not project.store.read_only)
        foot.measure.setVisible(not project.store.read_only)
        self._button.clicked.connect(self.start)

    def start(self) -> None:
        """Queue the job; writing its input takes as long as reading all rationales."""
        self._button.setEnabled(False)
        project = self._project
        self._bridge.run(
            lambda: project.jobs.submit(plan.request(project)),
            lambda run: self._button.setEnabled(True),
            self._on_refused,
            owner=self._owner,
        )

    def _on_refused(self, error: DsbsError) -> None:
        self._button.setEnabled(True)
        self._bridge.show_error(error)
