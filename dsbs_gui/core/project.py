"""A project on disk: folder, lock, store and jobs, opened and closed together."""

from __future__ import annotations

import contextlib
import os
import socket
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Self

import filelock

from . import backups
from .errors import DsbsError, ResourceError, UserError
from .failures import known
from .files import read_json, write_json
from .jobs import trash
from .jobs.follower import Intake
from .jobs.supervisor import Jobs
from .store import project_info, runs
from .store.database import Store, Transaction
from .tasks import Task, task_named

DATABASE = "project.db"
LOCK = ".lock"
OWNER = ".owner.json"
FOLDERS = ("runs", "exports", "backups")


class ProjectInUse(UserError):
    """Another process owns the project; it may still be opened for reading."""


class Project:
    """An open project. One owner at a time may write; others may open it ``read_only``.

    Attributes:
        folder: absolute path.
        store: the database.
        jobs: None when read-only.
    """

    def __init__(
        self, folder: Path, store: Store, lock: filelock.FileLock | None, intakes: Mapping[str, Intake]
    ) -> None:
        self.folder = folder
        self.store = store
        self._lock = lock
        self._jobs = None if store.read_only else Jobs(store, folder / "runs", intakes)

    @classmethod
    def create(cls, folder: Path, task: str, name: str = "", intakes: Mapping[str, Intake] | None = None) -> Self:
        """Make a new project. Raises UserError if the folder holds one, or other files."""
        folder = _place(folder)
        task_named(task)
        if (folder / DATABASE).exists():
            raise UserError(f"There is a project at {folder} already.", "Open it, or choose another folder.")
        if folder.is_file():
            raise UserError(f"{folder} is a file.", "Choose a folder.")
        if folder.is_dir() and any(folder.iterdir()):
            raise UserError(f"The folder {folder} is not empty.", "Choose a new or an empty folder.")
        existed, lock, store = folder.exists(), None, None

        def describe(tx: Transaction) -> None:
            for key, value in {"name": name or folder.name, "task": task, "created": time.time()}.items():
                project_info.put(tx, key, value)

        try:
            _make_folders(folder)
            lock = _lock(folder)
            store = Store.create(folder / DATABASE)
            store.write_now(describe)
        except ProjectInUse:  # somebody makes one there in the same moment: it is theirs
            raise
        except BaseException:
            if store is not None:
                store.close()
            if lock is not None:
                lock.release()
                _remove_files(folder)
            _remove_folders(folder, existed)
            raise
        return cls(folder, store, lock, intakes or {})

    @classmethod
    def open(cls, folder: Path, *, read_only: bool = False, intakes: Mapping[str, Intake] | None = None) -> Self:
        """Open a project. Raises UserError if there is none, it is newer than we, or open elsewhere."""
        folder = _place(folder)
        if folder.name == DATABASE:
            folder = folder.parent
        if not (folder / DATABASE).is_file():
            raise UserError(f"There is no project at {folder}.", f"Make one with “dsbs new {folder.name}”.")
        lock = None if read_only else _lock(folder)
        try:
            store = Store(folder / DATABASE, read_only=read_only)
            _refuse_foreign_places(store)
            project = cls(folder, store, lock, intakes or {})
            if not read_only:
                project.back_up_if_due("opened")
            return project
        except BaseException:
            if lock is not None:
                lock.release()
            raise

    @property
    def jobs(self) -> Jobs:
        if self._jobs is None:
            raise UserError("The project is open for reading only.", "Close it elsewhere, then open it again.")
        return self._jobs

    @property
    def name(self) -> str:
        return str(project_info.get(self.store.reader, "name", self.folder.name))

    @property
    def task(self) -> Task:
        return task_named(str(project_info.get(self.store.reader, "task", "text")))

    def run_folder(self, run_id: str) -> Path:
        return self.folder / "runs" / run_id

    def back_up(self, reason: str) -> Path:
        """A copy of the database in ``backups/``; older ones are thinned."""
        return backups.make(self.store, self.folder / "backups", reason)

    def back_up_if_due(self, reason: str) -> Path | None:
        """The same, if something has changed since the last one and that is some time ago. Any thread."""
        return backups.make_if_due(self.store, self.folder / "backups", reason)

    def close(self) -> None:
        """Let go of everything. Workers that run go on."""
        if self._jobs is not None:
            self._jobs.close()
            if not self.store.closed:  # it may be closed twice
                with contextlib.suppress(DsbsError):  # a full disk must not keep it open: the next time will do
                    trash.empty(self.store, self.folder / "runs")
                    trash.drop_inputs(self.store, self.folder / "runs")
                    trash.drop_checkpoints(self.store, self.folder / "runs")
        self.store.close()
        if self._lock is not None:
            with contextlib.suppress(OSError):
                (self.folder / OWNER).unlink(missing_ok=True)
            self._lock.release()
            self._lock = None


