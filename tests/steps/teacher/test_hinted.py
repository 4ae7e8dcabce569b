"""The generation job with a teacher that answers from a list: hints, twins and what is counted."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from dsbs_gui.core.protocol import Finished, Message, ShouldStop, TeacherAnswer
from dsbs_gui.steps.teacher.prompts import Prompt
from dsbs_gui.steps.teacher.specs import GenerateSpec
from dsbs_gui.steps.teacher.work import generating
from dsbs_gui.steps.teacher.work.asking import Reply, Request

PROMPT = Prompt("math", "", "Q:", "A:", "The answer is", ("\nQ:",), ())
Says = Callable[[Request], str]


class ListedTeacher:
    """An engine whose every answer is what ``says`` makes of the request; 10 tokens in, 5 out."""

    def __init__(self, says: Says) -> None:
        self._says = says
        self.asked: list[Request] = []

    def cost(self, request: Request) -> int:
        return 15

    def answer(self, requests: Iterator[Request], should_stop: ShouldStop) -> Iterator[Reply]:
        for request in requests:
            if should_stop():
                return
            self.asked.append(request)
            yield Reply(request, self._says(request), "stop", tokens_in=10, tokens_out=5)

    def facts(self) -> dict[str, Any]:
        return {}

    def close(self) -> None:
        """Nothing to give back."""


@pytest.fixture
def generate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[ListedTeacher, list[Message]]]:
    def run(rows: list[dict[str, Any]], says: Says, **settings: Any) -> tuple[ListedTeacher, list[Message]]:
        (tmp_path / "input.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
        teacher, said = ListedTeacher(says), []
        monkeypatch.setattr(generating, "open_engine", lambda *_: teacher)
        spec = GenerateSpec(str(tmp_path), task="math", prompt=PROMPT.to_json(), **settings)
        generating.run(spec, said.append, lambda: False)
        return teacher, said

    return run


def row(example_id: int, text: str, gold: str | None = None, **more: Any) -> dict[str, Any]:
    return {"example_id": example_id, "fields": {"input": text}, "samples": [0], "gold": gold, **more}


def answers(said: list[Message]) -> list[tuple[int, int, bool, str]]:
    found = [message for message in said if isinstance(message, TeacherAnswer)]
    return [(answer.example_id, answer.sample, answer.hinted, answer.failure) for answer in found]


Generate = Callable[..., tuple[ListedTeacher, list[Message]]]


def test_a_wrong_answer_is_asked_for_again_with_the_gold_label_told(generate: Generate) -> None:
    rows = [row(1, "1 + 1?", "2"), row(2, "2 + 2?", "4")]
    teacher, said = generate(rows, lambda request: "The answer is 2.", hint="wrong")
    assert answers(said) == [(1, 0, False, ""), (2, 0, False, ""), (2, -1, True, "")]
    assert "Hint: the correct answer is 4." in teacher.asked[-1].prompt
    assert not any("Hint:" in request.prompt for request in teacher.asked[:2])


def test_without_a_gold_label_no_hint_is_given(generate: Generate) -> None:
    _, said = generate([row(1, "1 + 1?")], lambda _: "The answer is 3.", hint="wrong")
    assert answers(said) == [(1, 0, False, "")]


def test_rows_may_ask_for_the_hinted_answer_alone(generate: Generate) -> None:
    rows = [row(1, "1 + 1?", "2", samples=[], hinted=[0])]
    _, said = generate(rows, lambda _: "One and one. The answer is 2.", hint="always")
    assert answers(said) == [(1, -1, True, "")]


def test_a_rationale_that_mentions_the_hint_is_refused(generate: Generate) -> None:
    rows = [row(1, "1 + 1?", "2", samples=[], hinted=[0])]
    _, said = generate(rows, lambda _: "As the hint says, 2. The answer is 2.", hint="always")
    assert answers(said) == [(1, -1, True, "mentions the hint")]
    assert isinstance(said[-1], Finished)
    assert said[-1].summary["failed"] == {"mentions the hint": 1}


def test_the_same_question_is_asked_once_for_all_rows_that_hold_it(generate: Generate) -> None:
    rows = [row(1, "1 + 1?"), row(2, "1 + 1?"), row(3, "2 + 2?")]
    teacher, said = generate(rows, lambda _: "The answer is 2.")
    assert [request.example_id for request in teacher.asked] == [1, 3]
    assert [answer[0] for answer in answers(said)] == [1, 2, 3]
    assert isinstance(said[-1], Finished)
    assert (said[-1].summary["done"], said[-1].summary["tokens_in"]) == (3, 20)


def test_an_answer_cut_off_before_its_label_fails(generate: Generate, monkeypatch: pytest.MonkeyPatch) -> None:
    def cut(self: ListedTeacher, requests: Iterator[Request], should_stop: ShouldStop) -> Iterator[Reply]:
        yield from (Reply(request, "One and", "length") for request in requests)

    monkeypatch.setattr(ListedTeacher, "answer", cut)
    _, said = generate([row(1, "1 + 1?")], lambda _: "")
    assert answers(said) == [(1, 0, False, "cut off at the token limit")]
