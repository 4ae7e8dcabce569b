"""The store: saved means committed, one announcement a commit, faults roll back."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from dsbs_gui.core.errors import ResourceError, UserError
from dsbs_gui.core.store import project_info
from dsbs_gui.core.store.changes import Changes
from dsbs_gui.core.store.database import Store, Transaction


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store.create(tmp_path / "project.db")
    yield store
    store.close()


def test_a_write_is_done_only_after_its_commit_and_announced_once(store: Store, tmp_path: Path) -> None:
    heard: list[Changes] = []
    end = store.listen(heard.append)
    store.write_now(lambda tx: project_info.put(tx, "a", [1, "x"]))
    other = Store(tmp_path / "project.db", read_only=True)
    assert project_info.get(other.reader, "a") == [1, "x"]
    other.close()
    assert [c.by_noun for c in heard] == [{"project": frozenset({"*"})}]
    end()
    store.write_now(lambda tx: project_info.put(tx, "a", 2))
    assert len(heard) == 1


def test_an_exception_rolls_everything_back_and_is_the_callers(store: Store) -> None:
    heard: list[Changes] = []
    store.listen(heard.append)

    def half(tx: Transaction) -> None:
        project_info.put(tx, "a", 1)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        store.write_now(half)
    assert project_info.get(store.reader, "a") is None
    assert heard == []
    store.write_now(lambda tx: project_info.put(tx, "a", 2))
    assert project_info.get(store.reader, "a") == 2


def test_many_threads_write_and_read_at_once(store: Store) -> None:
    def work(name: str) -> None:
        for i in range(50):
            store.write_now(lambda tx, i=i: project_info.put(tx, f"{name}{i}", i))  # type: ignore[misc]
            assert project_info.get(store.reader, f"{name}{i}") == i

    threads = [threading.Thread(target=work, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store.reader.execute("SELECT count(*) FROM project").fetchone()[0] == 200


def test_too_many_ids_are_announced_as_all(store: Store) -> None:
    heard: list[Changes] = []
    store.listen(heard.append)
    store.write_now(lambda tx: tx.touch("examples", range(6_000)))
    store.write_now(lambda tx: tx.touch("examples", [4, 5]))
    assert heard[0].is_all("examples")
    assert heard[1].ids("examples") == {4, 5}


def test_a_database_that_is_absent_is_told(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no project"):
        Store(tmp_path / "project.db")


FULL_DISK = """
import resource, signal, sys
from pathlib import Path
sys.path.insert(0, {root!r})
from dsbs_gui.core.errors import ResourceError
from dsbs_gui.core.store import project_info
from dsbs_gui.core.store.database import Store
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
store = Store(Path({path!r}))
store.write_now(lambda tx: project_info.put(tx, "kept", 1))
resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, resource.RLIM_INFINITY))
try:
    store.write_now(lambda tx: project_info.put(tx, "big", "x" * 3_000_000))
except ResourceError as error:
    print(error)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
store.write_now(lambda tx: project_info.put(tx, "after", 2))
store.close()
"""


def test_a_full_disk_is_told_and_nothing_saved_is_lost(store: Store, tmp_path: Path) -> None:
    """The limit on file size stands for a full disk; it gives SQLITE_IOERR, or SQLITE_FULL."""
    store.close()
    path = str(tmp_path / "project.db")
    script = FULL_DISK.format(root=os.getcwd(), path=path)
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True)
    assert "Nothing saved was lost" in done.stdout, done.stderr
    again = Store(Path(path))
    values = {key: project_info.get(again.reader, key) for key in ("kept", "big", "after")}
    again.close()
    assert values == {"kept": 1, "big": None, "after": 2}
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] == resource.RLIM_INFINITY


KILLED = """
import os, sys
from pathlib import Path
sys.path.insert(0, {root!r})
from dsbs_gui.core.store import project_info
from dsbs_gui.core.store.database import Store
store = Store(Path({path!r}))
for i in range(100_000):
    store.write_now(lambda tx: project_info.put(tx, str(i), i))
    os.write(1, b"%d\\n" % i)
"""


def test_what_was_said_to_be_saved_survives_kill_9(store: Store, tmp_path: Path) -> None:
    store.close()
    path = str(tmp_path / "project.db")
    for wanted in (1, 20, 75):
        script = KILLED.format(root=os.getcwd(), path=path)
        with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as writer:
            assert writer.stdout is not None
            acknowledged = [int(writer.stdout.readline()) for _ in range(wanted)]
            writer.kill()
            acknowledged += [int(line) for line in writer.stdout.read().splitlines()]
        again = Store(Path(path))
        assert all(project_info.get(again.reader, str(i)) == i for i in acknowledged)
        assert again.reader.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        again.close()


def test_read_only_media_can_be_read(store: Store, tmp_path: Path) -> None:
    store.write_now(lambda tx: project_info.put(tx, "a", 1))
    store.close()
    (tmp_path / "project.db").chmod(0o444)
    reading = Store(tmp_path / "project.db", read_only=True)
    assert project_info.get(reading.reader, "a") == 1
    with pytest.raises(UserError, match="reading only"):
        reading.write(lambda tx: None)
    reading.close()


def test_errors_of_sqlite_become_ours(store: Store) -> None:
    from dsbs_gui.core.store.connection import sqlite3, translated

    error = sqlite3.OperationalError("database or disk is full")
    with pytest.raises(ResourceError, match="full"), translated(store.path):
        raise error
    with pytest.raises(sqlite3.IntegrityError), translated(store.path):
        raise sqlite3.IntegrityError("a bug of ours stays a bug")
