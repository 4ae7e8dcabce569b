"""The worker's side of the run folder."""

from __future__ import annotations

import errno
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from dsbs_gui.core.errors import UserError
from dsbs_gui.core.jobs.folder import RunFolder
from dsbs_gui.core.jobs.tail import Tail, last_event
from dsbs_gui.core.protocol import Emit, Finished, Progress, ShouldStop
from dsbs_gui.core.specs import Spec
from dsbs_gui.worker import channel as channel_module
from dsbs_gui.worker import entry, registry
from dsbs_gui.worker.channel import Channel


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    folder = RunFolder(tmp_path / "run")
    folder.make("stub", {}, {"input.jsonl": [{"example_id": 1, "text": "é\u2028"}]})
    return folder


@pytest.fixture
def channel(folder: RunFolder) -> Iterator[Channel]:
    channel = Channel(folder)
    yield channel
    channel.close()


def test_events_are_numbered_and_read_back_in_order(folder: RunFolder, channel: Channel) -> None:
    for i in range(3):
        channel.emit(Progress("Counting", i, 3))
    tail = Tail(folder.events)
    assert [event.seq for event in tail.read()] == [1, 2, 3]
    channel.emit(Finished("done"))
    assert [event.message for event in tail.read()] == [Finished("done")]
    assert tail.read() == []


def test_the_last_event_is_read_from_the_end(folder: RunFolder, channel: Channel) -> None:
    assert last_event(folder.events) is None
    for i in range(3):
        channel.emit(Progress("x" * 900_000, i))
    channel.emit(Finished("done"))
    last = last_event(folder.events)
    assert last is not None
    assert (last.seq, last.message) == (4, Finished("done"))
    with folder.events.open("ab") as file:
        file.write(b'{"seq": 5, "t"')
    assert last_event(folder.events) == last, "half a line is none"


def test_half_a_line_waits_for_its_other_half(folder: RunFolder) -> None:
    tail = Tail(folder.events)
    folder.events.write_bytes(b'{"seq": 1, "t": 0, "type": "Progress", "phase": "\xc3')
    assert tail.read() == []
    with folder.events.open("ab") as file:
        file.write(b'\xa9"}\n')
    assert [event.message for event in tail.read()] == [Progress("é")]


def test_a_worker_that_goes_on_in_the_folder_of_a_killed_one_is_heard_from_its_first_word(folder: RunFolder) -> None:
    folder.events.write_bytes(b'{"seq": 1, "t": 0, "type": "Progress", "phase": "a"}\n{"seq": 2, "t": 0, "ty')
    again = Channel(folder)
    again.emit(Progress("b"))
    again.close()
    assert [(event.seq, event.message) for event in Tail(folder.events).read()] == [
        (1, Progress("a")),
        (3, Progress("b")),
    ]


def test_a_full_disk_makes_the_worker_wait_and_loses_nothing(
    folder: RunFolder, channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    channel.emit(Progress("Before", 1))
    real = channel._file
    full = threading.Event()
    full.set()
    waited = threading.Event()

    class Disk:
        def write(self, line: bytes) -> int:
            if full.is_set():
                real.write(line[:5])
                raise OSError(errno.ENOSPC, "No space left on device")
            return real.write(line)

        def __getattr__(self, name: str) -> object:
            return getattr(real, name)

    def sleep(_: float) -> None:
        waited.set()
        full.clear()

    monkeypatch.setattr(channel, "_file", Disk())
    monkeypatch.setattr(channel_module.time, "sleep", sleep)
    channel.emit(Progress("After", 2))
    assert waited.is_set()
    assert [event.message for event in Tail(folder.events).read()] == [Progress("Before", 1), Progress("After", 2)]


def test_a_full_disk_does_not_make_a_worker_look_dead(folder: RunFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    heart = channel_module.Heartbeat(folder, lambda: None)
    heart.beat()
    os.utime(folder.state, (1, 1))

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(channel_module, "write_json", full)
    before = folder.sign_of_life()
    heart.beat()
    assert folder.sign_of_life() != before


def test_stop_ends_a_pause(folder: RunFolder, channel: Channel) -> None:
    folder.ask("pause")
    folder.ask("stop")
    assert channel.should_stop()


@pytest.mark.parametrize(
    ("error", "kind", "word"),
    [
        (UserError("No column.", "Map it."), "user", "No column."),
        (MemoryError(), "resource", "not enough memory"),
        (OSError(errno.ENOSPC, "x", "/data"), "resource", "full (/data)"),
        (ModuleNotFoundError("no", name="torch"), "resource", "torch is not installed"),
        (KeyError("x"), "bug", "KeyError"),
    ],
)
def test_each_kind_of_failure_has_its_sentence(error: Exception, kind: str, word: str) -> None:
    failed = entry.failure(error)
    assert failed.kind == kind
    assert word in failed.message
    assert bool(failed.report) == (kind == "bug")


def test_the_last_word_of_a_job_that_fails_after_it_stays_the_last(
    folder: RunFolder, channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    def job(spec: Spec, emit: Emit, should_stop: ShouldStop) -> None:
        emit(Finished("done"))
        raise OSError(errno.EIO, "while it tidied up")

    monkeypatch.setattr(registry, "find", lambda kind: (Spec, job))
    assert entry._run(folder, channel) == 1
    assert [event.message for event in Tail(folder.events).read()][1:] == [Finished("done")]


def test_every_registered_job_and_spec_can_be_loaded() -> None:
    for kind in registry.KINDS:
        spec, job = registry.find(kind)
        assert issubclass(spec, Spec)
        assert callable(job)


def test_a_folder_without_a_spec_is_a_mistake(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert entry.main([str(tmp_path)]) == 2
    assert "spec.json" in capsys.readouterr().err
