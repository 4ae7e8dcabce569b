"""kill -9 of worker, owner and both while a teacher answers: nothing acknowledged is lost, nothing saved asked again.

The 25 kills, half of them of the real window: ``python -m pytest tests/journeys/test_kills.py -m slow``.
"""

from __future__ import annotations

import json
import os
import queue
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import pytest

from dsbs_gui.core.jobs.folder import RunFolder
from dsbs_gui.core.project import Project
from dsbs_gui.core.store.connection import connect
from dsbs_gui.steps.teacher import plan
from tests.steps.teacher.fault_server import FaultServer, answer, serving
from tests.steps.teacher.gguf_files import embedded
from tests.steps.teacher.working import sums

pytestmark = pytest.mark.skipif(os.name == "nt", reason="SIGKILL is a matter of POSIX systems")

OWNER = Path(__file__).with_name("killed_owner.py")
PARALLEL = 3
PATIENCE_S = 90.0
VICTIMS = ("owner", "worker", "both")


class Gate:
    """Lets a server give so many answers in a round, some of which come while no owner lives to see them."""

    def __init__(self) -> None:
        self._may_pass = threading.Condition()
        self.left = 1 << 30

    def open(self) -> None:
        self.close_after(1 << 30)

    def close_after(self, n: int) -> None:
        with self._may_pass:
            self.left = n
            self._may_pass.notify_all()

    def __call__(self, handler: Any, body: dict[str, Any]) -> None:
        """As a mode of the server."""
        with self._may_pass:
            while self.left <= 0 and not handler.server.hanging.is_set():
                self._may_pass.wait(0.1)
            self.left -= 1
        time.sleep(0.02)
        answer("So. The answer is 1.")(handler, body)


@dataclass
class Trial:
    """A project that is worked on and killed again and again."""

    folder: Path
    teacher: str
    luck: random.Random
    server: FaultServer | None = None
    gate: Gate = field(default_factory=lambda: Gate())
    acknowledged: set[int] = field(default_factory=set)
    kills: int = 0

    def round(self, victim: str, kind: str) -> bool:
        """Let an owner work for a while, then kill; returns whether all was answered before that."""
        saved, mark = saved_rows(self.folder), len(self.server.asked) if self.server else 0
        command = [sys.executable, str(OWNER), str(self.folder), self.teacher, str(PARALLEL), kind]
        with (self.folder.parent / "owner.log").open("ab") as errors:
            owner = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True)
        said: queue.Queue[str] = queue.Queue()
        listener = threading.Thread(target=_listen, args=(owner, said), daemon=True)
        listener.start()
        wanted = self.luck.randrange(0, 9)
        # Requests of killed workers, which nobody waits for any more, may take some of them.
        self.gate.close_after(wanted + 2 * PARALLEL + self.luck.randrange(3, 20))
        with owner:
            try:
                ended = self._watch(said, wanted) or self._kill(owner, said, victim)
            finally:
                owner.kill()
                self.gate.close_after(self.luck.randrange(0, 6))
            listener.join()
        self._check(saved, mark)
        return ended

    def _watch(self, said: queue.Queue[str], wanted: int) -> bool:
        """Wait for so many answers to be acknowledged; True if the work ended before that."""
        deadline = time.monotonic() + PATIENCE_S
        while True:
            try:
                line = said.get(timeout=2.0)
            except queue.Empty:
                if self.gate.left <= 0:  # all has come; some before this owner was there to tell of it
                    return False
                assert time.monotonic() < deadline, f"nothing more was acknowledged; {self._story()}"
                continue
            if line in ("all", ""):
                assert line == "all", (self.folder.parent / "owner.log").read_text()[-3000:]
                return True
            if line.isdigit():
                self.acknowledged.add(int(line))
                wanted -= 1
            if wanted < 0 or (wanted == 0 and line):
                time.sleep(self.luck.random() * 0.06)  # the seeded moment of the kill
                return False

    def _kill(self, owner: subprocess.Popen[str], said: queue.Queue[str], victim: str) -> bool:
        worker = living_worker(self.folder)
        if victim in ("owner", "both") or worker is None:
            self.gate.close_after(self.luck.randrange(0, 6))
            owner.kill()
        if victim in ("worker", "both") and worker is not None:
            with_signal(worker)
        self.kills += 1
        while True:  # what had been told before the owner died, or tells of the worker's death
            try:
                line = said.get(timeout=PATIENCE_S)
            except queue.Empty:
                raise AssertionError(f"the owner did not notice that its worker was killed; {self._story()}") from None
            if line.isdigit():
                self.acknowledged.add(int(line))
            elif line == "begun":  # it had taken the worker up from an owner before it, and has started another
                owner.kill()
            elif line == "" or line.startswith("ended"):
                return False
            elif line == "all":
                return True

    def _check(self, saved_before: set[int], mark: int) -> None:
        now = saved_rows(self.folder)
        assert self.acknowledged <= now, f"acknowledged and lost: {self.acknowledged - now}"
        assert saved_before <= now
        connection = connect(self.folder / "project.db", read_only=True)
        try:
            assert connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        finally:
            connection.close()
        if self.server is not None:
            again = {row_of(body) for body in self.server.asked[mark:]} & saved_before
            assert not again, f"saved and asked again: {again}"

    def _story(self) -> str:
        """What one needs to see why a round failed."""
        connection = connect(self.folder / "project.db", read_only=True)
        try:
            states = [tuple(row) for row in connection.execute("SELECT id, state, last_seq, reason FROM runs")]
        finally:
            connection.close()
        said = {path.parent.name: path.read_bytes().count(b"\n") for path in self.folder.glob("runs/*/events.jsonl")}
        log = (self.folder.parent / "owner.log").read_text()[-1500:]
        return f"after {self.kills} kills, runs {states}, events {said}, gate {self.gate.left}, owner: {log}"

    def finish(self, kind: str = "plain") -> None:
        """Let one owner work to the end, unharmed."""
        command = [sys.executable, str(OWNER), str(self.folder), self.teacher, str(PARALLEL), kind]
        done = subprocess.run(command, capture_output=True, text=True, timeout=240, check=False)
        assert done.stdout.split()[-1:] == ["all"], done.stderr[-3000:]
        self.acknowledged |= {int(line) for line in done.stdout.split() if line.isdigit()}


