"""Taking in what a worker has said when the database cannot be written in between."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dsbs_gui.core.errors import ResourceError
from dsbs_gui.core.jobs.folder import RunFolder
from dsbs_gui.core.jobs.follower import Follower, Patience
from dsbs_gui.core.protocol import Event, Finished, Progress, RowsRead
from dsbs_gui.core.store import runs
from dsbs_gui.core.store.database import Store, Transaction
from dsbs_gui.core.store.runs import Run
from dsbs_gui.worker.channel import Channel

SAID = [Progress("Reading", 1), RowsRead("a", 1), Progress("Reading", 2), RowsRead("b", 1), Finished("done")]


@pytest.mark.parametrize("fails_at", [1, 2, 3])
def test_a_disk_that_is_full_in_the_middle_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fails_at: int
) -> None:
    store = Store.create(tmp_path / "project.db")
    run = store.write_now(lambda tx: runs.add(tx, kind="stub", title="t", lane="disk", spec={}, context={}))
    folder = RunFolder(tmp_path / run.id)
    folder.make("stub", {}, {})
    channel = Channel(folder)
    for message in SAID:
        channel.emit(message)
    channel.close()
    stored: list[int] = []
    told: list[int] = []
    write_now, calls = store.write_now, 0

    def full_once(write: Callable[[Transaction], Any]) -> Any:
        nonlocal calls
        calls += 1
        if calls == fails_at:
            raise ResourceError("The disk is full.")
        return write_now(write)

    def intake(tx: Transaction, run: Run, event: Event) -> None:
        stored.append(event.seq)

    follower = Follower(
        store, run.id, folder, intake=intake, tell=lambda _, event: told.append(event.seq), patience=Patience()
    )
    monkeypatch.setattr(store, "write_now", full_once)
    with pytest.raises(ResourceError):
        follower.look()
    assert not follower.ended
    follower.look()
    assert stored == told == [1, 2, 3, 4, 5]
    ended = runs.get(store.reader, run.id)
    assert (ended.state, ended.last_seq, ended.done, follower.ended) == ("done", 5, 2, True)
    assert runs.warnings(store.reader, run.id) == [], "no message counts as lost"
    store.close()
