"""Several processes (two, on the CPU, by gloo) train as one would; a stop and a loss end them all."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
import torch

from dsbs_gui.core.jobs.folder import RunFolder
from dsbs_gui.core.protocol import Evaluated, Failed, Finished, Message, StepMetrics, Warned, decode
from dsbs_gui.students.loading import load_student
from dsbs_gui.worker.ranks import _free_port
from tests.steps.training.toy import ROWS, make_run, spec_for, student_of, train

ROOT = Path(__file__).parents[3]
pytestmark = pytest.mark.skipif(os.name == "nt", reason="torch has no gloo worth the name on Windows")


def _start(folder: Path, processes: int = 2, command: tuple[str, ...] = (), **changes: Any) -> subprocess.Popen[bytes]:
    body = asdict(spec_for(folder, processes=processes, **changes))
    del body["run_dir"]
    (folder / "spec.json").write_text(json.dumps({"kind": "train", "spec": body}))
    (folder / "control").mkdir()
    worker = [*(command or (sys.executable, "-m", "dsbs_gui")), "worker", str(folder)]
    with (folder / "worker.log").open("ab") as log:
        return subprocess.Popen(worker, cwd=ROOT, stdout=log, stderr=log, start_new_session=True)


def _said(folder: Path) -> list[Message]:
    path = folder / "events.jsonl"
    return [decode(line).message for line in path.read_text().splitlines()] if path.exists() else []


def _wait_for(folder: Path, kind: type[Message], worker: subprocess.Popen[bytes]) -> None:
    while not any(isinstance(message, kind) for message in _said(folder)):
        assert worker.poll() is None, (folder / "worker.log").read_text()[-3000:]
        time.sleep(0.1)


def _ranks_of(worker: subprocess.Popen[bytes]) -> list[int]:
    """Process ids of the run's processes, the first one first."""
    found = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if f" {worker.pid} " in (entry / "stat").read_text().rpartition(")")[2][:30]:
                    variables = dict(v.split("=", 1) for v in (entry / "environ").read_text().split("\0") if "=" in v)
                    found[int(variables["RANK"])] = int(entry.name)
            except (OSError, KeyError):
                continue
    return [found[rank] for rank in sorted(found)]


def _weights(folder: Path, said: list[Message]) -> torch.Tensor:
    model = load_student(str(student_of(folder, said))).model
    return torch.cat([parameter.detach().flatten() for parameter in model.parameters()])


def _equal_to_one(folder: Path, expected_folder: Path, **settings: Any) -> None:
    expected = train(spec_for(expected_folder, **settings))
    said = _said(folder)
    assert isinstance(said[-1], Finished), (said[-1], (folder / "worker.log").read_text()[-3000:])
    for name in ("label_loss", "rationale_loss", "first_label_loss", "first_rationale_loss", "valid_accuracy"):
        assert said[-1].summary[name] == pytest.approx(expected[-1].summary[name], rel=1e-6, abs=1e-6)
    apart = _weights(folder, said) - _weights(expected_folder, expected)
    assert float(apart.abs().max()) <= 1e-6
    assert [m.step for m in said if isinstance(m, Evaluated)] == [m.step for m in expected if isinstance(m, Evaluated)]


def test_two_processes_give_the_losses_and_weights_of_one(tmp_path: Path) -> None:
    rows = [row | {"rationale": row["rationale"] if i != 2 else None} for i, row in enumerate(ROWS)]
    # At a usual rate: Adam turns a rounding of a gradient near zero into a part of its step.
    settings = {
        "steps": 6,
        "batch_size": 5,
        "eval_every": 3,
        "warmup": 2,
        "lr": 1e-3,
    }  # the last batch of an epoch has one row
    folder = make_run(tmp_path / "two", rows)
    worker = _start(folder, **settings)
    assert worker.wait(100) == 0, (folder / "worker.log").read_text()[-3000:]
    _equal_to_one(folder, make_run(tmp_path / "one", rows), **settings)
    state = RunFolder(folder).read_state()
    assert state["pid"] == worker.pid, "whoever ends that session ends all"
    events = (folder / "events.jsonl").read_text().splitlines()
    assert [json.loads(line)["seq"] for line in events] == list(range(1, len(events) + 1)), "one process alone speaks"


