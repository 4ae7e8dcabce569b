"""Keeps the full-text index up with new examples, and the file free of acts that were taken back for good.

A part at a time and only while nothing else is written, so that whoever saves waits for one part at most.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from dsbs_gui.core.store import history, search

from .writes import Writes

if TYPE_CHECKING:
    from dsbs_gui.core.project import Project
    from dsbs_gui.core.store.changes import Changes
    from dsbs_gui.core.store.database import Transaction
    from dsbs_gui.kit.bridge import Bridge

_QUIET_MS = 1_000
_PAUSE_MS = 20


class Indexing(QObject):
    """Works by itself from its making on; does nothing in a project that is open for reading only."""

    def __init__(self, project: Project, bridge: Bridge, parent: QObject) -> None:
        super().__init__(parent)
        self._store = project.store
        self._writes = Writes(project, bridge, self)
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._go_on)
        if not project.store.read_only:
            bridge.changed.connect(self._on_changed)
            self._timer.start(_PAUSE_MS)

    def _on_changed(self, changes: Changes) -> None:
        if changes.touches("examples"):
            self._timer.start(_QUIET_MS)

    def _go_on(self) -> None:
        if not self._store.closed:
            self._writes.submit(_part, self._on_done, lambda error: None)  # whoever saves is told of a full disk

    def _on_done(self, more: bool) -> None:
        if more and not self._timer.isActive():
            self._timer.start(_PAUSE_MS)


def _part(tx: Transaction) -> bool:
    return search.catch_up(tx) or history.clear_forgotten(tx, 2_000)
