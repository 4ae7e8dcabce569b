"""Following one run: taking in what its worker says, and settling it when the worker is gone.

Live view, finding a worker again after a crash of the owner, and reading a finished run are this one
code: events are read by byte offset and stored once, by run and sequence number.
"""

from __future__ import annotations

import subprocess
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import structlog

from dsbs_gui.core.errors import DsbsError, ResourceError, UserError, WorkerDied
from dsbs_gui.core.protocol import SAVING, Event, Failed, Finished, Progress, RowsRead, Started, Warned
from dsbs_gui.core.store import runs
from dsbs_gui.core.store.database import Store, Transaction
from dsbs_gui.core.store.runs import Run

from . import process
from .folder import RunFolder
from .tail import Tail

log = structlog.get_logger("jobs")

GO_ON = {
    "train": "Resume it to go on from its last checkpoint; before its first one, start it again.",
    "generate": "Resume it, or ask again in the same way: only what is missing is asked.",
    "signals": "Start it again: only what it has not checked is checked.",
    "lift": "Start it again: only what it has not measured is measured.",
    "sketch": "Ask for similar examples again: only what it has not read is read.",
}
"""Kind of run → how to go on after its worker went; the others begin again."""

Intake = Callable[[Transaction, Run, Event], None]
Watcher = Callable[[str, Event], None]


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a worker is waited for, in seconds.

    Attributes:
        start_s: one that has not written ``state.json`` by then is taken for dead.
        stop_s: after *stop* it has this long before SIGTERM, and as long again before SIGKILL; anew after a save.
        silent_s: without a sign of life for so long, the user is told.
        dead_s: without one for so long, it is ended: whoever waits for it would wait for ever.
    """

    start_s: float = 20.0
    stop_s: float = 30.0
    silent_s: float = 60.0
    dead_s: float = 600.0


class Follower:
    """A run whose worker runs, or whose last events are still to be read. Used by the jobs' thread alone."""

    def __init__(
        self,
        store: Store,
        run_id: str,
        folder: RunFolder,
        *,
        intake: Intake | None,
        tell: Watcher,
        patience: Patience,
        child: subprocess.Popen[bytes] | None = None,
    ) -> None:
        """
        Args:
            tell: called with each event after it was stored.
            child: the worker if we started it; None for one that an earlier owner started.
        """
        self.run_id = run_id
        self.ended = False
        self._store = store
        self._folder = folder
        self._tail = Tail(folder.events)
        self._intake = intake
        self._tell = tell
        self._patience = patience
        self._child = child
        self._since = time.monotonic()
        self._stop_since: float | None = None
        self._term_sent = False
        self._sign: tuple[int, int] | None = None
        self._sign_since = self._since
        self._silent = False
        self._ended_because = ""  # why we ended the worker ourselves

    def look(self) -> bool:
        """Take in what is new. Returns True once the worker's process is gone and all is read.

        Raises ResourceError when the database cannot be written: nothing was taken then, look again later.
        """
        gone = self._is_gone()  # asked before reading: what is read after is all there is
        while not self.ended and (events := self._tail.read()):
            for part in _transactions(events):
                if not self.ended:
                    self._take(part)
        if gone and not self.ended:
            self._settle()
        elif not gone and self._should_be_gone():
            self._escalate()  # also a worker that does not go after its last word: it holds the lane
        elif not gone:
            self._listen()
        return gone

    def let_go(self) -> None:
        """The owner closes; the worker goes on."""
        if self._child is not None and self._child.poll() is None:
            self._child.returncode = 0  # it outlives us on purpose; Popen must not warn of it

    def _is_gone(self) -> bool:
        if self._child is not None:
            return self._child.poll() is not None
        state = self._folder.read_state()
        if not state:  # its owner died in the moment of starting it
            return time.monotonic() - self._since > self._patience.start_s
        return not process.alive(state)

    def _take(self, events: list[Event]) -> None:
        try:
            fresh = self._store.write_now(lambda tx: self._store_fresh(tx, events))
        except ResourceError:
            self._tail.offset = 0  # nothing was taken: all is read again, the sequence numbers sort it out
            raise
        except DsbsError as error:
            self._give_up(error.message, error.hint, "")
        except Exception as error:
            if self._store.closed:
                raise
            log.exception("an intake failed", run=self.run_id)
            self._give_up(f"A result could not be stored: {error}.", "", traceback.format_exc())
        else:
            self.ended = any(isinstance(event.message, Finished | Failed) for event in fresh)
            for event in fresh:
                self._tell(self.run_id, event)

    def _store_fresh(self, tx: Transaction, events: list[Event]) -> list[Event]:
        """Store the events that are not stored yet; returns them."""
        run = runs.get(tx, self.run_id)
        last = run.last_seq
        fresh = [event for event in events if event.seq > last]
        for event in fresh:
            if event.seq > last + 1:
                runs.warn(tx, run.id, f"{event.seq - last - 1} messages of the worker were lost.")
            _store_one(tx, run, event)
            if self._intake is not None:
                self._intake(tx, run, event)
            last = event.seq
        _store_progress(tx, run.id, fresh)
        runs.set_last_seq(tx, run.id, last)
        return fresh

    def _give_up(self, reason: str, hint: str, report: str) -> None:
        """The owner cannot take a run's results: the worker is stopped, its events stay on disk."""
        self._tail.offset = 0  # should this fail too, on a full disk, all is tried again
        self._folder.ask("stop")
        self._end("failed", reason, hint or "What the worker said is kept in events.jsonl.", report)

    def _settle(self) -> None:
        """The worker went without a last word."""
        returncode = None if self._child is None else self._child.returncode
        reason = self._ended_because or process.how_it_ended(returncode)
        state = "stopped" if self._folder.asked("stop") else "interrupted"
        kind = runs.get(self._store.reader, self.run_id).kind
        hint = f"What it had saved is kept. {GO_ON.get(kind, 'Start it again.')}"
        self._end(state, reason, hint, self._folder.log_tail())

    def _end(self, state: str, reason: str, hint: str, report: str) -> None:
        self._store.write_now(
            lambda tx: runs.set_state(tx, self.run_id, state, reason=reason, hint=hint, report=report)
        )
        self.ended = True

    def _listen(self) -> None:
        """Tell of a worker that hangs, and end it in the end. A full disk or a pause does not silence one."""
        now = time.monotonic()
        self._stop_since, self._term_sent, self._ended_because = None, False, ""  # patience begins anew after a save
        sign = self._folder.sign_of_life()
        if sign != self._sign:
            self._sign, self._sign_since, self._silent = sign, now, False
        elif now - self._sign_since > self._patience.dead_s and (pid := self._pid()) is not None:
            self._ended_because = f"The worker gave no sign of life for {self._patience.dead_s:g} s and was ended."
            process.end_session(pid, hard=True)
        elif now - self._sign_since > self._patience.silent_s and not self._silent:
            self._silent = True
            self._warn_of_silence()

    def _warn_of_silence(self) -> None:
        text = f"The worker has given no sign of life for {self._patience.silent_s:g} s."
        hint = f"Wait, or stop it; what it has saved is kept. After {self._patience.dead_s:g} s it is ended."

        def warn(tx: Transaction) -> int:
            run = runs.get(tx, self.run_id)
            runs.warn(tx, run.id, text, hint)
            runs.set_progress(tx, run.id, "Does not answer", run.done, run.total, run.unit)
            return run.last_seq

        self._tell(self.run_id, Event(self._store.write_now(warn), time.time(), Warned(text, hint)))

    def _should_be_gone(self) -> bool:
        """Whether the worker has said its last word, or was asked to stop and does not save."""
        return self.ended or (self._folder.asked("stop") and self._folder.read_state().get("phase") != SAVING)

    def _escalate(self) -> None:
        now = time.monotonic()
        self._stop_since = self._stop_since or now
        waited = now - self._stop_since
        pid = self._pid()
        if pid is None or waited <= self._patience.stop_s:
            return
        self._ended_because = "It did not stop in time and was ended."
        if waited > 2 * self._patience.stop_s:
            process.end_session(pid, hard=True)
        elif not self._term_sent:
            self._term_sent = True
            process.end_session(pid, hard=False)

    def _pid(self) -> int | None:
        pid = self._folder.read_state().get("pid") if self._child is None else self._child.pid
        return pid if isinstance(pid, int) else None


def _transactions(events: list[Event]) -> Iterator[list[Event]]:
    """Events that are stored together: one chunk of rows at most, so that a long backlog is no endless transaction."""
    part: list[Event] = []
    for event in events:
        part.append(event)
        if isinstance(event.message, RowsRead):
            yield part
            part = []
    if part:
        yield part


def _store_one(tx: Transaction, run: Run, event: Event) -> None:
    """What every kind of job has: its state, its warnings, its end."""
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
    if run.state == "interrupted":
        return WorkerDied(run.reason, run.hint, run.report)
    cls: type[DsbsError] = UserError if run.summary.get("error") == "user" else ResourceError
    return cls(run.reason or "The job failed.", run.hint)
