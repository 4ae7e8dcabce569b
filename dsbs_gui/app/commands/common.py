"""What the commands share: opening a project, following a job on the terminal."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from dsbs_gui.app.wiring import intakes
from dsbs_gui.core.errors import ResourceError, Stopped
from dsbs_gui.core.jobs import process
from dsbs_gui.core.jobs.follower import failure_of
from dsbs_gui.core.jobs.request import JobRequest
from dsbs_gui.core.log import redacted
from dsbs_gui.core.project import Project
from dsbs_gui.core.protocol import Event, Progress, Warned
from dsbs_gui.core.store import runs
from dsbs_gui.core.store.runs import Run

PRINT_EVERY_S = 1.0
SETTLE_S = 30.0


@contextlib.contextmanager
def opened(folder: Path) -> Iterator[Project]:
    """The project, owned while the block runs; jobs that an earlier owner left are taken up again."""
    project = Project.open(folder, intakes=intakes())
    try:
        project.jobs.begin(run_whole_queue=False)
        yield project
    finally:
        project.close()


@contextlib.contextmanager
def reading(folder: Path) -> Iterator[Project]:
    """The project for reading only, also while another program owns it."""
    project = Project.open(folder, read_only=True)
    try:
        yield project
    finally:
        project.close()


def settle(project: Project, run_id: str) -> None:
    """Wait until the end of a run is known whose worker died while nobody looked; one that lives is left alone.

    So is one in the queue, which nobody starts meanwhile.
    """
    if runs.get(project.store.reader, run_id).state == "queued":
        return
    if not process.alive(project.jobs.folder(run_id).read_state()):
        with contextlib.suppress(TimeoutError):
            project.jobs.wait(run_id, SETTLE_S)


def follow(project: Project, request: JobRequest) -> Run:
    """Run a job and show its progress on standard error.

    Ctrl+C stops it at its next unit of work; a second one leaves it to itself.

    Raises:
        UserError, ResourceError: as the job failed; WorkerDied if its process went.
        Stopped: if somebody stopped it before it had done anything.
    """
    terminal = _Terminal()
    unwatch = project.jobs.watch(terminal.show)
    run = project.jobs.submit(request)
    terminal.run_id = run.id
    try:
        run = _ended(project, run.id, terminal)
    except KeyboardInterrupt:
        print("\nStopping; press Ctrl+C again to leave it running.", file=sys.stderr)
        project.jobs.stop(run.id)
        run = _ended(project, run.id, terminal)
    finally:
        unwatch()
        terminal.end()
    error = failure_of(run)
    if error is not None:
        if run.report:  # the traceback of a fault of ours, or what the libraries said before the worker died
            print(redacted(run.report.rstrip()), file=sys.stderr)
        raise error
    if run.state == "stopped" and not run.summary:
        raise Stopped
    return run


def _ended(project: Project, run_id: str, terminal: _Terminal) -> Run:
    """The run once it has ended; says why if that takes long because nothing can be stored."""
    while True:
        try:
            return project.jobs.wait(run_id, PRINT_EVERY_S)
        except TimeoutError:
            terminal.tell(project.jobs.trouble)


class _Terminal:
    """One line that is rewritten on a terminal; a line a second elsewhere."""

    def __init__(self) -> None:
        self.run_id = ""
        self._last = 0.0
        self._rewrites = sys.stderr.isatty()
        self._dirty = False
        self._told = ""

    def tell(self, trouble: ResourceError | None) -> None:
        """Say once what keeps jobs from going on, and that it is over."""
        text = str(trouble or "")
        if text != self._told:
            self.end()
            print(text or "It goes on.", file=sys.stderr, flush=True)
            self._told = text

    def show(self, run_id: str, event: Event) -> None:
        if run_id != self.run_id:
            return
        if isinstance(event.message, Warned):
            self.end()
            print(f"Note: {event.message.text} {event.message.hint}".rstrip(), file=sys.stderr)
        if not isinstance(event.message, Progress) or time.monotonic() - self._last < PRINT_EVERY_S:
            return
        self._last = time.monotonic()
        line = progress_line(event.message)
        print(
            f"\r\033[K{line}" if self._rewrites else line,
            end="" if self._rewrites else "\n",
            file=sys.stderr,
            flush=True,
        )
        self._dirty = self._rewrites

    def end(self) -> None:
        if self._dirty:
            print(file=sys.stderr)
            self._dirty = False


def progress_line(progress: Progress) -> str:
    """`Reading: 40 of 60 rows, 1 rejected`; the phase alone while nothing is counted."""
    of = f" of {progress.total}" if progress.total is not None else ""
    counted = f"{progress.done}{of} {progress.unit}".rstrip() if progress.done or of else ""
    said = ", ".join(part for part in (counted, progress.detail) if part)
    return f"{progress.phase}: {said}" if said else progress.phase
