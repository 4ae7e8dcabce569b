"""*Resume* in the job list: the same settings, and only what is missing."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from dsbs_gui.app.resuming import can_resume, resumed
from dsbs_gui.core.errors import UserError
from dsbs_gui.core.project import Project
from dsbs_gui.core.store import answers, runs
from dsbs_gui.core.store.answers import NewAnswer
from dsbs_gui.core.store.database import Transaction
from dsbs_gui.core.store.runs import Run
from dsbs_gui.steps.teacher import plan
from dsbs_gui.steps.teacher.specs import GenerateSpec


@pytest.fixture
def project(make_project: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> Iterator[Project]:
    monkeypatch.setattr(plan, "demand_llama_cpp", lambda: None)
    opened = Project.open(make_project(rows=3))
    yield opened
    opened.close()


def interrupted(project: Project, kind: str, spec: dict[str, Any]) -> Run:
    def add(tx: Transaction) -> Run:
        run = runs.add(tx, kind=kind, title="T", lane="gpu", spec=spec, context={"cache_key": "k", "teacher": "t"})
        runs.set_state(tx, run.id, "running")
        runs.set_state(tx, run.id, "interrupted")
        return runs.get(tx, run.id)

    return project.store.write_now(add)


def generation(project: Project, samples: int = 2) -> Run:
    run = interrupted(project, "generate", GenerateSpec(teacher_kind="gguf", model="m.gguf", seed=7).to_json())
    rows = [{"example_id": i, "fields": {}, "samples": list(range(samples)), "gold": None} for i in (1, 2, 3)]
    project.jobs.folder(run.id).make("generate", run.spec, {"input.jsonl": rows})
    return run


def answer(project: Project, run: Run, example_id: int, sample: int) -> None:
    made = NewAnswer(example_id, run.id, "teacher", "t", "raw", sample=sample, cache_key="k")
    project.store.write_now(lambda tx: answers.add(tx, made))


def test_a_generation_goes_on_with_what_is_not_answered(project: Project) -> None:
    run = generation(project)
    for example_id, sample in ((1, 0), (1, 1), (2, 0)):
        answer(project, run, example_id, sample)
    request = resumed(project, run)
    rows = list(request.inputs["input.jsonl"])
    assert [(row["example_id"], row["samples"]) for row in rows] == [(2, [1]), (3, [0, 1])]
    assert request.spec == GenerateSpec.from_json(run.spec)
    assert request.context == run.context
    assert request.title == f"Generate 3 rationales, continued from {run.id}"
    json.dumps(rows)


def test_with_all_answers_there_is_nothing_to_go_on_with(project: Project) -> None:
    run = generation(project, samples=1)
    for example_id in (1, 2, 3):
        answer(project, run, example_id, 0)
    with pytest.raises(UserError, match="all its answers"):
        resumed(project, run)


def test_rows_that_are_gone_are_said(project: Project) -> None:
    run = interrupted(project, "generate", GenerateSpec(teacher_kind="gguf").to_json())
    with pytest.raises(UserError, match="are gone"):
        resumed(project, run)


def test_a_server_goes_on_from_its_page_which_has_the_key(project: Project) -> None:
    assert can_resume(generation(project))
    assert not can_resume(interrupted(project, "generate", GenerateSpec(teacher_kind="server").to_json()))


def test_training_that_left_no_rows_is_refused_with_a_sentence(project: Project) -> None:
    from dsbs_gui.steps.training.specs import TrainSpec

    run = interrupted(project, "train", TrainSpec(steps=5).to_json())
    assert can_resume(run)
    with pytest.raises(UserError, match="are gone"):
        resumed(project, run)