def test_a_stop_is_heard_by_all_and_the_run_goes_on_in_one_process(tmp_path: Path) -> None:
    settings = {"steps": 4000, "eval_every": 4000, "save_every": 4000}
    folder = make_run(tmp_path / "run")
    worker = _start(folder, **settings)
    _wait_for(folder, StepMetrics, worker)
    (folder / "control" / "stop").touch()
    assert worker.wait(60) == 0
    last = _said(folder)[-1]
    assert isinstance(last, Finished)
    assert last.status == "stopped"
    steps = last.summary["steps"]
    more = {"steps": steps + 3, "eval_every": steps + 3}
    again = train(spec_for(make_run(tmp_path / "again"), resume_from=str(folder), **more))
    assert again[-1].summary["steps"] == steps + 3


SCARCE = """
import sys
import torch
from dsbs_gui.steps.training.work import losses, trial
from dsbs_gui.worker.entry import main

def scarce(compute, most):
    def of(student, batch):
        if batch.rows > most:
            raise torch.OutOfMemoryError("a stand-in for a full GPU")
        return compute(student, batch)
    return of

trial.token_loss_sum = scarce(trial.token_loss_sum, 2)
losses.token_loss_sum = scarce(losses.token_loss_sum, 1)
sys.exit(main(sys.argv[2:]))
"""


def test_memory_that_runs_out_in_another_process_is_told_and_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second process alone has too little: in the trial for more than two rows, in a step for more than one."""
    settings = {"steps": 3, "eval_every": 3, "batch_size": 6, "lr": 1e-3}
    folder = make_run(tmp_path / "two")
    places = {"WORLD_SIZE": 2, "LOCAL_WORLD_SIZE": 2, "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": _free_port()}
    for name, value in places.items():
        monkeypatch.setenv(name, str(value))
    monkeypatch.setenv("RANK", "0")
    first = _start(folder, processes=0, **settings)
    command = [sys.executable, "-c", SCARCE, "worker", str(folder)]
    with (folder / "worker.log").open("ab") as log:
        second = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log, env=os.environ | {"RANK": "1"})
    assert (first.wait(100), second.wait(20)) == (0, 0), (folder / "worker.log").read_text()[-3000:]
    told = [message.text for message in _said(folder) if isinstance(message, Warned)]
    assert told == ["Memory ran out in process 2 of 2: it goes on with 1 row at a time."]
    monkeypatch.undo()
    _equal_to_one(folder, make_run(tmp_path / "one"), **settings)


@pytest.mark.skipif(not Path("/proc").exists(), reason="processes are found through /proc")
@pytest.mark.parametrize("rank", [0, 1])
def test_a_process_that_is_killed_ends_all_with_a_reason(rank: int, tmp_path: Path) -> None:
    folder = make_run(tmp_path / "run")
    worker = _start(folder, steps=100_000, eval_every=100_000)
    _wait_for(folder, StepMetrics, worker)
    ranks = _ranks_of(worker)
    assert len(ranks) == 2
    os.kill(ranks[rank], signal.SIGKILL)
    assert worker.wait(60) == 1
    last = _said(folder)[-1]
    assert isinstance(last, Failed)
    assert last.kind == "resource"
    assert "process of this run has ended" in last.message or "was ended by SIGKILL" in last.message
    assert "Resume" in last.hint
    assert f"Process {rank + 1} of 2 of this run was ended by SIGKILL" in (folder / "worker.log").read_text()
    assert not any(Path("/proc", str(pid)).exists() for pid in ranks)


@pytest.mark.skipif(not Path("/proc").exists(), reason="processes are found through /proc")
def test_no_process_outlives_the_one_that_started_them(tmp_path: Path) -> None:
    folder = make_run(tmp_path / "run")
    worker = _start(folder, steps=100_000, eval_every=100_000)
    _wait_for(folder, StepMetrics, worker)
    ranks = _ranks_of(worker)
    worker.kill()  # itself alone, not its session
    worker.wait(10)
    until = time.monotonic() + 20
    while any(Path("/proc", str(pid)).exists() for pid in ranks) and time.monotonic() < until:
        time.sleep(0.1)
    assert len(ranks) == 2
    assert not any(Path("/proc", str(pid)).exists() for pid in ranks)


@pytest.mark.slow
def test_torchrun_starts_the_same_worker(tmp_path: Path) -> None:
    folder = make_run(tmp_path / "two")
    torchrun = (sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2", "-m", "dsbs_gui")
    worker = _start(folder, processes=0, command=torchrun)
    assert worker.wait(110) == 0, (folder / "worker.log").read_text()[-3000:]
    _equal_to_one(folder, make_run(tmp_path / "one"))
