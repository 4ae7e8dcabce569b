"""What is committed gets into the database file without the writer's doing, and a copy without it is whole too."""

from __future__ import annotations

import contextlib
import shutil
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from dsbs_gui.core.store import checkpoints, examples, project_info
from dsbs_gui.core.store.connection import connect, sqlite3
from dsbs_gui.core.store.database import Store

from .filling import add_examples

if TYPE_CHECKING:
    from collections.abc import Iterator

PATIENCE_S = 30
LONG = 200_000


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    monkeypatch.setattr(checkpoints, "_GATHER_SECONDS", 0.01)
    made = Store.create(tmp_path / "project.db")
    yield made
    made.close()


def log(store: Store) -> Path:
    return store.path.with_name(store.path.name + "-wal")


def alone(store: Store, folder: Path) -> int:
    """How many examples the database file has without its log; -1 while it is being written."""
    copy = folder / "copy.db"
    shutil.copy(store.path, copy)
    with contextlib.closing(connect(copy)) as connection:
        try:
            assert connection.execute("PRAGMA quick_check(1)").fetchone()[0] == "ok"
            return int(connection.execute("SELECT count(*) FROM examples").fetchone()[0])
        except (sqlite3.DatabaseError, AssertionError):
            return -1


def test_a_long_log_is_brought_in_and_then_cut_short(store: Store, tmp_path: Path) -> None:
    add_examples(store, [f"{i}" * LONG for i in range(50)])
    assert log(store).stat().st_size > checkpoints.LONGEST_LOG
    pause = threading.Event()
    for _ in range(PATIENCE_S * 20):
        if alone(store, tmp_path) == 50:
            break
        pause.wait(0.05)
    assert alone(store, tmp_path) == 50
    for step in range(3):  # with the next commits the writer begins the log anew
        store.write_now(lambda tx, step=step: project_info.put(tx, "step", step))
    assert log(store).stat().st_size <= checkpoints.LONGEST_LOG


def test_what_is_only_in_the_log_survives_a_copy_of_both(store: Store, tmp_path: Path) -> None:
    add_examples(store, ["one", "two"])
    assert alone(store, tmp_path) == 0  # a short log is left alone
    folder = tmp_path / "both"
    folder.mkdir()
    shutil.copy(store.path, folder / "project.db")
    shutil.copy(log(store), folder / "project.db-wal")
    copy = Store(folder / "project.db")
    assert list(examples.ids(copy.reader)) == [1, 2]
    copy.close()


def test_closing_leaves_one_file(store: Store) -> None:
    add_examples(store, [f"{i}" * LONG for i in range(50)])
    store.close()
    assert [path.name for path in store.path.parent.iterdir() if path.name.startswith("project.db")] == ["project.db"]
    again = Store(store.path)
    assert len(examples.ids(again.reader)) == 50
    again.close()