def _listen(owner: subprocess.Popen[str], said: queue.Queue[str]) -> None:
    assert owner.stdout is not None
    for line in owner.stdout:
        said.put(line.strip())
    said.put("")


def with_signal(pid: int) -> None:
    process = psutil.Process(pid)
    os.killpg(pid, signal.SIGKILL)
    process.wait(20)


def living_worker(folder: Path) -> int | None:
    for run in sorted((folder / "runs").iterdir(), key=lambda path: path.stat().st_mtime, reverse=True):
        pid = RunFolder(run).read_state().get("pid")
        if isinstance(pid, int) and psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
            return pid
    return None


def row_of(body: dict[str, Any]) -> int:
    """The example that a request to the server was about."""
    return int(body["messages"][0]["content"].rsplit("What is ", 1)[1].split()[0]) + 1


def saved_rows(folder: Path) -> set[int]:
    """Rows whose answer is in the database, or durably in what a worker has said."""
    connection = connect(folder / "project.db", read_only=True)
    try:
        rows = {row[0] for row in connection.execute("SELECT example_id FROM answers WHERE failure IS NULL")}
    finally:
        connection.close()
    for path in (folder / "runs").glob("*/events.jsonl"):
        for line in path.read_bytes().splitlines():
            try:
                event = json.loads(line)
            except ValueError:
                continue  # cut in half by the kill
            if event.get("type") == "TeacherAnswer" and not event["failure"]:
                rows.add(event["example_id"])
    return rows


def survive(tmp_path: Path, n_rows: int, kills: list[tuple[str, str]], seed: int) -> None:
    sums(tmp_path / "sums", n_rows).close()
    gate = Gate()
    with serving(gate) as server:
        _survive(Trial(tmp_path / "sums", server.address, random.Random(seed), server, gate), n_rows, kills, seed)


def _survive(trial: Trial, n_rows: int, kills: list[tuple[str, str]], seed: int) -> None:
    server = trial.server
    assert server is not None
    for victim, kind in kills:
        assert not trial.round(victim, kind), "too few rows for so many kills"
    trial.gate.open()
    trial.finish()
    project = Project.open(trial.folder)
    try:
        db = project.store.reader
        answered = Counter(row[0] for row in db.execute("SELECT example_id FROM answers WHERE failure IS NULL"))
        assert set(answered) == set(range(1, n_rows + 1))
        assert set(answered.values()) == {1}, "each row was answered once"
        assert plan.pending(project, plan.generate_request(project, teacher=server.address, max_tokens=24)) == 0
    finally:
        project.close()
    asked = Counter(map(row_of, server.asked))
    assert sum(asked.values()) - n_rows <= PARALLEL * trial.kills, "asked again is only what was under way"
    print(f"{trial.kills} kills, {n_rows} rows, {sum(asked.values())} calls, seed {seed}")


@pytest.mark.timeout(400)
@pytest.mark.parametrize("seed", [1, 2])
def test_three_kills_lose_and_repeat_nothing(tmp_path: Path, seed: int) -> None:
    survive(tmp_path, 160, [(victim, "plain") for victim in VICTIMS], seed)


@pytest.mark.slow
@pytest.mark.timeout(1_800)
def test_25_kills_of_worker_owner_and_window_lose_and_repeat_nothing(tmp_path: Path) -> None:
    luck = random.Random(25)
    kills = [(luck.choice(VICTIMS), ("plain", "window")[i % 2]) for i in range(25)]
    survive(tmp_path, 2_000, kills, seed=25)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_embedded_teacher_survives_kills_of_worker_and_window(tmp_path: Path) -> None:
    sums(tmp_path / "sums", 40).close()
    trial = Trial(tmp_path / "sums", str(embedded()), random.Random(7))
    for victim, kind in (("worker", "plain"), ("owner", "window"), ("both", "plain"), ("worker", "window")):
        if trial.round(victim, kind):
            break
    trial.finish()
    assert trial.kills >= 2
    connection = connect(trial.folder / "project.db", read_only=True)
    try:
        sql = "SELECT count(*), count(DISTINCT example_id) FROM answers"
        assert tuple(connection.execute(sql).fetchone()) == (40, 40), "each row once, cut off or not"
    finally:
        connection.close()
