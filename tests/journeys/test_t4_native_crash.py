"""T4: a real worker that dies of native code, or hangs, amid real work: said, nothing lost, soon at work again."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dsbs_gui.app.wiring import intakes
from dsbs_gui.core.jobs.follower import Patience
from dsbs_gui.core.jobs.request import JobRequest
from dsbs_gui.core.project import Project
from dsbs_gui.core.protocol import Event, Started
from dsbs_gui.core.store import examples, runs
from dsbs_gui.core.store.filters import Filter
from dsbs_gui.core.store.runs import Run
from dsbs_gui.steps.data import plan as importing
from dsbs_gui.steps.teacher import plan as teaching
from dsbs_gui.steps.training import plan as training
from tests.steps.teacher.fault_server import FaultServer, answer, serving
from tests.steps.teacher.working import sums

pytestmark = [
    pytest.mark.timeout(300),
    pytest.mark.skipif(os.name == "nt", reason="the way a worker ended is told by signals"),
]
WORKER = Path(__file__).resolve().parents[1] / "worker" / "dying_worker.py"
ROWS, IMPORTED = 40, 30_000
WAYS = ("SIGSEGV", "SIGABRT", "SIGKILL", "hang")
IN_TIME_S = 60.0  # 5 on an idle machine, which is printed
LONG_S = 120.0


class Work:
    """A kind of job: its request, and whether all of it is there in the end, once."""

    def __init__(self, project: Project, folder: Path) -> None:
        self.project, self.folder = project, folder

    def request(self) -> JobRequest:
        raise NotImplementedError

    def check(self, ended: Run) -> None:
        raise NotImplementedError


class Generating(Work):
    server: FaultServer

    def request(self) -> JobRequest:
        return teaching.generate_request(self.project, teacher=self.server.address, parallel=1)

    def check(self, ended: Run) -> None:
        sql = "SELECT count(*), count(DISTINCT example_id) FROM answers WHERE failure IS NULL"
        assert tuple(self.project.store.reader.execute(sql).fetchone()) == (ROWS, ROWS)
        assert len(self.server.asked) <= ROWS + 1, "asked again is only what was under way"
        assert teaching.pending(self.project, self.request()) == 0


class Importing(Work):
    def request(self) -> JobRequest:
        file = self.folder / "rows.csv"
        if not file.exists():
            lines = "".join(f"How much is {n} plus one?,{n + 1}\n" for n in range(IMPORTED))
            file.write_text(f"input,label\n{lines}")
        return importing.import_request(self.project, str(file), split="valid")

    def check(self, ended: Run) -> None:
        assert len(examples.ids(self.project.store.reader, Filter(splits=("valid",)))) == IMPORTED


class Training(Work):
    def request(self) -> JobRequest:
        return training.train_request(
            self.project, method="finetune", student="starter", steps=12, eval_every=6, save_every=6, batch_size=4
        )

    def check(self, ended: Run) -> None:
        assert ended.summary["steps"] == 12


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    sums(tmp_path / "sums", ROWS).close()
    opened = Project.open(tmp_path / "sums", intakes=intakes())
    opened.jobs._command = (sys.executable, str(WORKER))
    opened.jobs._patience = Patience(stop_s=0.5)
    opened.jobs.begin()
    yield opened
    opened.close()


@pytest.fixture
def work(request: pytest.FixtureRequest, project: Project, tmp_path: Path) -> Iterator[Work]:
    with serving(answer("So. The answer is 1.")) as server:
        made = {"generate": Generating, "import": Importing, "train": Training}[request.param](project, tmp_path)
        if isinstance(made, Generating):
            made.server = server
        yield made


KINDS = ["generate", "import", pytest.param("train", marks=pytest.mark.slow)]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("work", KINDS, indirect=True)
def test_t4_native_crash(work: Work, way: str, project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    begun: dict[str, float] = {}
    heard = threading.Event()

    def note(run_id: str, event: Event) -> None:
        if isinstance(event.message, Started):
            begun[run_id] = time.monotonic()
        heard.set()

    project.jobs.watch(note)
    monkeypatch.setenv("DYING", way)
    first = project.jobs.submit(work.request())
    if way == "hang":
        _until(lambda: runs.get(project.store.reader, first.id).last_seq > 6, heard)
        project.jobs.stop(first.id)
    ended = project.jobs.wait(first.id, LONG_S)
    assert ended.state == ("stopped" if way == "hang" else "interrupted")
    assert ("did not stop in time" if way == "hang" else way) in ended.reason
    assert ended.last_seq >= 7, "what it had said before is there"

    monkeypatch.delenv("DYING")
    asked = time.monotonic()
    second = project.jobs.submit(work.request())
    ended = project.jobs.wait(second.id, LONG_S)
    assert (ended.state, ended.reason) == ("done", "")
    restart_s = begun[second.id] - asked
    print(f"after {way}: at work again in {restart_s:.2f} s")
    assert restart_s < IN_TIME_S
    work.check(ended)


def _until(so: Any, heard: threading.Event) -> None:
    deadline = time.monotonic() + LONG_S
    while not so():
        assert time.monotonic() < deadline
        heard.wait(0.2)
        heard.clear()
