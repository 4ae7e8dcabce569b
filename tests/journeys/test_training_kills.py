"""kill -9 of a training worker: it goes on from a whole checkpoint, loses one save interval at most, and ends the same.

The 30 kills, at least 10 of them inside a save: ``python -m pytest tests/journeys/test_training_kills.py -m slow -s``.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from dsbs_gui.core.jobs import process
from dsbs_gui.core.jobs.folder import RunFolder
from dsbs_gui.core.protocol import CheckpointSaved, Event, Finished, Message, Progress, decode
from dsbs_gui.steps.training import kept
from dsbs_gui.steps.training.specs import TrainSpec
from dsbs_gui.steps.training.work.checkpoints import search
from dsbs_gui.students.folders import REPLACED, UNFINISHED
from tests.steps.training.toy import ROWS, STARTER, make_run, spec_for, student_of, train, weights_hash

pytestmark = pytest.mark.skipif(os.name == "nt", reason="SIGKILL is a matter of POSIX systems")

BRAKED = (sys.executable, str(Path(__file__).with_name("braked_trainer.py")))
SAVE_EVERY = 5
STEP_S, SAVE_S = 0.03, 0.6
PATIENCE_S = 240.0


def events(folder: Path) -> list[Message]:
    """What a worker has said so far; a line that was cut in half is left out."""
    path = RunFolder(folder).events
    lines = path.read_bytes().split(b"\n")[:-1] if path.exists() else []
    found: list[Event] = [decode(line.decode()) for line in lines if line]
    return [event.message for event in found]


def step_of_last(said: list[Message]) -> int:
    """The step that was reached, as far as it was told."""
    steps = [message.done for message in said if isinstance(message, Progress) and message.unit == "steps"]
    return max([*steps, *(message.step for message in said if isinstance(message, CheckpointSaved))], default=0)


@dataclass
class Trial:
    """One training that is killed again and again, each time in a run folder of its own that goes on from the last."""

    folder: Path
    steps: int
    luck: random.Random
    runs: list[Path] = field(default_factory=list)
    where: Counter[str] = field(default_factory=Counter)

    def spec(self, folder: Path) -> TrainSpec:
        earlier = str(self.runs[-2]) if len(self.runs) > 1 and kept.newest_step(self.runs[-2]) else ""
        return spec_for(
            folder, steps=self.steps, eval_every=2 * SAVE_EVERY, save_every=SAVE_EVERY, resume_from=earlier,
            starter=STARTER | {"dropout_rate": 0.1},
        )  # fmt: skip

    def start(self, brake: bool = True) -> tuple[Path, subprocess.Popen[bytes]]:
        folder = make_run(self.folder / f"train-{len(self.runs) + 1}")
        self.runs.append(folder)
        RunFolder(folder).make("train", self.spec(folder).to_json(), {})
        brakes = {"STEP_S": str(STEP_S), "SAVE_S": str(SAVE_S)} if brake else {}
        return folder, process.launch(RunFolder(folder), brakes, BRAKED if brake else process.WORKER)

    def kill(self, where: str) -> None:
        """Let a worker train up to a seeded moment of the kind ``where``, kill it, and look at what it left."""
        folder, worker = self.start()
        safe = kept.newest_step(folder)
        try:
            self._wait(worker, folder, self._moment(where, folder, safe))
            time.sleep(self.luck.random() * (SAVE_S if where in ("step", "best") else 0.2))
        finally:
            os.killpg(worker.pid, signal.SIGKILL)
            worker.wait(30)
        self._check(folder, safe)

    def _moment(self, where: str, folder: Path, safe: int) -> Callable[[], bool]:
        if where in ("step", "best"):  # a folder of that kind is being written, after some that have been
            goal = safe + SAVE_EVERY * self.luck.randrange(0, 2)
            return lambda: any(
                kept.step_of(Path(path.name.rpartition("-")[0])) > goal
                for path in (folder / kept.FOLDER).glob(f"{UNFINISHED}{where}-*")
            )
        if where == "start":
            return lambda: bool(events(folder))
        goal = safe + self.luck.randrange(1, 3 * SAVE_EVERY)
        return lambda: step_of_last(events(folder)) >= goal

    def _wait(self, worker: subprocess.Popen[bytes], folder: Path, reached: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while not reached():
            assert worker.poll() is None, RunFolder(folder).log_tail()
            assert time.monotonic() < deadline, f"{folder.name}: {events(folder)[-3:]}"
            time.sleep(0.01)

    def _check(self, folder: Path, safe: int) -> None:
        said = events(folder)
        inside = any(path.name.startswith((UNFINISHED, REPLACED)) for path in (folder / kept.FOLDER).glob(".*"))
        self.where["inside a save" if inside else "between saves"] += 1
        reached = max(step_of_last(said), safe)
        found, damaged = search(kept.holder(folder))
        assert not damaged, "a kill leaves no half checkpoint under a name that counts"
        step = found[1].step if found is not None else 0
        assert step >= safe, "what was safe before is safe still"
        told = [m.step for m in said if isinstance(m, CheckpointSaved) and not m.best]
        assert step >= max(told, default=0), "what was told to be saved is saved"
        assert reached - step <= SAVE_EVERY, f"{reached - step} steps are lost"
        begun = next((m.done for m in said if isinstance(m, Progress) and m.unit == "steps"), None)
        # A kill just before a whole checkpoint got its name costs nothing: then it goes on from that one.
        assert begun is None or safe <= begun <= safe + SAVE_EVERY, "it went on from the newest checkpoint"

    def finish(self) -> str:
        """Let a plain worker train to the end; hash of the student."""
        folder, worker = self.start(brake=False)
        assert worker.wait(PATIENCE_S) == 0, RunFolder(folder).log_tail()
        last = events(folder)[-1]
        assert isinstance(last, Finished)
        assert (last.status, last.summary["steps"], last.summary["best_step"]) == ("done", self.steps, self.steps)
        return weights_hash(folder / last.summary["student"])


def survive(folder: Path, kills: list[str], steps: int, seed: int) -> Trial:
    trial = Trial(folder, steps, random.Random(seed))
    for where in kills:
        trial.kill(where)
    ended = trial.finish()
    unbroken = make_run(folder / "unbroken")
    spec = trial.spec(unbroken).to_json() | {"run_dir": str(unbroken), "resume_from": ""}
    assert ended == weights_hash(student_of(unbroken, train(TrainSpec.from_json(spec)))), "bit for bit the same"
    print(f"{len(kills)} kills, {dict(trial.where)}, {steps} steps, seed {seed}")
    return trial


@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("kills", "seed"), [(["between"], 4), (["step"], 2), (["best", "start"], 3)], ids=["a step", "a save", "the best"]
)
def test_a_killed_training_goes_on_from_a_whole_checkpoint_and_ends_bit_for_bit_the_same(
    kills: list[str], seed: int, tmp_path: Path
) -> None:
    trial = survive(tmp_path, kills, 40, seed)
    if kills[0] != "between":
        assert trial.where["inside a save"] >= 1


@pytest.mark.slow
@pytest.mark.timeout(3_600)
def test_30_kills_of_a_training_at_least_10_inside_a_save(tmp_path: Path) -> None:
    luck = random.Random(30)
    kills = ["step"] * 10 + ["best"] * 5 + ["between"] * 12 + ["start"] * 3
    luck.shuffle(kills)
    trial = survive(tmp_path, kills, 400, seed=30)
    assert sum(trial.where.values()) == 30
    assert trial.where["inside a save"] >= 10


@pytest.mark.timeout(600)
def test_dsbs_train_resume_after_kill_9(tmp_path: Path) -> None:
    project = _project(tmp_path / "project")
    unbroken = _dsbs("train", project, *_OPTIONS)
    run_id = _killed(project)
    ended = _dsbs("train", project, "--resume", run_id)
    assert ended["steps"] == unbroken["steps"] == 150
    assert (ended["best_step"], ended["valid_accuracy"]) == (unbroken["best_step"], unbroken["valid_accuracy"])
    students = [kept.named(project / "runs" / run["run"], kept.BEST)[-1] for run in (unbroken, ended)]
    assert weights_hash(students[0]) == weights_hash(students[1])


_OPTIONS = (
    *("--method", "step-by-step", "--student", "starter"),
    *("--steps", "150", "--eval-every", "50", "--batch-size", "4"),
)


def _project(folder: Path) -> Path:
    rows = folder.with_name("rows.jsonl")
    names = ("input", "label", "rationale")
    rows.write_text("".join(json.dumps({name: row[name] for name in names}) + "\n" for row in ROWS))
    _dsbs("new", folder)
    for split in ("train", "valid"):
        _dsbs("import", folder, rows, "--split", split)
    return folder


def _dsbs(command: str, project: Path, *arguments: str | Path) -> dict[str, Any]:
    line = [sys.executable, "-m", "dsbs_gui", command, str(project), *map(str, arguments), "--json"]
    done = subprocess.run(line, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
    assert done.returncode == 0, done.stderr
    body: dict[str, Any] = json.loads(done.stdout)
    return body


def _killed(project: Path) -> str:
    """Start ``dsbs train``, kill its worker once a checkpoint is there, and the command itself; the run's id."""
    before = set((project / "runs").iterdir())
    line = [sys.executable, "-m", "dsbs_gui", "train", str(project), *_OPTIONS]
    with subprocess.Popen(line, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as owner:
        deadline = time.monotonic() + PATIENCE_S
        while not (made := set((project / "runs").iterdir()) - before) or not kept.newest_step(next(iter(made))):
            assert time.monotonic() < deadline
            assert owner.poll() is None
            time.sleep(0.005)
        run = next(iter(made))
        os.killpg(int(RunFolder(run).read_state()["pid"]), signal.SIGKILL)
        owner.kill()
    assert not any(isinstance(message, Finished) for message in events(run))
    return run.name
