"""The generation job as the worker runs it: input file in, messages out."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import pytest

from dsbs_gui.core.errors import UserError
from dsbs_gui.core.protocol import Finished, Message, Progress, TeacherAnswer
from dsbs_gui.steps.teacher.prompts import Exemplar, Prompt
from dsbs_gui.steps.teacher.specs import GenerateSpec
from dsbs_gui.steps.teacher.work.generating import run

from .fault_server import FaultServer, answer, drip, serving, status
from .gguf_files import embedded, truncated

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

PROMPT = Prompt(
    task="math",
    instruction="",
    question_prefix="Q:",
    answer_prefix="A:",
    trigger="The answer is",
    stop=("\nQ:",),
    exemplars=(Exemplar({"input": "What is 2 + 3?"}, "2 + 3 = 5.", "5"),),
)
TOKENS = (20, 7)
GOOD = answer("1 + 1 = 2. The answer is 2.", tokens=TOKENS)


def job(
    folder: Path,
    n: int = 4,
    samples: Sequence[int] = (0,),
    should_stop: Callable[[], bool] = lambda: False,
    rows: Sequence[dict[str, Any]] = (),
    said: list[Message] | None = None,
    **settings: Any,
) -> list[Message]:
    """Run the job on ``n`` different questions (or ``rows``); what it said, also in ``said`` if it raises."""
    made = [
        {"example_id": 10 + i, "fields": {"input": f"What is {i} + 1?"}, "samples": list(samples), "gold": None}
        for i in range(n)
    ]
    (folder / "input.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows or made))
    usual: dict[str, Any] = {"task": "math", "prompt": PROMPT.to_json(), "max_tokens": 30}
    spec = GenerateSpec(run_dir=str(folder), **(usual | settings))
    said = [] if said is None else said
    run(spec, said.append, should_stop)
    return said


def ask(folder: Path, server: FaultServer, **settings: Any) -> list[Message]:
    return job(folder, teacher_kind="server", model=server.address, **settings)


def answers(said: list[Message]) -> list[TeacherAnswer]:
    return [message for message in said if isinstance(message, TeacherAnswer)]


def finished(said: list[Message]) -> Finished:
    assert isinstance(said[-1], Finished)
    assert sum(isinstance(message, Finished) for message in said) == 1
    return said[-1]


def test_every_example_and_sample_gets_an_answer_and_the_summary_counts_them(tmp_path: Path) -> None:
    with serving(GOOD) as server:
        said = ask(tmp_path, server, n=3, samples=(0, 1))
    assert sorted((a.example_id, a.sample) for a in answers(said)) == [(10 + i, s) for i in range(3) for s in (0, 1)]
    assert {a.raw for a in answers(said)} == {"1 + 1 = 2. The answer is 2."}
    last = finished(said)
    assert last.status == "done"
    assert last.summary.pop("seconds") > 0
    assert last.summary.pop("engine") == {"parallel": 4}
    assert last.summary == {"done": 6, "failed": {}, "tokens_in": 120, "tokens_out": 42, "stopped_by": "", "reused": 0}
    progress = [message for message in said if isinstance(message, Progress)]
    assert (progress[0].done, progress[0].total) == (0, 6)
    assert (progress[-1].done, progress[-1].total, progress[-1].unit) == (6, 6, "answers")


def test_the_same_question_is_paid_for_once_and_answers_every_row_that_asks_it(tmp_path: Path) -> None:
    rows = [{"example_id": i, "fields": {"input": "What is 1 + 1?"}, "samples": [0], "gold": None} for i in (1, 2, 3)]
    with serving(GOOD) as server:
        said = ask(tmp_path, server, rows=rows)
    assert len(server.asked) == 1
    assert [a.example_id for a in answers(said)] == [1, 2, 3]
    assert [a.tokens_in for a in answers(said)] == [20, 0, 0]
    assert finished(said).summary["done"] == 3
    assert finished(said).summary["tokens_in"] == 20


def test_failures_are_answers_with_a_reason_and_counted_by_it(tmp_path: Path) -> None:
    modes = [GOOD, answer(""), answer("Because 1", "length"), status(400, "no"), GOOD]
    with serving(*modes) as server:
        said = ask(tmp_path, server, n=5, parallel=1)
    assert [a.failure for a in answers(said)] == [
        "",
        "empty answer",
        "cut off at the token limit",
        "the server answered 400: no",
        "",
    ]
    last = finished(said)
    assert last.status == "done"
    assert last.summary["done"] == 2
    assert last.summary["failed"] == {failure: 1 for a in answers(said) if (failure := a.failure)}


def test_a_refused_key_ends_the_job_and_keeps_what_was_answered(tmp_path: Path) -> None:
    said: list[Message] = []
    with serving(GOOD, GOOD, status(401, "revoked")) as server, pytest.raises(UserError, match="revoked"):
        ask(tmp_path, server, n=9, parallel=1, said=said)
    assert len(answers(said)) == 2
    assert len(server.asked) == 3
    assert not any(isinstance(message, Finished) for message in said)


@pytest.mark.parametrize("parallel", [1, 4])
def test_the_budget_ends_the_job_before_the_request_that_would_cross_it(tmp_path: Path, parallel: int) -> None:
    with serving(GOOD) as server:
        said = ask(tmp_path, server, n=40, parallel=parallel, budget_tokens=300)
    last = finished(said)
    assert (last.status, last.summary["stopped_by"]) == ("stopped", "budget")
    spent = last.summary["tokens_in"] + last.summary["tokens_out"]
    assert spent == sum(TOKENS) * len(server.asked)
    assert spent <= 300
    # The dearest next request: 30 tokens out, and at most this server's 20 tokens a prompt in, with a margin.
    assert spent + sum(TOKENS) + 60 > 300


def test_a_budget_that_holds_nothing_asks_nothing(tmp_path: Path) -> None:
    with serving(GOOD) as server:
        said = ask(tmp_path, server, budget_tokens=10)
    assert server.asked == []
    assert finished(said).summary["stopped_by"] == "budget"


def test_stopping_a_server_job_ends_within_a_second(tmp_path: Path) -> None:
    wanted: list[float] = []
    with serving(GOOD, drip) as server:

        def should_stop() -> bool:
            if len(server.asked) > 1 and not wanted:
                wanted.append(time.monotonic())
            return bool(wanted)

        said = ask(tmp_path, server, n=50, should_stop=should_stop)
        assert time.monotonic() - wanted[0] < 1
    last = finished(said)
    assert (last.status, last.summary["stopped_by"], last.summary["done"]) == ("stopped", "user", 1)


def test_stopping_while_the_server_is_asked_for_its_models_ends_within_a_second(tmp_path: Path) -> None:
    with serving(GOOD) as server:
        server.slow_models_s = 5.0
        started = time.monotonic()
        said = ask(tmp_path, server, should_stop=lambda: True)
        assert time.monotonic() - started < 2  # a second, and what the machine takes to start and to end
    assert server.asked == []
    assert finished(said).status == "stopped"


@pytest.mark.parametrize("hint", ["never", "wrong", "always"])
def test_the_gold_label_is_told_when_it_is_wanted_and_to_nobody_else(tmp_path: Path, hint: str) -> None:
    """The teacher always says 2: right for the first row, wrong for the second; the third has no gold label."""
    rows = [
        {"example_id": i, "fields": {"input": f"What is {i} + 1?"}, "samples": [0], "gold": gold}
        for i, gold in ((1, "2"), (2, "3"), (3, None))
    ]
    with serving(GOOD) as server:
        said = ask(tmp_path, server, rows=rows, hint=hint, parallel=1)
    told = [(a.example_id, a.hinted) for a in answers(said)]
    expected = {
        "never": [(1, False), (2, False), (3, False)],
        "wrong": [(1, False), (2, False), (3, False), (2, True)],
        "always": [(3, False), (1, True), (2, True)],
    }
    assert told == expected[hint]
    prompts = [body["messages"][0]["content"] for body in server.asked]
    assert ["the correct answer is" in prompt for prompt in prompts] == [hinted for _, hinted in expected[hint]]
    assert finished(said).summary["done"] == len(told)


def test_an_unknown_kind_of_teacher_is_the_users_mistake(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="oracle"):
        job(tmp_path, teacher_kind="oracle")


def test_the_embedded_model_answers_rows_and_counts_its_tokens(tmp_path: Path) -> None:
    said = job(tmp_path, n=2, model=str(embedded()), parallel=2)
    found = answers(said)
    assert sorted(a.example_id for a in found) == [10, 11]
    assert all(a.raw.strip() and "\nQ:" not in a.raw for a in found)
    assert all(a.mean_logprob is not None and a.mean_logprob < 0 for a in found)
    last = finished(said)
    assert last.status == "done"
    assert last.summary["done"] + sum(last.summary["failed"].values()) == 2
    assert last.summary["tokens_out"] == sum(a.tokens_out for a in found) > 0
    assert last.summary["tokens_in"] == sum(a.tokens_in for a in found) > 0


def test_a_budget_holds_for_the_embedded_model(tmp_path: Path) -> None:
    said = job(tmp_path, n=6, model=str(embedded()), budget_tokens=150)
    last = finished(said)
    assert last.summary["stopped_by"] == "budget"
    assert 0 < len(answers(said)) < 6
    assert last.summary["tokens_in"] + last.summary["tokens_out"] <= 150


def test_stopping_while_the_model_is_loaded_is_a_stop_and_no_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dsbs_gui.steps.teacher.work.llama_model._ASK_SECONDS", 0.0)
    said = job(tmp_path, model=str(embedded()), should_stop=lambda: True)
    assert answers(said) == []
    assert (finished(said).status, finished(said).summary["stopped_by"]) == ("stopped", "user")
    assert finished(said).summary["done"] == 0


def test_a_cut_off_model_file_fails_before_anything_is_asked(tmp_path: Path) -> None:
    path = truncated(embedded(), tmp_path, 40_000_000)
    said: list[Message] = []
    with pytest.raises(UserError, match="cut off"):
        job(tmp_path, model=str(path), said=said)
    assert [type(message) for message in said] == [Progress]
