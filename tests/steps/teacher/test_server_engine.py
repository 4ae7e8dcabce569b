"""A remote teacher, good and bad: against a real server on this machine."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest

from dsbs_gui.core.errors import DsbsError, ResourceError, UserError
from dsbs_gui.steps.teacher.specs import GenerateSpec
from dsbs_gui.steps.teacher.work.asking import Reply, Request
from dsbs_gui.steps.teacher.work.server_client import Patience
from dsbs_gui.steps.teacher.work.server_engine import ServerEngine

from .fault_server import FaultServer, Handler, answer, drip, hang_up, raw, serving, status

if TYPE_CHECKING:
    from collections.abc import Iterator

QUICK = Patience(attempt_s=0.5, request_s=3.0, tries=5, first_wait_s=0.01)


def ask(server: FaultServer, n: int = 1, patience: Patience = QUICK, **settings: object) -> list[Reply]:
    spec = GenerateSpec(teacher_kind="server", model=server.address, **settings)  # type: ignore[arg-type]
    engine = ServerEngine(spec, ["\nQ:"], patience)
    try:
        requests = (Request(i, 0, f"Q: What is {i}?\nA:") for i in range(n))
        return list(engine.answer(requests, lambda: False))
    finally:
        engine.close()


def test_a_chat_request_holds_the_prompt_the_stops_and_the_servers_only_model() -> None:
    with serving(answer()) as server:
        (reply,) = ask(server, max_tokens=50)
    assert (reply.raw, reply.finish_reason, reply.failure) == ("Fish swim. The answer is 4.", "stop", "")
    assert (reply.tokens_in, reply.tokens_out) == (20, 7)
    (body,) = server.asked
    assert body["messages"] == [{"role": "user", "content": "Q: What is 0?\nA:"}]
    assert (body["model"], body["stop"], body["max_tokens"]) == ("only", ["\nQ:"], 50)


def test_a_plain_completion_goes_to_the_other_address() -> None:
    with serving(answer()) as server:
        (reply,) = ask(server, protocol="completion")
    assert reply.failure == ""
    assert server.paths == ["/v1/completions"]
    assert server.asked[0]["prompt"] == "Q: What is 0?\nA:"


@pytest.mark.parametrize(
    "fault",
    [
        status(429, Retry_After="0"),
        status(500),
        status(503),
        status(408),
        raw(b"<html>down</html>"),
        raw(b"{}"),
        raw(b'{"choices": []}'),
        raw(b'{"choices": [{"finish_reason": "stop", "mess'),
        hang_up,
        drip,
    ],
    ids=["429", "500", "503", "408", "html", "empty-json", "no-choice", "half-json", "hang-up", "drip"],
)
def test_a_passing_fault_is_tried_again(fault: object) -> None:
    with serving(fault, answer()) as server:  # type: ignore[arg-type]
        (reply,) = ask(server)
    assert reply.failure == ""
    assert len(server.asked) == 2


def test_a_lasting_fault_is_tried_five_times_and_then_is_the_rows_reason() -> None:
    with serving(status(500)) as server:
        (reply,) = ask(server)
    assert reply.failure == "the server answered 500"
    assert len(server.asked) == 5


def test_the_server_is_left_alone_as_long_as_it_asks() -> None:
    with serving(status(429, Retry_After="0.3"), answer()) as server:
        started = time.monotonic()
        (reply,) = ask(server)
    assert reply.failure == ""
    assert time.monotonic() - started >= 0.3


def test_an_endless_drip_ends_with_the_deadline() -> None:
    started = time.monotonic()
    with serving(drip) as server:
        (reply,) = ask(server, patience=Patience(attempt_s=0.3, request_s=0.8, tries=5, first_wait_s=0.01))
    assert reply.failure == "the server took too long"
    assert time.monotonic() - started < 5


@pytest.mark.parametrize("code", [401, 403, 404])
def test_a_refusal_ends_the_job_after_one_request(code: int) -> None:
    with serving(status(code, "No such thing")) as server, pytest.raises(UserError, match="No such thing"):
        ask(server, n=20, parallel=8)
    assert len(server.asked) == 1


def test_a_redirect_is_not_followed_and_ends_the_job() -> None:
    with (
        serving(answer()) as other,
        serving(status(307, Location=f"{other.address}/chat/completions")) as server,
        pytest.raises(UserError, match="Redirects are not followed"),
    ):
        ask(server)
    assert other.asked == []


@pytest.mark.parametrize(
    ("mode", "failure"),
    [
        (answer(""), "empty answer"),
        (answer("  \n"), "empty answer"),
        (answer("", "length"), "cut off at the token limit"),
        (answer("x", "content_filter"), "filtered by the server"),
        (status(400, "max_tokens is too large"), "the server answered 400: max_tokens is too large"),
    ],
    ids=["empty", "blank", "length", "filtered", "400"],
)
def test_an_answer_without_use_is_not_asked_for_twice(mode: object, failure: str) -> None:
    with serving(mode) as server:  # type: ignore[arg-type]
        (reply,) = ask(server)
    assert reply.failure == failure
    assert len(server.asked) == 1


def test_the_key_comes_from_the_environment_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DSBS_API_KEY", "sk-canary")
    with serving(answer()) as server:
        ask(server)
    assert server.headers[0]["Authorization"] == "Bearer sk-canary"
    monkeypatch.delenv("DSBS_API_KEY")
    with serving(answer()) as server:
        ask(server)
    assert "Authorization" not in server.headers[0]


def test_plain_http_beyond_this_machine_is_refused() -> None:
    with pytest.raises(UserError, match="without encryption"):
        ServerEngine(GenerateSpec(teacher_kind="server", model="http://example.org/v1"), [], QUICK)


def test_of_several_models_one_must_be_named() -> None:
    with serving(answer()) as server:
        server.models = ["small", "large"]
        with pytest.raises(UserError, match="2 models"):
            ask(server)
        (reply,) = ask(server, model_name="large")
    assert reply.failure == ""
    assert server.asked[-1]["model"] == "large"


def test_a_server_that_is_not_there_is_said_at_once() -> None:
    with serving(answer()) as server:
        pass
    with pytest.raises(ResourceError, match="no connection"):
        ask(server, n=50)


def test_a_server_that_only_fails_is_given_up() -> None:
    with serving(status(500)) as server, pytest.raises(ResourceError, match="gives no answers"):
        ask(server, n=50, parallel=4)
    assert len(server.asked) <= 5 * 16


def test_many_rows_with_faults_all_end() -> None:
    n = 120
    faults = [status(500), raw(b"{}"), status(429, Retry_After="0"), raw(b"<html>"), raw(b'{"choices'), hang_up]
    used: list[int] = []
    met: set[str] = set()

    def each_third_row_meets_one_fault(handler: Handler, body: dict[str, Any]) -> None:
        prompt = body["messages"][0]["content"]
        row = int(prompt.split()[3].rstrip("?"))
        if row % 3 or prompt in met:
            answer()(handler, body)
        else:
            met.add(prompt)
            used.append(row // 3 % len(faults))
            faults[used[-1]](handler, body)

    with serving(each_third_row_meets_one_fault) as server:
        replies = ask(server, n=n, parallel=8)
    assert sorted(reply.request.example_id for reply in replies) == list(range(n))
    assert [reply.failure for reply in replies if reply.failure] == []
    assert len(server.asked) == n + n // 3
    assert set(used) == set(range(len(faults)))


def test_stopping_ends_within_a_second_and_asks_nothing_more() -> None:
    asked: list[int] = []

    def requests() -> Iterator[Request]:
        for i in range(1000):
            asked.append(i)
            yield Request(i, 0, "Q: What?\nA:")

    with serving(answer(), drip) as server:
        engine = ServerEngine(GenerateSpec(teacher_kind="server", model=server.address, parallel=4), [], Patience())
        started: list[float] = []

        def should_stop() -> bool:
            if len(asked) > 3 and not started:
                started.append(time.monotonic())
            return bool(started)

        replies = list(engine.answer(requests(), should_stop))
        engine.close()
    assert len(replies) == 1
    assert time.monotonic() - started[0] < 1
    assert len(asked) < 8


def test_no_error_shows_the_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DSBS_API_KEY", "sk-canary")
    with serving(status(401, "bad key")) as server, pytest.raises(DsbsError) as caught:
        ask(server)
    assert "sk-canary" not in repr(caught.value) + str(caught.value)
