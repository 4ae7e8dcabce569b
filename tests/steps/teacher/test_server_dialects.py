"""Anthropic's protocol, JSON by schema, and servers that take fewer parameters than they are given."""

from __future__ import annotations

import email.utils
import json
import time
from typing import Any

import pytest

from dsbs_gui.core.errors import UserError
from dsbs_gui.steps.teacher import structured
from dsbs_gui.steps.teacher.catalogue import resolve
from dsbs_gui.steps.teacher.specs import GenerateSpec
from dsbs_gui.steps.teacher.work import server_reply
from dsbs_gui.steps.teacher.work.asking import CUT_OFF, EMPTY, Reply, Request
from dsbs_gui.steps.teacher.work.server_client import Patience
from dsbs_gui.steps.teacher.work.server_engine import ServerEngine
from dsbs_gui.steps.teacher.work.server_reply import REFUSED, TOOL_CALL

from .fault_server import FaultServer, Handler, Mode, answer, raw, serving, status

PATIENT = Patience(attempt_s=20, request_s=60, tries=3, first_wait_s=0.002)
JSON_ANSWER = '{"rationale": "Fish swim.", "label": "4"}'


def ask(server: FaultServer, said: list[str] | None = None, n: int = 1, **settings: Any) -> list[Reply]:
    spec = GenerateSpec(teacher_kind="server", model=server.address, task="math", **settings)
    engine = ServerEngine(
        spec, ["\nQ:", "\n"], PATIENT, lambda text, hint: said.append(text) if said is not None else None
    )
    try:
        return list(engine.answer((Request(i, i, f"Q: {i}?\nA:") for i in range(n)), lambda: False))
    finally:
        engine.close()


def message(text: str | None = "Fish swim. The answer is 4.", reason: Any = "end_turn", **parts: Any) -> Mode:
    blocks = [{"type": "thinking", "thinking": "Hm."}, {"type": "text", "text": text}] if text is not None else []
    usage = {"input_tokens": 5, "output_tokens": 7, "cache_read_input_tokens": 15, "cache_creation_input_tokens": None}
    whole = {"type": "message", "role": "assistant", "model": "claude", "content": blocks, "stop_reason": reason}
    return raw(json.dumps(whole | {"usage": usage} | parts).encode())


@pytest.mark.parametrize(
    ("address", "base", "protocol"),
    [
        ("https://api.openai.com/v1", "https://api.openai.com/v1", ""),
        ("https://api.openai.com/v1/chat/completions", "https://api.openai.com/v1", ""),
        ("http://localhost:8000/v1/completions", "http://localhost:8000/v1", "completion"),
        ("https://api.anthropic.com", "https://api.anthropic.com/v1", "messages"),
        ("https://api.anthropic.com/v1/chat/completions", "https://api.anthropic.com/v1", ""),
        ("http://localhost:8080/v1/messages/#claude", "http://localhost:8080/v1", "messages"),
    ],
)
def test_the_address_says_which_protocol_is_spoken(address: str, base: str, protocol: str) -> None:
    found = resolve(address)
    assert (found.model, found.protocol) == (base, protocol)


def test_a_message_goes_out_and_comes_back_as_anthropic_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DSBS_API_KEY", "sk-ant-canary")
    with serving(message()) as server:
        (reply,) = ask(server, protocol="messages", model_name="claude", max_tokens=50, temperature=1.5)
    assert (reply.raw, reply.finish_reason, reply.failure) == ("Fish swim. The answer is 4.", "stop", "")
    assert (reply.tokens_in, reply.tokens_out, reply.estimated) == (20, 7, False)
    assert server.paths == ["/v1/messages"]
    headers = {name.lower(): value for name, value in server.headers[0].items()}
    assert (headers["x-api-key"], headers["anthropic-version"]) == ("sk-ant-canary", "2023-06-01")
    assert "authorization" not in headers
    assert server.asked[0] == {
        "model": "claude",
        "max_tokens": 50,
        "temperature": 1.0,
        "messages": [{"role": "user", "content": "Q: 0?\nA:"}],
        "stop_sequences": ["\nQ:"],
    }


