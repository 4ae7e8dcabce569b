"""``dsbs train``: what may be said beside ``--resume``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from dsbs_gui.app import cli
from dsbs_gui.app.commands import training
from dsbs_gui.core.jobs.request import JobRequest
from dsbs_gui.core.project import Project
from dsbs_gui.core.store import examples, imports, runs
from dsbs_gui.core.store.database import Transaction
from dsbs_gui.core.store.runs import Run
from dsbs_gui.steps.training import plan, spoken
from dsbs_gui.steps.training.defaults import of_run


@dataclass
class Resuming:
    """A project with one stopped run, and what the command then does of it."""

    folder: Path
    run: Run
    asked: list[JobRequest]
    capsys: pytest.CaptureFixture[str]

    def __call__(self, *options: str) -> tuple[int, str]:
        code = cli.main(["train", str(self.folder), "--resume", self.run.id, *options])
        return code, self.capsys.readouterr().err


def _stopped_run(project: Project, **choices: Any) -> Run:
    request = plan.train_request(project, method="finetune", **choices)

    def add(tx: Transaction) -> Run:
        run = runs.add(
            tx, kind="train", title=request.title, lane="gpu", spec=request.spec.to_json(), context=request.context
        )
        runs.set_state(tx, run.id, "running")
        runs.set_state(tx, run.id, "stopped")
        return runs.get(tx, run.id)

    run = project.store.write_now(add)
    project.jobs.folder(run.id).make("train", run.spec, request.inputs)
    return run


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    made = Project.create(tmp_path / "p", "math")
    rows = [
        {"line": i, "id": None, "fields": {"input": f"q {i}"}, "input": f"q {i}", "label": str(i)} for i in range(30)
    ]

    def fill(tx: Transaction) -> None:
        examples.add(tx, rows, split="train", import_id=imports.start(tx, "import-0", "x", "train", {}, ""))

    made.store.write_now(fill)
    yield made
    made.close()


@pytest.fixture
def resuming(project: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Resuming:
    (project.folder.parent / "student").mkdir()
    (project.folder.parent / "student" / "config.json").write_text("{}")
    run = _stopped_run(project, student=str(project.folder.parent / "student"), steps=20, lr=0.01)
    project.close()
    made = Resuming(project.folder, run, [], capsys)

    def follow(_project: Project, request: JobRequest) -> Run:
        made.asked.append(request)
        return run

    monkeypatch.setattr(training, "follow", follow)
    monkeypatch.chdir(project.folder.parent)
    return made


def test_a_run_is_resumed_without_another_word_or_with_its_own_settings_said_again(resuming: Resuming) -> None:
    same = ("--method", "finetune", "--student", resuming.run.spec["student"])
    every = spoken.words(Path("p"), of_run(resuming.run))[3:]
    assert {"--lr", "--steps"} < set(every)
    for options in ((), same, ("--student", "./student"), ("--steps", "20", "--lr", "1e-2", "--seed", "0"), every):
        resuming(*options)
        request = resuming.asked.pop()
        assert request.spec.resume_from.endswith(resuming.run.id)
        assert request.spec.lr == 0.01


def test_other_settings_beside_resume_are_refused_by_name(resuming: Resuming) -> None:
    code, said = resuming("--lr", "1e-4", "--seed", "3", "--steps", "20")
    assert code == 2
    assert "A resumed run keeps its own settings: --lr, --seed cannot be changed. Leave them out" in said
    assert resuming("--student", "starter")[0] == 2
    assert resuming("--student", "not there!")[0] == 2
    code, said = resuming("--epochs", "3")
    assert code == 2
    assert "--epochs cannot be changed" in said
    assert "was a finetune run" in resuming("--method", "distill")[1]
    assert not resuming.asked
