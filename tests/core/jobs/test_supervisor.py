"""Jobs against real worker processes that work, crash, hang, flood and talk rubbish."""

from __future__ import annotations

import errno
import itertools
import json
import os
import shutil
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from dsbs_gui.core.errors import ResourceError, UserError, WorkerDied
from dsbs_gui.core.jobs import process, supervisor
from dsbs_gui.core.jobs.folder import RunFolder
from dsbs_gui.core.jobs.follower import Patience, failure_of
from dsbs_gui.core.jobs.request import JobRequest
from dsbs_gui.core.jobs.supervisor import Jobs
from dsbs_gui.core.protocol import Event, Progress, Warned
from dsbs_gui.core.store import runs
from dsbs_gui.core.store.database import Store, Transaction
from dsbs_gui.core.store.runs import Run
from tests.worker.stub_worker import StubSpec

STUB = Path(__file__).resolve().parents[2] / "worker" / "stub_worker.py"
MakeJobs = Callable[..., Jobs]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store.create(tmp_path / "project.db")
    yield store
    store.close()


@pytest.fixture
def make_jobs(store: Store, tmp_path: Path) -> Iterator[MakeJobs]:
    made: list[Jobs] = []

    def make(**options: object) -> Jobs:
        intakes = options.pop("intakes", {})
        patience = Patience(start_s=1.0, stop_s=float(options.pop("stop_s", 0.3)))  # type: ignore[arg-type]
        command = (sys.executable, str(STUB))
        jobs = Jobs(store, tmp_path / "runs", intakes, interval_s=0.02, patience=patience, command=command)  # type: ignore[arg-type]
        jobs.begin()
        made.append(jobs)
        return jobs

    yield make
    for jobs in made:
        jobs.close()


def request(mode: str = "count", lane: str = "disk", **spec: object) -> JobRequest:
    return JobRequest("stub", f"Try {mode}", lane, StubSpec(mode=mode, **spec))  # type: ignore[arg-type]


def test_a_job_runs_to_its_end_and_every_event_is_stored_once(make_jobs: MakeJobs, store: Store) -> None:
    seen: list[int] = []

    def intake(tx: Transaction, run: Run, event: Event) -> None:
        seen.append(event.seq)

    jobs = make_jobs(intakes={"stub": intake})
    run = jobs.wait(jobs.submit(request(n=5)).id, 20)
    assert (run.state, run.summary, run.done, run.total) == ("done", {"counted": 5}, 5, 5)
    assert seen == list(range(1, 9))
    assert [w.text for w in runs.warnings(store.reader, run.id)] == ["A warning"]


@pytest.mark.parametrize(
    ("mode", "word"),
    [
        ("SIGKILL", "SIGKILL"),
        ("SIGSEGV", "SIGSEGV"),
        ("SIGABRT", "SIGABRT"),
        ("exit", "exit code 3"),
        ("half-line", "SIGKILL"),
    ],
)
def test_a_worker_that_dies_leaves_an_interrupted_run_with_the_reason(
    make_jobs: MakeJobs, mode: str, word: str
) -> None:
    jobs = make_jobs()
    run = jobs.wait(jobs.submit(request(mode)).id, 20)
    assert run.state == "interrupted"
    assert word in run.reason
    assert run.hint == "What it had saved is kept. Start it again."
    assert "chatter of a library" in run.report
    error = failure_of(run)
    assert isinstance(error, WorkerDied)
    assert (error.message, error.log_tail) == (run.reason, run.report)
    assert run.done == 3, "what it had said before is there"


def test_a_crash_of_native_code_leaves_the_python_stack_in_the_report(make_jobs: MakeJobs) -> None:
    jobs = make_jobs()
    report = jobs.wait(jobs.submit(request("SIGSEGV")).id, 20).report
    assert "Segmentation fault" in report
    assert "stub_worker.py" in report


def test_the_next_job_of_the_lane_runs_after_a_crash(make_jobs: MakeJobs) -> None:
    jobs = make_jobs()
    jobs.submit(request("SIGSEGV"))
    assert jobs.wait(jobs.submit(request()).id, 20).state == "done"