@pytest.mark.parametrize(
    ("mode", "failure"),
    [
        (message("The answer is 4.", "max_tokens"), CUT_OFF),
        (message("The answer is 4.", "stop_sequence"), ""),
        (message(None), EMPTY),
        (message("", "refusal"), REFUSED),
        (message("", "tool_use"), TOOL_CALL),
        (message("The answer is 4.", None), "the reply is no answer"),
        (message(type="error"), "the reply is no message"),
        (message(content="text"), "the reply is no answer"),
        (raw(b'{"type": "error", "error": {"message": "Overloaded"}}'), "the server reported: Overloaded"),
    ],
)  # fmt: skip
def test_a_message_is_checked_before_it_is_used(mode: Mode, failure: str) -> None:
    with serving(mode) as server:
        (reply,) = ask(server, protocol="messages", model_name="claude")
    assert reply.failure.startswith(failure)
    assert bool(reply.failure) == bool(failure)


@pytest.mark.parametrize("protocol", ["", "completion", "messages"])
def test_json_is_asked_for_by_a_schema_where_it_is_wanted(protocol: str) -> None:
    mode = message(JSON_ANSWER) if protocol == "messages" else answer(JSON_ANSWER)
    said: list[str] = []
    with serving(mode) as server:
        (reply,) = ask(server, said, protocol=protocol, structured=True, model_name="claude")
        ask(server, protocol=protocol, model_name="claude")
    wanted, plain = server.asked
    if protocol != "messages":
        assert (wanted["stop"], plain["stop"]) == (["\nQ:"], ["\nQ:", "\n"]), "white space alone would cut JSON off"
    where = wanted["output_config"]["format"] if protocol == "messages" else wanted["response_format"]["json_schema"]
    assert list(where["schema"]["properties"]) == ["rationale", "label"], "the rationale is thought first"
    assert "output_config" not in plain
    assert "response_format" not in plain
    assert structured.read(reply.raw) == structured.Structured("Fish swim.", "4")
    assert said == []


def test_a_server_that_ignores_the_schema_is_read_as_text_and_said_to() -> None:
    said: list[str] = []
    with serving(answer()) as server:
        replies = ask(server, said, n=5, structured=True)
    assert {reply.failure for reply in replies} == {""}
    assert [text for text in said if "JSON schema" in text] == [said[0]]


@pytest.mark.parametrize(
    ("refused", "words", "told"),
    [
        ("response_format", "'response_format' of type 'json_schema' is not supported with this model", "schema"),
        ("response_format", "Failed to parse grammar", "schema"),
        ("seed", "seed: Extra inputs are not permitted", "no seed"),
        ("stop", "Unsupported parameter: 'stop' is not supported with this model.", "no stop words"),
        ("temperature", "Unsupported value: 'temperature' does not support 0", "no temperature"),
        ("top_p", "`temperature` and `top_p` cannot both be specified. Use top_p alone? It is invalid: top_p", "no te"),
    ],
)
def test_a_parameter_that_is_refused_is_given_up_once_and_said(refused: str, words: str, told: str) -> None:
    def mode(handler: Handler, body: dict[str, Any]) -> None:
        if refused in body and (refused != "top_p" or "temperature" in body):
            handler.send(400, json.dumps({"error": {"message": words}}).encode())
        else:
            answer(JSON_ANSWER)(handler, body)

    said: list[str] = []
    with serving(mode) as server:
        replies = ask(server, said, n=6, structured=True, top_p=0.9, parallel=1)
    assert {reply.failure for reply in replies} == {""}
    assert len(server.asked) == 7
    assert len(said) == 1
    assert told in said[0]


NAMED = "1 validation error: {'loc': ('body', 'response_format', 'type'), 'msg': \"Input should be 'text'\"}"


@pytest.mark.parametrize(("words", "n_more"), [(NAMED, 1), ("Internal Server Error", 2)], ids=["named", "silent"])
def test_a_schema_that_makes_a_server_answer_500_is_given_up_once_and_said(words: str, n_more: int) -> None:
    def mode(handler: Handler, body: dict[str, Any]) -> None:
        (status(500, words) if "response_format" in body else answer(JSON_ANSWER))(handler, body)

    said: list[str] = []
    with serving(mode) as server:
        replies = ask(server, said, n=6, structured=True, parallel=1)
    assert {reply.failure for reply in replies} == {""}
    assert ["response_format" in body for body in server.asked] == [True] * n_more + [False] * 6
    assert len(said) == 1
    assert "does not take a schema" in said[0]


