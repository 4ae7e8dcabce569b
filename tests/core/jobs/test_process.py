"""Whether the process that wrote a ``state.json`` still runs."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import psutil
import pytest

from dsbs_gui.core.jobs import identity, process
from dsbs_gui.core.jobs.folder import RunFolder
from dsbs_gui.worker.channel import Heartbeat

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Linux alone tells it")


@pytest.fixture
def state(tmp_path: Path) -> dict[str, object]:
    """What a worker in this very process writes."""
    folder = RunFolder(tmp_path)
    Heartbeat(folder, lambda: None).beat()
    return folder.read_state()


@linux
def test_a_worker_lives_on_when_a_clock_is_set(state: dict[str, object], monkeypatch: pytest.MonkeyPatch) -> None:
    began = psutil.Process().create_time()
    monkeypatch.setattr(psutil.Process, "create_time", lambda _: began + 3_600.0)
    assert process.alive(state)
    assert not process.alive(state | {"pid_mark": ""}), "all that a state of an earlier version can tell"


@linux
@pytest.mark.parametrize("boot", [True, False], ids=["another boot", "another tick"])
def test_a_process_that_got_the_number_of_the_worker_is_not_it(state: dict[str, object], boot: bool) -> None:
    now, tick = str(state["pid_mark"]).split()
    other = f"{now[::-1]} {tick}" if boot else f"{now} {int(tick) - 1}"
    assert not process.alive(state | {"pid_mark": other})


def test_a_state_of_an_earlier_version_is_told_by_the_clock(state: dict[str, object]) -> None:
    del state["pid_mark"]
    assert process.alive(state)
    assert not process.alive(state | {"pid_started": 12.0})
    assert process.alive({"pid": os.getpid()}), "of a machine without psutil"


def test_where_the_system_does_not_tell_the_clock_does(
    state: dict[str, object], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(identity, "_PROC", tmp_path)
    assert identity.start_mark(os.getpid()) == ""
    assert process.alive(state)
    assert not process.alive(state | {"pid_started": 12.0})


def test_the_name_of_a_program_may_hold_anything(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(identity, "_PROC", tmp_path)
    for path, text in (
        ("sys/kernel/random/boot_id", "abc\n"),
        ("7/stat", f"7 (a) b (c) {' '.join(map(str, range(3, 53)))}"),
    ):
        (tmp_path / path).parent.mkdir(parents=True)
        (tmp_path / path).write_text(text)
    assert identity.start_mark(7) == "abc 22"
