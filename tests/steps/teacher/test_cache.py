"""Nothing is asked twice: counted at a server, at a local teacher and at an engine that does sums."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dsbs_gui.core.jobs.request import JobRequest
from dsbs_gui.core.project import Project
from dsbs_gui.core.store import answers, examples, runs
from dsbs_gui.core.tasks import task_named
from dsbs_gui.steps.teacher import exemplars, ledger, plan
from dsbs_gui.steps.teacher.prompts import Prompt, render
from dsbs_gui.steps.teacher.wording import Wording

from .fault_server import answer, serving
from .gguf_files import embedded
from .working import SERVER, Adder, rows_of, sums, work

GOOD = answer("It is 2. The answer is 2.")
BARE = Prompt("math", "", "Q:", "A:", "The answer is", ("\nQ:",), ())


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    opened = sums(tmp_path / "sums")
    yield opened
    opened.close()


def request(project: Project, **choices: Any) -> JobRequest:
    return plan.generate_request(project, **{"teacher": SERVER, "prompt": BARE, **choices})


def texts(project: Project) -> dict[int, str | None]:
    return {i: example.rationale for i, example in examples.page(project.store.reader, range(1, 101)).items()}


def test_a_server_is_asked_63_times_more_after_an_interruption_at_37_of_100_and_then_never(project: Project) -> None:
    with serving(GOOD) as server:
        choices = {"teacher": server.address, "parallel": 1}
        first = work(project, request(project, **choices), stop_after=37)
        assert first.summary["stopped_by"] == "user"
        assert len(server.asked) == 37
        work(project, request(project, **choices))
        assert len(server.asked) == 100
        last = work(project, request(project, **choices))
        assert len(server.asked) == 100
    assert last.summary["done"] == 0
    assert len({body["messages"][0]["content"] for body in server.asked}) == 100


def test_a_local_teacher_is_asked_7_times_more_after_an_interruption_at_5_of_12_and_then_never(
    project: Project,
) -> None:
    choices = {"teacher": str(embedded()), "limit": 12, "max_tokens": 4, "parallel": 1}
    asked = []
    for stop_after in (5, None, None):
        run = work(project, request(project, **choices), stop_after=stop_after)
        asked.append(ledger.read(project.run_folder(run.id)).lines // 2)
    # All are cut off at four tokens: the same teacher would cut them off at the same place again.
    assert answers.tally(project.store.reader, run.id)["answers"] == 0
    assert asked == [5, 7, 0]


def test_a_question_that_another_row_has_had_answered_costs_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = sums(tmp_path / "twins", 6, lambda i: f"What is {i % 3} + 1?")
    try:
        teacher = Adder()
        work(project, request(project, limit=3), teacher, monkey=monkeypatch)
        wanted = request(project)
        assert plan.pending(project, wanted) == 3
        assert rows_of(wanted) == []
        run = work(project, wanted, teacher, monkey=monkeypatch)
        assert len(teacher.asked) == 3
        assert (run.summary["done"], run.summary["reused"], run.summary["tokens_in"]) == (3, 3, 0)
        assert texts(project)[6] == texts(project)[3] == "2 and one."
        assert plan.pending(project, request(project)) == 0
    finally:
        project.close()


def test_a_prompt_of_another_name_with_the_same_text_asks_nothing(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    work(project, request(project), teacher := Adder(), monkey=monkeypatch)
    renamed = replace(BARE, version="2")
    assert renamed.hash != BARE.hash
    assert plan.pending(project, request(project, prompt=renamed)) == 0
    assert len(teacher.asked) == 100


@pytest.mark.parametrize(
    "change",
    [
        {"prompt": replace(BARE, instruction="Think.")},
        {"temperature": 0.7},
        {"max_tokens": 64},
        {"teacher": "http://localhost:8080/v1#small"},
    ],
)
def test_another_prompt_temperature_limit_or_teacher_asks_anew_and_the_answers_of_others_stay(
    project: Project, monkeypatch: pytest.MonkeyPatch, change: dict[str, Any]
) -> None:
    choices = {"limit": 10}
    work(project, request(project, **choices), Adder(), monkey=monkeypatch)
    before = project.store.reader.execute("SELECT id, raw, teacher, cache_key FROM answers ORDER BY id").fetchall()
    other = Adder(lambda _: "Hm. The answer is 7.")
    work(project, request(project, **choices, **change), other, monkey=monkeypatch)
    assert len(other.asked) == 10
    after = project.store.reader.execute("SELECT id, raw, teacher, cache_key FROM answers ORDER BY id").fetchall()
    assert [tuple(row) for row in after[:10]] == [tuple(row) for row in before]
    assert len(after) == 20
    assert plan.pending(project, request(project, **choices)) == 0


def test_other_seeds_and_samples_count_only_where_something_is_drawn(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    work(project, request(project, limit=3), Adder(), monkey=monkeypatch)
    assert plan.pending(project, request(project, limit=3, seed=5)) == 0
    assert plan.pending(project, request(project, limit=3, seed=5, temperature=0.7)) == 3
    assert plan.pending(project, request(project, limit=3, samples=4, temperature=0.0)) == 9


def test_what_a_run_that_goes_on_is_asking_is_not_asked_beside_it(project: Project) -> None:
    wanted = request(project, limit=60)
    run = project.store.write_now(
        lambda tx: runs.add(
            tx, kind="generate", title="T", lane="network", spec=wanted.spec.to_json(), context=wanted.context
        )
    )
    project.jobs.folder(run.id).make("generate", wanted.spec.to_json(), wanted.inputs)
    assert plan.pending(project, request(project)) == 40
    assert plan.pending(project, request(project, temperature=0.5)) == 100
    project.store.write_now(lambda tx: runs.set_state(tx, run.id, "interrupted"))
    assert plan.pending(project, request(project)) == 100


@pytest.mark.parametrize("task", ["nli", "choice", "math", "text"])
def test_the_wording_of_a_row_is_what_the_prompt_renders(task: str) -> None:
    prompt = exemplars.bundled(task, [])
    fields = {"input": "Why?", "premise": "A.", "hypothesis": "B.", "question": "Which?", "choices": ["red", "blue"]}
    assert Wording(prompt, task_named(task)).text(fields) == render(prompt, fields)