def test_a_user_error_of_the_worker_reaches_the_owner_with_its_hint(make_jobs: MakeJobs) -> None:
    jobs = make_jobs()
    run = jobs.wait(jobs.submit(request("user-error")).id, 20)
    error = failure_of(run)
    assert isinstance(error, UserError)
    assert (error.message, error.hint) == ("The file is empty.", "Choose another.")


@pytest.mark.parametrize("mode", ["bug", "silent"])
def test_a_bug_in_a_job_is_reported_with_its_traceback(make_jobs: MakeJobs, mode: str) -> None:
    jobs = make_jobs()
    run = jobs.wait(jobs.submit(request(mode)).id, 20)
    assert run.state == "failed"
    assert "Traceback" in run.report
    assert run.reason.endswith(".")
    assert "Send its report" in run.hint
    assert isinstance(failure_of(run), ResourceError)


def test_lines_that_are_no_events_do_not_stop_the_run(make_jobs: MakeJobs) -> None:
    jobs = make_jobs()
    run = jobs.wait(jobs.submit(request("garbage")).id, 20)
    assert (run.state, run.summary) == ("done", {"counted": 3})


def test_ten_thousand_events_are_all_taken(make_jobs: MakeJobs) -> None:
    jobs = make_jobs()
    run = jobs.wait(jobs.submit(request(n=10_000)).id, 60)
    assert (run.state, run.done, run.last_seq) == ("done", 10_000, 10_003)


def test_stop_ends_a_job_between_two_units_of_work(make_jobs: MakeJobs) -> None:
    jobs = make_jobs(stop_s=20.0)
    run = jobs.submit(request(n=1_000, pause_s=0.02))
    _wait_for_progress(jobs, run.id)
    jobs.stop(run.id)
    run = jobs.wait(run.id, 20)
    assert run.state == "stopped"
    assert 0 < run.summary["counted"] < 1_000


def test_a_job_that_hangs_and_ignores_sigterm_is_killed(make_jobs: MakeJobs) -> None:
    jobs = make_jobs()
    run = jobs.submit(request("hang"))
    _wait_for_progress(jobs, run.id)
    jobs.stop(run.id)
    run = jobs.wait(run.id, 20)
    assert (run.state, run.reason) == ("stopped", "It did not stop in time and was ended.")


def test_a_save_that_a_stop_asked_for_is_not_cut_short(make_jobs: MakeJobs) -> None:
    jobs = make_jobs(stop_s=0.4)
    run = jobs.submit(request("save", n=1_000, pause_s=0.02, save_s=3.0))
    _wait_for_progress(jobs, run.id)
    jobs.stop(run.id)
    run = jobs.wait(run.id, 20)
    assert (run.state, run.phase) == ("stopped", "Saving")
    assert run.summary["counted"] > 0


@pytest.mark.skipif(os.name == "nt", reason="SIGSTOP is a matter of POSIX systems")
def test_a_save_without_a_sign_of_life_is_ended_in_the_end(make_jobs: MakeJobs) -> None:
    jobs = make_jobs(stop_s=1.0)
    run = jobs.submit(request("save", n=1_000, pause_s=0.02, save_s=600.0))
    _wait_for_progress(jobs, run.id)
    jobs.stop(run.id)
    _until(lambda: jobs.folder(run.id).read_state().get("phase") == "Saving")
    os.kill(jobs.folder(run.id).read_state()["pid"], signal.SIGSTOP)
    jobs._followers[run.id]._patience = Patience(silent_s=0.2, dead_s=1.0)
    run = jobs.wait(run.id, 20)
    assert (run.state, run.reason) == ("stopped", "The worker gave no sign of life for 1 s and was ended.")


def test_a_worker_that_stays_after_its_last_word_is_ended_and_the_next_job_of_the_lane_runs(
    make_jobs: MakeJobs,
) -> None:
    jobs = make_jobs()
    stays, after = jobs.submit(request("stay", lane="gpu")), jobs.submit(request(lane="gpu"))
    assert jobs.wait(after.id, 20).state == "done"
    assert jobs.wait(stays.id, 20).state == "done", "its last word counts"