@pytest.mark.parametrize("good_first", [0, 1])
def test_a_server_that_fails_for_another_reason_is_asked_with_its_schema_again(good_first: int) -> None:
    modes = [answer(JSON_ANSWER)] * good_first + [status(500)] * (3 - good_first) + [answer(JSON_ANSWER)]
    said: list[str] = []
    with serving(*modes) as server:
        replies = ask(server, said, n=3, structured=True, parallel=1)
    assert {reply.failure for reply in replies} == {""}
    tried_without = [] if good_first else [2]
    assert [n for n, body in enumerate(server.asked) if "response_format" not in body] == tried_without
    assert said == []


def test_the_limit_is_named_as_newer_models_want_it() -> None:
    def mode(handler: Handler, body: dict[str, Any]) -> None:
        if "max_tokens" in body:
            text = "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead."
            handler.send(400, json.dumps({"error": {"message": text}}).encode())
        else:
            answer()(handler, body)

    with serving(mode) as server:
        replies = ask(server, n=3, max_tokens=33)
    assert {reply.failure for reply in replies} == {""}
    assert server.asked[-1]["max_completion_tokens"] == 33


def test_retry_after_is_seconds_or_a_date_and_never_more_than_two_minutes() -> None:
    assert server_reply.retry_after("1.5") == 1.5
    assert server_reply.retry_after("-3") == 0
    assert server_reply.retry_after("1e9") == 120
    assert server_reply.retry_after("inf") == 120
    assert server_reply.retry_after("nan") is None
    assert server_reply.retry_after("soon") is None
    in_a_while = email.utils.formatdate(time.time() + 30, usegmt=True)
    assert 27 < (server_reply.retry_after(in_a_while) or 0) <= 30
    assert server_reply.retry_after(email.utils.formatdate(time.time() + 9e4, usegmt=True)) == 120
    assert server_reply.retry_after(email.utils.formatdate(0, usegmt=True)) == 0


def test_a_server_that_says_too_much_gets_fewer_requests_at_a_time() -> None:
    most = {"late": 0}
    active = 0

    def mode(handler: Handler, body: dict[str, Any]) -> None:
        nonlocal active
        active += 1
        if len(server.asked) > 30:
            most["late"] = max(most["late"], active)
        too_much = active > 2
        handler.server.hanging.wait(0.02)
        active -= 1
        if too_much:
            handler.send(429, b"{}", Retry_After="0")
        else:
            answer()(handler, body)

    with serving(mode) as server:
        engine = ServerEngine(
            GenerateSpec(teacher_kind="server", model=server.address, parallel=16),
            [],
            Patience(attempt_s=20, request_s=60, tries=20, first_wait_s=0.002),
        )
        replies = list(engine.answer((Request(i, 0, "Q:") for i in range(80)), lambda: False))
        engine.close()
    assert len(replies) == 80
    assert {reply.failure for reply in replies} == {""}
    assert most["late"] <= 8
    assert len(server.asked) < 80 * 2


@pytest.mark.parametrize("key", ["sk-canary\x7f", "sk canary key", "sk-canary\u00e9", "sk-\ncanary"])
def test_a_key_that_no_header_can_carry_is_refused_unseen(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DSBS_API_KEY", key)
    with pytest.raises(UserError, match="characters") as caught:
        ServerEngine(GenerateSpec(teacher_kind="server", model="http://localhost:9/v1"), [], PATIENT)
    assert "canary" not in repr(caught.value) + str(caught.value)


@pytest.mark.parametrize("status", [200, 400, 401, 500])
def test_a_key_that_a_server_repeats_is_taken_out_of_what_it_says(status: int, monkeypatch: pytest.MonkeyPatch) -> None:
    key = "sk-/canary+0123456789"
    monkeypatch.setenv("DSBS_API_KEY", key)
    text = "x" * 190 + f" {key} was given. The answer is 4."
    with serving(lambda handler, body: _say(handler, body, status, text)) as server:
        try:
            said = repr(ask(server))
        except Exception as error:
            said = repr(error) + str(error) + repr(error.__dict__)
    assert "canary" not in said
    assert server.headers[0]["Authorization"] == f"Bearer {key}"


def _say(handler: Handler, body: dict[str, Any], status: int, text: str) -> None:
    if status == 200:
        answer(text)(handler, body)
    else:
        escaped = json.dumps({"error": {"message": text}}).replace("/", "\\/")
        handler.send(status, escaped.encode())
