"""From the store's and the jobs' threads to the window's, and back.

Qt code never waits: it asks :meth:`Bridge.run` and gets the answer as a call on the window's thread.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, TypeVar

import shiboken6
import structlog
from PySide6.QtCore import QObject, Qt, Signal

from dsbs_gui.core.errors import DsbsError
from dsbs_gui.core.failures import known
from dsbs_gui.core.project import Project
from dsbs_gui.core.protocol import Event
from dsbs_gui.core.store.changes import Changes

T = TypeVar("T")
log = structlog.get_logger("ui")


class Bridge(QObject):
    """One a project window.

    Signals:
        changed: a ``Changes`` after each commit that changed something.
        job_event: run id and ``Event``, after it was stored.
        message: level (``info``, ``attention``, ``bad``, ``good``), text, hint; the frame shows it.
        failed: an unexpected exception, for the frame's report dialog.
    """

    changed = Signal(object)
    job_event = Signal(str, object)
    message = Signal(str, str, str)
    failed = Signal(object)
    _delivered = Signal(object)

    def __init__(self, project: Project, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = ThreadPoolExecutor(3, thread_name_prefix="bridge")
        self._closed = False
        self._delivered.connect(self._call, Qt.ConnectionType.QueuedConnection)
        self._ends = [project.store.listen(self._on_store_changed)]
        if not project.store.read_only:
            self._ends.append(project.jobs.watch(self._on_job_event))

    def run(
        self,
        work: Callable[[], T],
        on_done: Callable[[T], object] | None = None,
        on_error: Callable[[DsbsError], object] | None = None,
        owner: QObject | None = None,
    ) -> None:
        """Do ``work`` in a background thread, then call back on the window's thread.

        Args:
            on_error: gets a ``DsbsError``; without it the frame shows the message. A bug goes to ``failed``.
            owner: nothing is called back once this object is gone.
        """
        if self._closed:  # an answer that was on its way may make its page ask again
            return
        self._pool.submit(self._work, work, on_done, on_error, owner)

    def close(self) -> None:
        """Stop announcing; what runs in the background is finished and its answers are dropped."""
        self._closed = True
        for end in self._ends:
            end()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _work(
        self,
        work: Callable[[], Any],
        on_done: Callable[[Any], object] | None,
        on_error: Callable[[DsbsError], object] | None,
        owner: QObject | None,
    ) -> None:
        try:
            result = work()
        except Exception as error:
            understood = known(error)
            if understood is not None:
                self._deliver(owner, partial(on_error or self.show_error, understood))
                return
            log.exception("background work failed")
            self._deliver(None, partial(self.failed.emit, error))
        else:
            if on_done is not None:
                self._deliver(owner, partial(on_done, result))

    def _deliver(self, owner: QObject | None, call: Callable[[], object]) -> None:
        if shiboken6.isValid(self):
            self._delivered.emit((owner, call))

    def show_error(self, error: DsbsError) -> None:
        """Put an error into the frame's message bar. Window's thread only."""
        self.message.emit("bad", error.message, error.hint)

    def _call(self, delivery: tuple[QObject | None, Callable[[], object]]) -> None:
        owner, call = delivery
        if owner is None or shiboken6.isValid(owner):
            call()

    def _on_store_changed(self, changes: Changes) -> None:
        if shiboken6.isValid(self):
            self.changed.emit(changes)

    def _on_job_event(self, run_id: str, event: Event) -> None:
        if shiboken6.isValid(self):
            self.job_event.emit(run_id, event)