@pytest.mark.skipif(os.name == "nt", reason="SIGSTOP is a matter of POSIX systems")
def test_a_worker_that_gives_no_sign_of_life_is_told_of_and_ended_in_the_end(make_jobs: MakeJobs, store: Store) -> None:
    jobs = make_jobs()
    told: list[str] = []
    jobs.watch(lambda _, event: told.append(event.message.text) if isinstance(event.message, Warned) else None)
    run = jobs.submit(request(n=1_000, pause_s=0.02))
    _wait_for_progress(jobs, run.id)
    os.kill(jobs.folder(run.id).read_state()["pid"], signal.SIGSTOP)
    jobs._followers[run.id]._patience = Patience(silent_s=0.2, dead_s=1.5)  # not before: starting may take longer
    run = jobs.wait(run.id, 20)
    assert run.state == "interrupted"
    assert run.reason == "The worker gave no sign of life for 1.5 s and was ended."
    assert told == ["The worker has given no sign of life for 0.2 s."]
    assert "no sign of life" in runs.warnings(store.reader, run.id)[0].text


def test_a_paused_worker_gives_signs_of_life(make_jobs: MakeJobs, store: Store) -> None:
    jobs = make_jobs()
    run = jobs.submit(request(n=30, pause_s=0.02))
    _wait_for_progress(jobs, run.id)
    jobs.pause(run.id)
    jobs._followers[run.id]._patience = Patience(silent_s=2.5)
    with pytest.raises(TimeoutError):
        jobs.wait(run.id, 4)
    jobs.resume(run.id)
    assert jobs.wait(run.id, 20).state == "done"
    assert not [w for w in runs.warnings(store.reader, run.id) if "sign of life" in w.text]


def test_a_full_disk_that_silences_the_workers_is_named(make_jobs: MakeJobs, monkeypatch: pytest.MonkeyPatch) -> None:
    jobs = make_jobs()
    run = jobs.submit(request(n=1_000, pause_s=0.02))
    _wait_for_progress(jobs, run.id)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=0))
    _until(lambda: jobs.trouble is not None)
    assert "full" in str(jobs.trouble)
    monkeypatch.undo()
    _until(lambda: jobs.trouble is None)
    jobs.stop(run.id)
    assert jobs.wait(run.id, 20).state == "stopped"


def test_a_paused_job_waits_and_goes_on(make_jobs: MakeJobs) -> None:
    jobs = make_jobs()
    run = jobs.submit(request(n=30, pause_s=0.02))
    _wait_for_progress(jobs, run.id)
    jobs.pause(run.id)
    assert runs.get(jobs._store.reader, run.id).state == "paused"
    with pytest.raises(TimeoutError):
        jobs.wait(run.id, 0.8)
    jobs.resume(run.id)
    assert jobs.wait(run.id, 20).state == "done"


def test_jobs_of_one_lane_wait_for_each_other_in_order(make_jobs: MakeJobs, store: Store) -> None:
    jobs = make_jobs()
    submitted = [jobs.submit(request(lane="gpu", n=2)) for _ in range(3)]
    ended = [jobs.wait(run.id, 30) for run in submitted]
    for earlier, later in itertools.pairwise(ended):
        assert earlier.ended is not None
        assert later.started is not None
        assert earlier.ended <= later.started


def test_a_queued_job_can_be_taken_out_and_moved_ahead(make_jobs: MakeJobs, store: Store) -> None:
    jobs = make_jobs()
    first = jobs.submit(request(n=1_000, pause_s=0.02))
    second, third = jobs.submit(request()), jobs.submit(request())
    store.write_now(lambda tx: runs.move(tx, third.id, before=second.id))
    assert [run.id for run in runs.queue(store.reader, "disk")] in (
        [third.id, second.id],
        [first.id, third.id, second.id],
    )
    jobs.stop(second.id)
    assert runs.get(store.reader, second.id).state == "stopped"
    jobs.stop(first.id)
    assert jobs.wait(third.id, 20).state == "done"


def test_a_run_that_fails_does_not_stop_the_queue(make_jobs: MakeJobs) -> None:
    jobs = make_jobs()
    modes = ("user-error", "bug", "SIGSEGV", "count")
    ended = [jobs.wait(run.id, 30).state for run in [jobs.submit(request(mode, lane="gpu", n=2)) for mode in modes]]
    assert ended == ["failed", "failed", "interrupted", "done"]


