"""The owner's side of all jobs: queue, start, follow, stop, recover.

One thread looks at the run folders a few times a second; ``follower`` takes in what is new.
"""

from __future__ import annotations

import contextlib
import shutil
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import structlog

from dsbs_gui.core.errors import ResourceError
from dsbs_gui.core.protocol import Event
from dsbs_gui.core.store import runs
from dsbs_gui.core.store.database import Store, Transaction
from dsbs_gui.core.store.runs import Run

from . import process
from .folder import RunFolder
from .follower import Follower, Intake, Patience, Watcher
from .request import JobRequest

log = structlog.get_logger("jobs")

CAPACITY = {"gpu": 1, "network": 3, "disk": 1}
RETRY_S = 2.0
LEAST_BYTES = 64 * 1024


class Jobs:
    """Runs jobs of one project. Public methods may be called from any thread.

    Args:
        intakes: kind of run → what the owner stores of its events.
        interval_s: between two looks.
        command: starts a worker; the run's folder is appended.

    Attributes:
        trouble: why what the workers say cannot be stored at the moment; None if it can.
    """

    def __init__(
        self,
        store: Store,
        runs_folder: Path,
        intakes: Mapping[str, Intake],
        *,
        interval_s: float = 0.25,
        patience: Patience = Patience(),  # noqa: B008  # frozen
        command: Sequence[str] = process.WORKER,
    ) -> None:
        self._store = store
        self._runs_folder = runs_folder
        self._intakes = dict(intakes)
        self._interval_s = interval_s
        self._patience = patience
        self._command = tuple(command)
        self._followers: dict[str, Follower] = {}
        self._secrets: dict[str, Mapping[str, str]] = {}
        self._own: set[str] = set()
        self._run_whole_queue = True
        self._watchers: list[Watcher] = []
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
            self._follow(run)
        for run in runs.all_runs(self._store.reader, states=("queued",)):
            if not self.folder(run.id).spec.exists():
                self._give_up_unwritten(run)
        self._thread = threading.Thread(target=self._loop, name="jobs", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop following. Workers go on; the next owner finds them."""
        self._closing = True
        self._wake.set()
        if self._thread is not None:
            self._thread.join()
        for follower in self._followers.values():
            follower.let_go()
        self._tell_ended()

    def watch(self, watcher: Watcher) -> Callable[[], None]:
        """Call ``watcher(run_id, event)`` on the jobs' thread after an event is stored; returns how to end it."""
        self._watchers.append(watcher)
        return lambda: self._watchers.remove(watcher) if watcher in self._watchers else None

    # -- wishes -------------------------------------------------------------------------------

    def folder(self, run_id: str) -> RunFolder:
        return RunFolder(self._runs_folder / run_id)

    def submit(self, request: JobRequest) -> Run:
        """Queue a job.

        Raises: ResourceError if its input cannot be written, and what reading it raises; the run has failed then.
        """
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
            self._fail(run, reason, hint)
            raise ResourceError(reason, hint) from error
        except Exception as error:  # rows are read while they are written: a line of theirs may be broken
            self._fail(run, f"The input of the job could not be read: {str(error).rstrip('.')}.")
            raise
        self._secrets[run.id] = request.secrets
        self._own.add(run.id)
        self._wake.set()
        return run

    def stop(self, run_id: str) -> None:
        """Ask a run to end at its next unit of work; a queued one is taken out of the queue."""

        def want(tx: Transaction) -> None:  # what its state is, is asked where nothing can change it meanwhile
            run = runs.get(tx, run_id)
            if run.state == "queued":
                runs.set_state(tx, run_id, "stopped", reason="Taken out of the queue before it began.")
            elif run.live:
                self.folder(run_id).ask("stop")
                runs.set_state(tx, run_id, "stopping")

        self._store.write_now(want)
        self._tell_ended()
        self._wake.set()

    def pause(self, run_id: str) -> None:
        """Let a running job wait after its current unit of work."""

        def want(tx: Transaction) -> None:
            if runs.get(tx, run_id).state == "running":
                self.folder(run_id).ask("pause")
                runs.set_state(tx, run_id, "paused")

        self._store.write_now(want)

    def resume(self, run_id: str) -> None:
        """Let a paused job go on."""

        def want(tx: Transaction) -> None:
            if runs.get(tx, run_id).state == "paused":
                self.folder(run_id).unask("pause")
                runs.set_state(tx, run_id, "running")

        self._store.write_now(want)

    def hold(self, lane: str, on: bool) -> None:
        """Begin nothing new of a lane, or go on with its queue; what works is not touched."""
        self._store.write_now(lambda tx: runs.hold(tx, lane, on))
        self._wake.set()

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
            except Exception as error:  # one bad look must not end all jobs; a full disk may have room later
                if self._closing:
                    return
                self._note(error)
                self._wake.wait(RETRY_S)
            self._wake.wait(self._interval_s)
            self._wake.clear()

    def _note(self, error: Exception) -> None:
        if isinstance(error, ResourceError):
            log.warning("what jobs say cannot be stored", error=str(error))
            self.trouble = error
        else:
            log.exception("looking after jobs failed")
            self.trouble = ResourceError(f"Looking after the jobs failed: {error}.", "It is tried again.")

    def _look(self) -> None:
        faults = [fault for run_id in list(self._followers) if (fault := self._look_at(run_id)) is not None]
        full = next((fault for fault in faults if isinstance(fault, ResourceError)), None)
        if full is not None:  # what cannot be stored should not be begun
            raise full
        for lane, room in CAPACITY.items():
            self._start_next(lane, room)
        if self._followers:
            self._refuse_a_full_disk()
        if faults:
            raise faults[0]

    def _look_at(self, run_id: str) -> Exception | None:
        """Returns what went wrong with one run: the others are looked after all the same."""
        follower = self._followers[run_id]
        had_ended = follower.ended
        try:
            if follower.look():
                del self._followers[run_id]
        except Exception as error:
            return error
        if follower.ended and not had_ended:
            self._tell_ended()
        return None

    def _refuse_a_full_disk(self) -> None:
        """Workers wait on a full disk and cannot say so: there is no room to say it."""
        if shutil.disk_usage(self._runs_folder).free < LEAST_BYTES:
            raise ResourceError(
                f"The disk that holds {self._runs_folder.parent} is full: jobs wait.",
                "Nothing saved was lost. Free some space: they go on by themselves.",
            )

    def _start_next(self, lane: str, room: int) -> None:
        waiting = runs.queue(self._store.reader, lane)
        if not waiting:
            return
        # A command does what it was asked for now; holding the queue is for those who plan ahead in the window.
        held = self._run_whole_queue and runs.held(self._store.reader, lane)
        busy = sum(1 for run_id in self._followers if runs.get(self._store.reader, run_id).lane == lane)
        for run in waiting:
            if run.id in self._followers:  # started, but a full disk kept that from being written
                self._note_start(run)
                continue
            if self.folder(run.id).asked("stop"):  # by a command of another process
                self.stop(run.id)
                continue
            ready = self.folder(run.id).spec.exists() and (self._run_whole_queue or run.id in self._own)
            if ready and busy < room and not held:
                self._start(run)
                busy += 1

    def _start(self, run: Run) -> None:
        if self.folder(run.id).events.exists():  # its owner died just after it had started the worker
            self._follow(run)
            self._note_start(run)
            return
        try:
            child = process.launch(self.folder(run.id), self._secrets.pop(run.id, {}), self._command)
        except OSError as error:
            reason = f"The worker could not be started: {error.strerror or error}."
            self._fail(run, reason, "Check memory and disk, then start it again.")
            self._tell_ended()
            return
        self._follow(run, child)
        self._note_start(run)

    def _note_start(self, run: Run) -> None:
        def note(tx: Transaction) -> None:
            if runs.get(tx, run.id).state == "queued":
                runs.set_state(tx, run.id, "running")
            else:  # taken out of the queue while its worker started
                self.folder(run.id).ask("stop")
                runs.set_state(tx, run.id, "stopping")

        self._store.write_now(note)

    def _fail(self, run: Run, reason: str, hint: str = "") -> None:
        self._store.write_now(lambda tx: runs.set_state(tx, run.id, "failed", reason=reason, hint=hint))

    def _give_up_unwritten(self, run: Run) -> None:
        """An owner that was killed while it queued a job left nothing that could be started."""
        reason, hint = "The program ended before the job was written down.", "Start it again."
        with contextlib.suppress(ResourceError):  # a full disk must not keep anybody from the project
            self._store.write_now(lambda tx: runs.set_state(tx, run.id, "interrupted", reason=reason, hint=hint))

    def _follow(self, run: Run, child: process.Child | None = None) -> None:
        self._followers[run.id] = Follower(
            self._store,
            run.id,
            self.folder(run.id),
            intake=self._intakes.get(run.kind),
            tell=self._tell,
            patience=self._patience,
            child=child,
        )

    def _tell(self, run_id: str, event: Event) -> None:
        for watcher in tuple(self._watchers):
            watcher(run_id, event)

    def _tell_ended(self) -> None:
        with self._ended:
            self._ended.notify_all()


def tidy(summary: Mapping[str, Any]) -> dict[str, Any]:
    """A run's summary without what only we use."""
    return {key: value for key, value in summary.items() if key != "error"}
