"""The owner's side of all jobs: queue, start, follow, stop, recover.

One thread looks at the run folders a few times a second and hands what is new to the store, each
event once: live view, re-attaching after a crash and reading a finished run are the same code.
"""

from __future__ import annotations

import subprocess
import threading
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import CancelledError
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import structlog

from dsbs_gui.core.errors import DsbsError, ResourceError, UserError
from dsbs_gui.core.protocol import Event, Failed, Finished, Progress, Started, Warned
from dsbs_gui.core.store import runs
from dsbs_gui.core.store.database import Store, Transaction
from dsbs_gui.core.store.runs import Run

from . import process
from .folder import RunFolder
from .request import JobRequest
from .tail import Tail

log = structlog.get_logger("jobs")

Intake = Callable[[Transaction, Run, Event], None]
Watcher = Callable[[str, Event], None]
CAPACITY = {"gpu": 1, "network": 3, "disk": 1}


@dataclass
class _Followed:
    """A run whose worker runs, or whose last events are still to be read."""

    run_id: str
    folder: RunFolder
    tail: Tail
    child: subprocess.Popen[bytes] | None
    started: float = field(default_factory=time.monotonic)
    stop_asked: float | None = None
    term_sent: bool = False
    said_last: bool = False


class Jobs:
    """Runs jobs of one project. Public methods may be called from any thread.

    Args:
        intakes: kind of run → what the owner stores of its events.
        stop_grace_s: after *stop* a worker has this long before SIGTERM, and as long again before SIGKILL.
        start_grace_s: a worker that has not written ``state.json`` by then is taken for dead.
        command: starts a worker; the run's folder is appended.
    """

    def __init__(
        self,
        store: Store,
        runs_folder: Path,
        intakes: Mapping[str, Intake],
        *,
        interval_s: float = 0.25,
        stop_grace_s: float = 30.0,
        start_grace_s: float = 20.0,
        command: Sequence[str] = process.WORKER,
    ) -> None:
        self._store = store
        self._runs_folder = runs_folder
        self._intakes = dict(intakes)
        self._interval_s = interval_s
        self._stop_grace_s = stop_grace_s
        self._start_grace_s = start_grace_s
        self._command = tuple(command)
        self._followed: dict[str, _Followed] = {}
        self._secrets: dict[str, Mapping[str, str]] = {}
        self._own: set[str] = set()
        self._run_whole_queue = True
        self._watchers: list[Watcher] = []
        self._lock = threading.RLock()
        self._ended = threading.Condition()
        self._wake = threading.Event()
        self._closing = False
        self._thread: threading.Thread | None = None
        self.trouble: ResourceError | None = None

    # -- life ---------------------------------------------------------------------------------

    def begin(self, *, run_whole_queue: bool = True) -> None:
        """Re-attach what lives, settle what died, and start following.

        Args:
            run_whole_queue: also start jobs that an earlier owner left queued (the window does).
        """
        self._run_whole_queue = run_whole_queue
        for run in runs.all_runs(self._store.reader, states=("running", "paused", "stopping")):
            folder = self.folder(run.id)
            self._followed[run.id] = _Followed(run.id, folder, Tail(folder.events), None)
        self._thread = threading.Thread(target=self._loop, name="jobs", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop following. Workers go on; the next owner finds them."""
        self._closing = True
        self._wake.set()
        if self._thread is not None:
            self._thread.join()
        for followed in self._followed.values():
            if followed.child is not None and followed.child.poll() is None:
                followed.child.returncode = 0  # it outlives us on purpose; Popen must not warn of it
        with self._ended:
            self._ended.notify_all()

    def watch(self, watcher: Watcher) -> Callable[[], None]:
        """Call ``watcher(run_id, event)`` on the jobs' thread after an event is stored; returns how to end it."""
        self._watchers.append(watcher)
        return lambda: self._watchers.remove(watcher) if watcher in self._watchers else None

    # -- wishes -------------------------------------------------------------------------------

    def folder(self, run_id: str) -> RunFolder:
        return RunFolder(self._runs_folder / run_id)

    def submit(self, request: JobRequest) -> Run:
        """Queue a job. Raises ResourceError if its input cannot be written."""
        run = self._store.write_now(
            lambda tx: runs.add(
                tx,
                kind=request.kind,
                title=request.title,
                lane=request.lane,
                spec=request.spec.to_json(),
                context=request.context,
            )
        )
        try:
            self.folder(run.id).make(request.kind, request.spec.to_json(), request.inputs)
        except OSError as error:
            reason = f"The input of the job could not be written: {error.strerror or error}."
            hint = "Free some space or choose another disk, then start it again."
            self._store.write_now(lambda tx: runs.set_state(tx, run.id, "failed", reason=reason, hint=hint))
            raise ResourceError(reason, hint) from error
        with self._lock:
            self._own.add(run.id)
            self._secrets[run.id] = request.secrets
        self._wake.set()
        return run

    def stop(self, run_id: str) -> None:
        """Ask a run to end at its next unit of work; a queued one is taken out of the queue."""
        run = runs.get(self._store.reader, run_id)
        if run.state == "queued":
            self._store.write_now(
                lambda tx: runs.set_state(tx, run_id, "stopped", reason="Taken out of the queue before it began.")
            )
            self._tell_ended()
        elif run.live:
            self.folder(run_id).ask("stop")
            self._store.write_now(lambda tx: runs.set_state(tx, run_id, "stopping"))
        self._wake.set()

    def pause(self, run_id: str) -> None:
        self.folder(run_id).ask("pause")
        self._store.write_now(lambda tx: runs.set_state(tx, run_id, "paused"))

    def resume(self, run_id: str) -> None:
        self.folder(run_id).unask("pause")
        self._store.write_now(lambda tx: runs.set_state(tx, run_id, "running"))

    def wait(self, run_id: str, timeout_s: float | None = None) -> Run:
        """Block until the run has ended. Raises TimeoutError."""
        deadline = None if timeout_s is None else time.monotonic() + timeout_s
        with self._ended:
            while True:
                run = runs.get(self._store.reader, run_id)
                if not run.live or self._closing:
                    return run
                if deadline is not None and time.monotonic() > deadline:
                    raise TimeoutError(f"{run_id} is still {run.state}")
                self._ended.wait(0.2)

    # -- the thread ---------------------------------------------------------------------------

    def _loop(self) -> None:
        while not self._closing:
            try:
                self._look()
                self.trouble = None
            except (ResourceError, OSError) as error:  # a full disk: nothing is lost, look again later
                self._note_trouble(error)
                self._wake.wait(2.0)
            except (RuntimeError, CancelledError):
                if not self._closing:
                    raise
            self._wake.wait(self._interval_s)
            self._wake.clear()

    def _note_trouble(self, error: Exception) -> None:
        log.warning("cannot store what jobs say", error=str(error))
        known = error if isinstance(error, ResourceError) else ResourceError(str(error), "Trying again.")
        self.trouble = known

    def _look(self) -> None:
        for followed in list(self._followed.values()):
            self._follow(followed)
        for lane, room in CAPACITY.items():
            self._start_next(lane, room)

    def _start_next(self, lane: str, room: int) -> None:
        busy = sum(1 for run_id in self._followed if runs.get(self._store.reader, run_id).lane == lane)
        for run in runs.queue(self._store.reader, lane):
            folder = self.folder(run.id)
            if busy < room and folder.spec.exists() and (self._run_whole_queue or run.id in self._own):
                self._start(run, folder)
                busy += 1

    def _start(self, run: Run, folder: RunFolder) -> None:
        try:
            child = process.launch(folder, self._secrets.pop(run.id, {}), self._command)
        except OSError as error:
            reason = f"The worker could not be started: {error.strerror or error}."
            self._end(run.id, "failed", reason, "Check memory and disk, then start it again.")
            return
        self._followed[run.id] = _Followed(run.id, folder, Tail(folder.events), child)
        self._store.write_now(lambda tx: runs.set_state(tx, run.id, "running"))

    def _follow(self, followed: _Followed) -> None:
        gone = self._is_gone(followed)  # asked before reading: what is read after is all there is
        while not followed.said_last and (events := followed.tail.read()):
            self._take(followed, events)
        if gone:
            if not followed.said_last:
                self._settle(followed)
            del self._followed[followed.run_id]
        elif followed.said_last or followed.folder.asked("stop"):
            self._escalate(followed)  # also a worker that does not go after its last word holds the lane

    def _is_gone(self, followed: _Followed) -> bool:
        if followed.child is not None:
            return followed.child.poll() is not None
        state = followed.folder.read_state()
        if not state:  # its owner died in the moment of starting it
            return time.monotonic() - followed.started > self._start_grace_s
        return not process.alive(state)

    def _take(self, followed: _Followed, events: list[Event]) -> None:
        fresh: list[Event] = []

        def store(tx: Transaction) -> None:
            fresh.clear()
            run = runs.get(tx, followed.run_id)
            last = run.last_seq
            for event in events:
                if event.seq > last:
                    if event.seq > last + 1:
                        runs.warn(tx, run.id, f"{event.seq - last - 1} messages of the worker were lost.")
                    self._take_one(tx, run, event)
                    last = event.seq
                    fresh.append(event)
            _store_progress(tx, run.id, fresh)
            runs.set_last_seq(tx, run.id, last)

        try:
            self._store.write_now(store)
        except DsbsError as error:
            if isinstance(error, ResourceError):
                followed.tail.offset = 0  # nothing was taken: read it all again, (run, seq) sorts it out
                raise
            self._give_up(followed, error.message, error.hint, "")
        except (RuntimeError, CancelledError):
            raise
        except Exception as error:
            log.exception("an intake failed", run=followed.run_id)
            self._give_up(followed, f"A result could not be stored: {error}.", "", traceback.format_exc())
        for event in fresh:
            for watcher in tuple(self._watchers):
                watcher(followed.run_id, event)
            followed.said_last = followed.said_last or isinstance(event.message, Finished | Failed)
        if followed.said_last:
            self._tell_ended()

    def _take_one(self, tx: Transaction, run: Run, event: Event) -> None:
        message = event.message
        if isinstance(message, Started) and run.state == "queued":
            runs.set_state(tx, run.id, "running")
        elif isinstance(message, Warned):
            runs.warn(tx, run.id, message.text, message.hint)
        elif isinstance(message, Failed):
            runs.set_summary(tx, run.id, {"error": message.kind})
            runs.set_state(tx, run.id, "failed", reason=message.message, hint=message.hint, report=message.report)
        elif isinstance(message, Finished):
            runs.set_summary(tx, run.id, message.summary)
            runs.set_state(tx, run.id, message.status)
        if (intake := self._intakes.get(run.kind)) is not None:
            intake(tx, run, event)

    def _give_up(self, followed: _Followed, reason: str, hint: str, report: str) -> None:
        """The owner cannot take a run's results: the worker is stopped, its events stay on disk."""
        followed.folder.ask("stop")
        followed.said_last = True
        self._end(followed.run_id, "failed", reason, hint or "What the worker said is kept in events.jsonl.", report)

    def _settle(self, followed: _Followed) -> None:
        """The worker went without a last word."""
        returncode = None if followed.child is None else followed.child.returncode
        stopped = followed.folder.asked("stop")
        reason = process.how_it_ended(returncode)
        hint = "What it had saved is kept. Resume to go on from there."
        report = followed.folder.log_tail()
        self._end(followed.run_id, "stopped" if stopped else "interrupted", reason, hint, report)

    def _end(self, run_id: str, state: str, reason: str, hint: str, report: str = "") -> None:
        self._store.write_now(lambda tx: runs.set_state(tx, run_id, state, reason=reason, hint=hint, report=report))
        self._tell_ended()

    def _escalate(self, followed: _Followed) -> None:
        now = time.monotonic()
        if followed.stop_asked is None:
            followed.stop_asked = now
        waited = now - followed.stop_asked
        pid = followed.folder.read_state().get("pid")
        if followed.child is not None:
            pid = followed.child.pid
        if not isinstance(pid, int):
            return
        if waited > 2 * self._stop_grace_s:
            process.end_session(pid, hard=True)
        elif waited > self._stop_grace_s and not followed.term_sent:
            followed.term_sent = True
            process.end_session(pid, hard=False)

    def _tell_ended(self) -> None:
        with self._ended:
            self._ended.notify_all()


def _store_progress(tx: Transaction, run_id: str, events: list[Event]) -> None:
    """Only the last progress of a batch is worth a row."""
    progress = [event.message for event in events if isinstance(event.message, Progress)]
    if progress:
        last = progress[-1]
        runs.set_progress(tx, run_id, last.phase, last.done, last.total, last.unit)


def failure_of(run: Run) -> DsbsError | None:
    """The error that an ended run stands for; None if it did its work or was stopped."""
    if run.state in ("done", "stopped") or run.live:
        return None
    cls: type[DsbsError] = UserError if run.summary.get("error") == "user" else ResourceError
    return cls(run.reason or "The job failed.", run.hint)


def tidy(summary: dict[str, Any]) -> dict[str, Any]:
    """A run's summary without what only we use."""
    return {key: value for key, value in summary.items() if key != "error"}
