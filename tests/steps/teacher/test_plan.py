"""What a request asks, and what the project keeps of the answers: nothing twice, nothing lost."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dsbs_gui.core.errors import UserError
from dsbs_gui.core.jobs.request import JobRequest
from dsbs_gui.core.project import Project
from dsbs_gui.core.protocol import Event, Finished, Message, TeacherAnswer
from dsbs_gui.core.store import answers, examples, imports, runs
from dsbs_gui.core.store.database import Transaction
from dsbs_gui.core.store.runs import Run
from dsbs_gui.steps.teacher import intake, plan
from dsbs_gui.steps.teacher.specs import hinted_sample

SERVER = "http://localhost:8080/v1#large"


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    opened = Project.create(tmp_path / "sums", "math")
    texts = [f"What is {n} + 1?" for n in range(100)]
    rows = [
        {"line": n, "id": None, "fields": {"input": text}, "input": text, "label": str(n + 1)}
        for n, text in enumerate(texts)
    ]

    def fill(tx: Transaction) -> None:
        examples.add(tx, rows, split="train", import_id=imports.start(tx, "import-0", "x.csv", "train", {}, "0"))

    opened.store.write_now(fill)
    yield opened
    opened.close()


def request(project: Project, **choices: Any) -> JobRequest:
    return plan.generate_request(project, teacher=SERVER, **choices)


def rows_of(wanted: JobRequest) -> list[dict[str, Any]]:
    return [dict(row) for row in wanted.inputs["input.jsonl"]]


def take(project: Project, wanted: JobRequest, *messages: Message) -> Run:
    """Let a run of this request say the messages."""

    def act(tx: Transaction) -> Run:
        run = runs.add(
            tx, kind="generate", title="T", lane="network", spec=wanted.spec.to_json(), context=dict(wanted.context)
        )
        for seq, message in enumerate(messages, 1):
            intake.take(tx, run, Event(seq, 0.0, message))
        return runs.get(tx, run.id)

    return project.store.write_now(act)


def said(row: dict[str, Any], text: str = "The answer is {}.", **more: Any) -> TeacherAnswer:
    gold = int(row["fields"]["input"].split()[2]) + 1
    return TeacherAnswer(row["example_id"], raw=text.format(gold), finish_reason="stop", **{"sample": 0, **more})


def test_a_run_interrupted_at_37_of_100_asks_exactly_63_more(project: Project) -> None:
    first = request(project)
    rows = rows_of(first)
    assert len(rows) == 100
    take(project, first, *map(said, rows[:37]))
    left = rows_of(request(project))
    assert [row["example_id"] for row in left] == [row["example_id"] for row in rows[37:]]
    take(project, request(project), *map(said, left))
    assert rows_of(request(project)) == []


def test_another_teacher_prompt_or_parameter_is_another_question(project: Project) -> None:
    first = request(project)
    take(project, first, *map(said, rows_of(first)))
    assert plan.pending(project, request(project, limit=10)) == 0
    assert plan.pending(project, request(project, limit=10, max_tokens=64)) == 10
    assert plan.pending(project, request(project, limit=10, temperature=0.5)) == 10
    assert (
        plan.pending(project, plan.generate_request(project, teacher="http://localhost:8080/v1#small", limit=10)) == 10
    )


def test_further_samples_ask_only_for_themselves(project: Project) -> None:
    first = request(project, limit=2, temperature=0.7)
    take(project, first, *map(said, rows_of(first)))
    more = rows_of(request(project, limit=2, samples=3))
    assert [row["samples"] for row in more] == [[1, 2], [1, 2]]


def test_a_failed_answer_is_asked_for_again(project: Project) -> None:
    first = request(project, limit=1)
    (row,) = rows_of(first)
    take(project, first, said(row, "", failure="empty answer"))
    assert plan.pending(project, request(project, limit=1)) == 1


def test_an_answer_is_kept_raw_read_and_let_stand(project: Project) -> None:
    first = request(project, limit=1)
    (row,) = rows_of(first)
    text = "It is 0 + 1 = 1. The answer is 1."
    run = take(project, first, said(row, text), Finished("done", {"done": 1, "tokens_in": 9, "tokens_out": 8}))
    db = project.store.reader
    (answer,) = answers.of_example(db, row["example_id"])
    assert (answer.raw, answer.rationale, answer.label) == (text, "It is 0 + 1 = 1.", "1")
    assert (answer.rung, answer.agree, answer.teacher) == ("value", True, "large")
    example = examples.get(db, row["example_id"])
    assert example is not None
    assert (example.state, example.rationale) == ("unreviewed", "It is 0 + 1 = 1.")
    assert (run.summary["parsed"], run.summary["agree"], run.summary["failed"]) == (1, 1, {})


def test_a_hint_is_asked_for_where_the_answer_was_wrong(project: Project) -> None:
    first = request(project, limit=3)
    good, bad, lost = rows_of(first)
    take(project, first, said(good), said(bad, "The answer is 77."), said(lost, "I do not know."))
    rows = rows_of(request(project, limit=4, hint_gold="wrong"))
    assert [(row["samples"], row["hinted"]) for row in rows] == [([], [0]), ([], [0]), ([0], [])]
    assert [row["gold"] for row in rows] == ["2", "3", "4"]


def test_a_hinted_answer_lies_beside_the_honest_one_of_its_run_and_stands(project: Project) -> None:
    wanted = request(project, limit=1, hint_gold="wrong")
    (row,) = rows_of(wanted)
    hinted = said(row, "Add one. The answer is {}.", sample=hinted_sample(0), hinted=True)
    take(project, wanted, said(row, "Hm. The answer is 77."), hinted)
    db = project.store.reader
    assert sorted((a.sample, a.hinted, a.label) for a in answers.of_example(db, row["example_id"])) == [
        (-1, True, "1"),
        (0, False, "77"),
    ]
    example = examples.get(db, row["example_id"])
    assert example is not None
    assert example.rationale == "Add one."
    assert rows_of(request(project, limit=1, hint_gold="wrong")) == []


def test_always_telling_asks_no_honest_question(project: Project) -> None:
    (row,) = rows_of(request(project, limit=1, hint_gold="always"))
    assert (row["samples"], row["hinted"]) == ([], [0])


def test_gold_labels_do_not_leave_the_project_unless_hints_are_wanted(project: Project) -> None:
    assert {row["gold"] for row in rows_of(request(project))} == {None}


def test_the_key_is_a_secret_and_nowhere_else(project: Project) -> None:
    wanted = request(project, api_key="sk-canary")
    assert wanted.secrets == {"DSBS_API_KEY": "sk-canary"}
    assert "sk-canary" not in repr((wanted.spec, wanted.context, wanted.title, rows_of(wanted)))


def test_an_empty_split_is_the_users_mistake(project: Project) -> None:
    with pytest.raises(UserError, match="no examples in test"):
        request(project, split="test")
