"""Several contexts side by side: every request is answered once, as in one context, and a stop ends all."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from dsbs_gui.core.files import write_json
from dsbs_gui.steps.teacher.specs import GenerateSpec
from dsbs_gui.steps.teacher.work import llama_speed
from dsbs_gui.steps.teacher.work.asking import Request
from dsbs_gui.steps.teacher.work.llama_engine import LlamaEngine

from .gguf_files import embedded

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PREFIX = "Q: What is 2 + 3?\nA: 2 + 3 = 5. The answer is 5.\n\n"
REQUESTS = [Request(n, 0, f"{PREFIX}Q: What is {n} + {n + 1}?\nA:") for n in range(9)]
SPEC = GenerateSpec(model=str(embedded()), max_tokens=8, parallel=4, weights="given")


def with_lanes(n: int, settings: GenerateSpec = SPEC) -> LlamaEngine:
    """An engine on a machine where so many lanes were measured to be best."""
    path = embedded()
    file = llama_speed._file(path)
    file.parent.mkdir(parents=True, exist_ok=True)
    write_json(file, {"busy": False, "seconds": {"given": {n: 0.1, n + 1: 0.2}, "expanded": {1: 0.3}}})
    return LlamaEngine(settings, PREFIX, (), [request.prompt for request in REQUESTS])


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr("dsbs_gui.steps.teacher.work.llama_layout.threads", lambda: 2)


@pytest.fixture
def two() -> Iterator[LlamaEngine]:
    engine = with_lanes(2)
    yield engine
    engine.close()


def texts(engine: LlamaEngine) -> list[str]:
    replies = sorted(engine.answer(iter(REQUESTS), lambda: False), key=lambda reply: reply.request.example_id)
    assert [reply.request.example_id for reply in replies] == list(range(len(REQUESTS)))
    return [reply.raw for reply in replies]


def test_two_lanes_share_the_answers_and_the_threads(two: LlamaEngine) -> None:
    assert [(shape.n_sequences, shape.n_threads) for shape in two.layout.shapes] == [(3, 1), (3, 1)]
    assert two.facts()["parallel"] == 4


def test_every_request_is_answered_once_and_the_same_again(two: LlamaEngine) -> None:
    first = texts(two)
    assert len(set(first)) > 1
    assert texts(two) == first


def test_two_lanes_answer_as_one_does(two: LlamaEngine) -> None:
    one = with_lanes(1)
    try:
        assert len(one.layout.shapes) == 1
        same = sum(a == b for a, b in zip(texts(one), texts(two), strict=True))
    finally:
        one.close()
    assert same >= len(REQUESTS) - 1  # rounding may decide a tie otherwise where a batch has another size


def test_fewer_answers_at_once_than_lanes_leave_no_lane_empty() -> None:
    engine = with_lanes(2, replace(SPEC, parallel=1))
    try:
        assert [shape.n_sequences for shape in engine.layout.shapes] == [2]
    finally:
        engine.close()


def test_a_stop_ends_all_lanes_within_a_second(two: LlamaEngine) -> None:
    wanted: list[float] = []

    def should_stop() -> bool:
        return bool(wanted)

    replies = two.answer(iter(REQUESTS * 50), should_stop)
    next(replies)
    wanted.append(time.monotonic())
    assert len(list(replies)) < len(REQUESTS)
    assert time.monotonic() - wanted[0] < 1


def test_an_abandoned_answer_leaves_the_engine_fit_for_the_next(two: LlamaEngine) -> None:
    expected = texts(two)
    replies = two.answer(iter(REQUESTS), lambda: False)
    next(replies)
    replies.close()
    assert texts(two) == expected


def test_a_lane_that_has_fallen_far_behind_is_helped(two: LlamaEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dsbs_gui.steps.teacher.work.llama_engine._MOST_AHEAD", 1)
    requests = iter(REQUESTS)
    taken = [two._next(0, requests) for _ in range(4)]
    assert [request.example_id for request in taken if request] == [0, 2, 3, 4]
    following = two._next(1, requests)
    assert following is not None
    assert following.example_id == 1