def test_a_held_queue_begins_nothing_new_until_it_goes_on_and_other_lanes_do(make_jobs: MakeJobs, store: Store) -> None:
    jobs = make_jobs()
    first = jobs.submit(request(lane="gpu", n=1_000, pause_s=0.02))
    _until(lambda: runs.get(store.reader, first.id).state == "running")
    jobs.hold("gpu", True)
    second = jobs.submit(request(lane="gpu", n=1))
    other = jobs.submit(request(lane="disk", n=1))
    assert jobs.wait(other.id, 20).state == "done"
    assert runs.get(store.reader, first.id).state == "running", "what works goes on"
    jobs.stop(first.id)
    assert jobs.wait(first.id, 20).state == "stopped"
    with pytest.raises(TimeoutError):
        jobs.wait(second.id, 0.5)
    jobs.hold("gpu", False)
    assert jobs.wait(second.id, 20).state == "done"


def test_a_job_that_is_stopped_while_its_worker_starts_is_stopped(
    make_jobs: MakeJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs = make_jobs(stop_s=20.0)
    launch = process.launch

    def launch_and_stop(folder: RunFolder, *rest: Any) -> process.Child:
        child = launch(folder, *rest)
        jobs.stop(folder.path.name)
        return child

    monkeypatch.setattr(process, "launch", launch_and_stop)
    run = jobs.submit(request(n=1_000, pause_s=0.02))
    _until(lambda: bool(jobs.wait(run.id, 20).summary))
    ended = jobs.wait(run.id, 20)
    assert (ended.state, ended.summary["counted"] < 1_000) == ("stopped", True)


def test_a_job_that_ends_in_the_moment_when_it_is_stopped_stays_ended(store: Store, tmp_path: Path) -> None:
    jobs = Jobs(store, tmp_path / "runs", {})
    run = store.write_now(lambda tx: runs.add(tx, kind="stub", title="t", lane="disk", spec={}, context={}))
    store.write_now(lambda tx: runs.set_state(tx, run.id, "running"))
    gate = threading.Event()

    def end(tx: Transaction) -> None:
        gate.wait(20)
        runs.set_state(tx, run.id, "done")

    ending = store.write(end)
    stopping = threading.Thread(target=jobs.stop, args=(run.id,))
    stopping.start()
    assert store._writer is not None
    _until(lambda: store._writer._work_queue.qsize() == 1)
    gate.set()
    stopping.join()
    ending.result()
    assert runs.get(store.reader, run.id).state == "done"


def test_a_worker_whose_start_could_not_be_written_is_not_started_twice(
    make_jobs: MakeJobs, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    launched: list[str] = []
    launch, set_state = process.launch, runs.set_state

    def count(folder: RunFolder, *rest: Any) -> process.Child:
        launched.append(folder.path.name)
        monkeypatch.setattr(runs, "set_state", full)
        return launch(folder, *rest)

    def full(tx: Transaction, *rest: Any, **named: Any) -> None:
        monkeypatch.setattr(runs, "set_state", set_state)
        raise ResourceError("The disk is full.")

    monkeypatch.setattr(process, "launch", count)
    monkeypatch.setattr(supervisor, "RETRY_S", 0.01)
    jobs = make_jobs()
    run = jobs.submit(request(lane="network", n=2))  # where there is room for another one
    assert jobs.wait(run.id, 20).state == "done"
    assert launched == [run.id]


def test_a_run_that_cannot_be_looked_after_does_not_hold_up_the_others(
    make_jobs: MakeJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "RETRY_S", 0.01)
    jobs = make_jobs()
    ill = jobs.submit(request(n=1_000, pause_s=0.02, lane="gpu"))
    _wait_for_progress(jobs, ill.id)

    def unreadable() -> list[Event]:
        raise PermissionError(errno.EACCES, "no", "events.jsonl")

    with monkeypatch.context() as patch:
        patch.setattr(jobs._followers[ill.id]._tail, "read", unreadable)
        assert jobs.wait(jobs.submit(request(n=2)).id, 20).state == "done"
        assert "Looking after the jobs failed" in str(jobs.trouble)
    jobs.stop(ill.id)
    assert jobs.wait(ill.id, 20).state == "stopped"


def test_a_new_owner_finds_the_worker_of_the_old_one_and_takes_each_event_once(
    make_jobs: MakeJobs, store: Store
) -> None:
    seen: list[int] = []

    def intake(tx: Transaction, run: Run, event: Event) -> None:
        if isinstance(event.message, Progress):
            seen.append(event.message.done)

    first = make_jobs(intakes={"stub": intake})
    run = first.submit(request(n=40, pause_s=0.03))
    _wait_for_progress(first, run.id)
    first.close()
    run = make_jobs(intakes={"stub": intake}).wait(run.id, 30)
    assert run.state == "done"
    assert seen == list(range(1, 41))


def test_a_worker_that_died_while_nobody_looked_is_interrupted(
    make_jobs: MakeJobs, store: Store, tmp_path: Path
) -> None:
    first = make_jobs()
    run = first.submit(request(n=2_000, pause_s=0.02))
    _wait_for_progress(first, run.id)
    first.close()
    state = json.loads((tmp_path / "runs" / run.id / "state.json").read_text())
    os.kill(state["pid"], signal.SIGKILL)
    assert make_jobs().wait(run.id, 20).state == "interrupted"


def test_a_job_whose_owner_was_killed_while_it_was_queued_does_not_wait_for_ever(
    make_jobs: MakeJobs, store: Store
) -> None:
    run = store.write_now(lambda tx: runs.add(tx, kind="stub", title="t", lane="disk", spec={}, context={}))
    ended = make_jobs().wait(run.id, 20)
    assert (ended.state, ended.reason) == ("interrupted", "The program ended before the job was written down.")


def test_a_worker_whose_owner_was_killed_right_after_its_start_is_not_started_again(
    make_jobs: MakeJobs, store: Store
) -> None:
    first = make_jobs()
    run = first.wait(first.submit(request(n=3)).id, 20)
    first.close()
    store.write_now(lambda tx: runs.set_state(tx, run.id, "queued"))
    store.write_now(lambda tx: runs.set_last_seq(tx, run.id, 0))
    second = make_jobs()
    ended = second.wait(run.id, 20)
    assert ended.state == "done"
    assert second.folder(run.id).events.read_text().count('"Finished"') == 1


def test_a_recycled_pid_is_not_taken_for_the_worker(make_jobs: MakeJobs, store: Store, tmp_path: Path) -> None:
    run = store.write_now(lambda tx: runs.add(tx, kind="stub", title="t", lane="disk", spec={}, context={}))
    folder = tmp_path / "runs" / run.id
    folder.mkdir(parents=True)
    (folder / "state.json").write_text(json.dumps({"pid": os.getpid(), "pid_started": 12.0}))
    store.write_now(lambda tx: runs.set_state(tx, run.id, "running"))
    assert make_jobs().wait(run.id, 20).state == "interrupted"


def test_a_job_whose_input_cannot_be_read_has_failed_and_holds_nothing_up(make_jobs: MakeJobs, store: Store) -> None:
    def rows() -> Iterator[dict[str, Any]]:
        yield {"example_id": 1}
        yield json.loads("{broken")

    jobs = make_jobs()
    broken = JobRequest("stub", "Try", "disk", StubSpec(), inputs={"input.jsonl": rows()})
    with pytest.raises(json.JSONDecodeError):
        jobs.submit(broken)
    (run,) = runs.all_runs(store.reader)
    assert run.state == "failed"
    assert run.reason.startswith("The input of the job could not be read: Expecting property name")
    assert jobs.wait(jobs.submit(request()).id, 20).state == "done"


def test_an_intake_that_fails_ends_the_run_and_keeps_the_events(make_jobs: MakeJobs, tmp_path: Path) -> None:
    def intake(tx: Transaction, run: Run, event: Event) -> None:
        if isinstance(event.message, Progress):
            raise ZeroDivisionError("in the intake")

    jobs = make_jobs(intakes={"stub": intake})
    run = jobs.wait(jobs.submit(request()).id, 20)
    assert run.state == "failed"
    assert "in the intake" in run.report
    assert (tmp_path / "runs" / run.id / "events.jsonl").read_text().count("\n") >= 2


def _until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def _wait_for_progress(jobs: Jobs, run_id: str) -> None:
    """Until the owner has stored the first progress of the run."""
    arrived = threading.Event()
    end = jobs.watch(lambda seen_id, event: arrived.set() if isinstance(event.message, Progress) else None)
    if runs.get(jobs._store.reader, run_id).done == 0:
        assert arrived.wait(20)
    end()