def _place(folder: Path) -> Path:
    """An absolute path. SQLite and JSON hold paths as text, so a name that is no text is refused at once."""
    folder = folder.expanduser().absolute()
    try:
        str(folder).encode("utf-8")
    except UnicodeEncodeError:
        raise UserError(
            f"The name of the folder {str(folder)!a} holds bytes that are no text.", "Rename it, or choose another."
        ) from None
    return folder


def _refuse_foreign_places(store: Store) -> None:
    """A project may come from anybody: its runs must not make us write or read outside of its folder."""
    name = runs.misnamed(store.reader)
    if name is not None:
        store.close()
        raise UserError(
            f"{store.path.parent} names a run “{name[:80]}”, which leads out of the project’s folder.",
            "Do not open it: no program of ours wrote that.",
        )


def _kind(error: OSError) -> type[DsbsError]:
    """Whose fault it is: the user's where a place may not be written, as everywhere; the machine's on a full disk."""
    found = known(error)
    return type(found) if found is not None else ResourceError


def _make_folders(folder: Path) -> None:
    try:
        for part in FOLDERS:
            (folder / part).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        message, hint = f"The folder {folder} cannot be made: {error.strerror}.", "Choose a place that you can write."
        raise _kind(error)(message, hint) from error


def _remove_files(folder: Path) -> None:
    """Take a half-made project away: it would be in the way when the same is tried again."""
    for name in (DATABASE, f"{DATABASE}-wal", f"{DATABASE}-shm", f"{DATABASE}-journal", OWNER, LOCK):
        with contextlib.suppress(OSError):
            (folder / name).unlink(missing_ok=True)


def _remove_folders(folder: Path, existed: bool) -> None:
    """Empty ones only; ``folder`` itself too unless it ``existed`` before."""
    for place in (*(folder / part for part in FOLDERS), *(() if existed else (folder,))):
        with contextlib.suppress(OSError):
            place.rmdir()


def _lock(folder: Path) -> filelock.FileLock:
    """Become the owner. The lock goes with the process, so a killed owner leaves none behind."""
    # Opened on a background thread, closed on the window's: the lock must not be bound to a thread.
    lock = filelock.FileLock(folder / LOCK, thread_local=False)
    try:
        lock.acquire(timeout=0)
    except filelock.Timeout:
        holder = read_json(folder / OWNER) or {}
        who = f" (process {holder['pid']} on {holder['host']})" if {"pid", "host"} <= set(holder) else ""
        raise ProjectInUse(
            f"The project {folder.name} is open in another window or command{who}.",
            "Close it there, or wait until it has finished.",
        ) from None
    except OSError as error:
        message = f"The project {folder} cannot be locked: {error.strerror}."
        raise _kind(error)(message, "Copy it to a place that you can write.") from error
    with contextlib.suppress(OSError):  # it only tells others who we are: a full disk must not keep us out
        write_json(
            folder / OWNER,
            {"pid": os.getpid(), "host": socket.gethostname(), "since": time.time()},
            durable=False,
        )
    return lock
