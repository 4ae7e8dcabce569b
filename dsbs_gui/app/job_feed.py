"""Runs of the open project, from the store to the job strip, and the wishes of the strip back to the jobs."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from dsbs_gui.app import job_views
from dsbs_gui.app.pages import PASSING_KINDS
from dsbs_gui.core.protocol import Event, Progress
from dsbs_gui.core.rates import Rate
from dsbs_gui.core.store import runs
from dsbs_gui.core.store.changes import Changes
from dsbs_gui.core.store.runs import Run
from dsbs_gui.kit.bridge import Bridge
from dsbs_gui.kit.job_strip import JobStrip

if TYPE_CHECKING:
    from dsbs_gui.core.project import Project

_SETTLE_MS = 100
_TICK_MS = 1_000


class JobFeed(QObject):
    """One an open project.

    Signals:
        updated: the list of runs was read anew.
        ended(Run): a run that was seen alive has ended, in whatever way.
    """

    updated = Signal()
    ended = Signal(object)

    def __init__(self, project: Project, bridge: Bridge, strip: JobStrip, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.runs: list[Run] = []
        self._project, self._bridge, self._strip = project, bridge, strip
        self._rates: dict[str, Rate] = {}
        self._alive: set[str] = set()
        self._trouble = ""
        self._reading = self._again = False
        self._settle = QTimer(self, singleShot=True, interval=_SETTLE_MS)
        self._settle.timeout.connect(self._read)
        self._tick = QTimer(self, interval=_TICK_MS)
        self._tick.timeout.connect(self._show)
        bridge.changed.connect(self._on_changed)
        bridge.job_event.connect(self._on_job_event)
        strip.pause_asked.connect(self._on_pause_asked)
        strip.resume_asked.connect(self._on_resume_asked)
        strip.stop_asked.connect(self._on_stop_asked)
        strip.move_asked.connect(self._on_move_asked)
        self._read()

    def live(self) -> list[Run]:
        """Runs that work or wait."""
        return [run for run in self.runs if run.live]

    def find(self, run_id: str) -> Run | None:
        """A run by its id, as last read."""
        return next((run for run in self.runs if run.id == run_id), None)

    def close(self) -> None:
        """Let go of the strip, which outlives the project."""
        self._tick.stop()
        self._settle.stop()
        for signal, slot in (
            (self._strip.pause_asked, self._on_pause_asked),
            (self._strip.resume_asked, self._on_resume_asked),
            (self._strip.stop_asked, self._on_stop_asked),
            (self._strip.move_asked, self._on_move_asked),
        ):
            signal.disconnect(slot)
        self._strip.set_jobs(())

    def stop(self, run_id: str) -> None:
        """Ask a run to end; a queued one leaves the queue."""
        self._wish(lambda: self._project.jobs.stop(run_id))

    def pause(self, run_id: str) -> None:
        """Let a run wait where it is."""
        self._wish(lambda: self._project.jobs.pause(run_id))

    def resume(self, run_id: str) -> None:
        """Let a paused run go on."""
        self._wish(lambda: self._project.jobs.resume(run_id))

    def go_on(self, run: Run) -> None:
        """Start a new run that goes on where an ended one stopped."""
        from dsbs_gui.app.resuming import resumed

        self._wish(lambda: self._project.jobs.submit(resumed(self._project, run)))

    # -- from the project ---------------------------------------------------------------------

    def _on_changed(self, changes: Changes) -> None:
        if changes.touches("runs") and not self._settle.isActive():
            self._settle.start()

    def _on_job_event(self, run_id: str, event: Event) -> None:
        if isinstance(event.message, Progress):
            rate = self._rates.setdefault(run_id, Rate())
            rate.note(event.t, event.message.phase, event.message.done)

    def _read(self) -> None:
        if self._reading:
            self._again = True
            return
        self._reading = True
        self._bridge.run(lambda: runs.all_runs(self._project.store.reader), self._on_read, owner=self)

    def _on_read(self, all_runs: list[Run]) -> None:
        self._reading = False
        self.runs = [run for run in all_runs if run.kind not in PASSING_KINDS]
        ended = [run for run in self.runs if run.id in self._alive and not run.live]
        self._alive = {run.id for run in self.runs if run.live}
        for run in self.runs:
            if run.state == "paused" and run.id in self._rates:
                self._rates[run.id].forget()
        self._rates = {key: rate for key, rate in self._rates.items() if key in self._alive}
        self._show()
        self.updated.emit()
        for run in ended:
            self.ended.emit(run)
        if self._again:
            self._again = False
            self._settle.start()

    def _show(self) -> None:
        """Also once a second while something runs: a pace and a time left grow old."""
        self._strip.set_jobs(job_views.views(self.runs, self._rates, time.time()))
        self._tell_trouble()
        if self._alive and not self._tick.isActive():
            self._tick.start()
        elif not self._alive:
            self._tick.stop()

    def _tell_trouble(self) -> None:
        """Say once why nothing that jobs do can be stored, and that it is over."""
        trouble = None if self._project.store.read_only else self._project.jobs.trouble
        text = str(trouble or "")
        if text == self._trouble:
            return
        self._trouble = text
        if trouble is not None:
            self._bridge.message.emit("bad", trouble.message, trouble.hint)
        else:
            self._bridge.message.emit("good", "What the jobs do is stored again.", "")

    # -- from the strip -----------------------------------------------------------------------

    def _on_pause_asked(self, run_id: str) -> None:
        self.pause(run_id)

    def _on_resume_asked(self, run_id: str) -> None:
        self.resume(run_id)

    def _on_stop_asked(self, run_id: str) -> None:
        self.stop(run_id)

    def _on_move_asked(self, run_id: str, step: int) -> None:
        self._wish(lambda: self._project.store.write_now(lambda tx: runs.shift(tx, run_id, step)))

    def _wish(self, act: Callable[[], object]) -> None:
        self._bridge.run(act, None)
