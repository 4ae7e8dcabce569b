"""A server in every kind of trouble: each of 50 rows ends in a named state, and nothing invalid is kept.

Every fifth row meets the fault each time it is asked; the others are answered well. The whole way is gone,
from the request to the project, but for the worker process.
"""

from __future__ import annotations

import email.utils
import gzip
import json
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dsbs_gui.core.errors import DsbsError
from dsbs_gui.core.project import Project
from dsbs_gui.core.protocol import Event, Message, TeacherAnswer, Warned
from dsbs_gui.core.store import answers, examples, imports, runs
from dsbs_gui.steps.teacher import intake, plan
from dsbs_gui.steps.teacher.work import generating, server_engine
from dsbs_gui.steps.teacher.work.asking import CUT_OFF, EMPTY, TOO_LONG
from dsbs_gui.steps.teacher.work.server_client import Patience
from dsbs_gui.steps.teacher.work.server_refusal import BROKEN_OFF, PACKED, TOO_LARGE, TOO_SLOW
from dsbs_gui.steps.teacher.work.server_reply import FILTERED, REFUSED, TOOL_CALL

from . import fault_server as fault
from .fault_server import FaultServer, Handler, Mode, answer, raw, serving, status

ROWS = 50
TRIES = 3  # of five, so that it takes less time
FAULTY = range(4, ROWS, 5)
PATIENT = Patience(attempt_s=20, request_s=60, tries=TRIES, first_wait_s=0.002)
QUICK = Patience(attempt_s=0.4, request_s=1.0, tries=TRIES, first_wait_s=0.002)
GOOD = answer("1 + 1 = 2. The answer is 2.")
SOON = email.utils.formatdate(time.time() - 1, usegmt=True)
NOT_WHOLE = "the reply is not whole JSON"
NO_ANSWER = "the reply is no answer"
ELSEWHERE = "http://127.0.0.1:9/v1"

# name, what the server does, how the row's failure begins ("" = answered), times asked
ROW_FAULTS: list[tuple[str, Mode, str, int]] = [
    ("reset", fault.reset, BROKEN_OFF, TRIES),
    ("reset within the body", fault.reset_within, BROKEN_OFF, TRIES),
    ("body shorter than its length", fault.hang_up, BROKEN_OFF, TRIES),
    ("body longer than its length", fault.too_short_a_length, NOT_WHOLE, TRIES),
    ("not HTTP", fault.garbage, BROKEN_OFF, TRIES),
    ("endless headers", fault.long_headers, BROKEN_OFF, TRIES),
    ("broken chunks", fault.broken_chunks, BROKEN_OFF, TRIES),
    ("slow drip", fault.drip, TOO_SLOW, 0),
    ("silence", fault.never, TOO_SLOW, 0),
    ("a web page", raw(b"<html><body>Log in</body></html>"), "the reply is a web page", TRIES),
    ("an empty body", raw(b""), NOT_WHOLE, TRIES),
    ("{}", raw(b"{}"), NO_ANSWER, TRIES),
    ("a list", raw(b"[]"), NO_ANSWER, TRIES),
    ("half a body of JSON", raw(b'{"choices": [{"finish_reason": "stop", "mess'), NOT_WHOLE, TRIES),
    ("a stream of events", raw(b'data: {"choices": []}\n\ndata: [DONE]\n\n'), NOT_WHOLE, TRIES),
    ("not UTF-8", fault.content(b"\xff\xfe"), "the reply is not UTF-8", TRIES),
    ("half a surrogate pair", fault.content(b"\\ud800"), NOT_WHOLE, TRIES),
    ("deep nesting", raw(b'{"choices":' + b"[" * 100_000), NO_ANSWER, TRIES),
    ("gzip that is none", fault.with_headers(b"\x1f\x8bno", Content_Encoding="gzip"), PACKED, TRIES),
    ("another packing", fault.with_headers(b"no", Content_Encoding="br"), PACKED, TRIES),
    ("half a packed body", fault.with_headers(gzip.compress(b"{}" * 99)[:20], Content_Encoding="gzip"), PACKED, TRIES),
    ("a packed reply", fault.packed(fault.good_body()), "", 1),
    ("a huge body", raw(b" " * (5 << 20)), TOO_LARGE, 1),
    ("a bomb", fault.with_headers(gzip.compress(b" " * (64 << 20)), Content_Encoding="gzip"), TOO_LARGE, 1),
    ("an endless body", fault.endless, TOO_LARGE, 1),
    ("204", fault.no_content, "the server answered 204", 1),
    ("400", status(400, "no such option"), "the server answered 400: no such option", 1),
    ("400, context", status(400, "maximum context length is 2048 tokens"), TOO_LONG, 1),
    ("400, policy", status(400, "triggered our content filter policy"), FILTERED, 1),
    ("408", status(408), "the server answered 408", TRIES),
    ("409", status(409), "the server answered 409", TRIES),
    ("413", status(413), TOO_LONG, 1),
    ("429", status(429), "the server answered 429", TRIES),
    ("429, wait 0.01 s", status(429, Retry_After="0.01"), "the server answered 429", TRIES),
    ("429, wait until a date", status(429, Retry_After=SOON), "the server answered 429", TRIES),
    ("429, wait nonsense", status(429, Retry_After="soon"), "the server answered 429", TRIES),
    ("500", status(500, "Traceback"), "the server answered 500", TRIES),
    ("502", status(502), "the server answered 502", TRIES),
    ("503", status(503, Retry_After="0"), "the server answered 503", TRIES),
    ("504", status(504), "the server answered 504", TRIES),
    ("529", status(529), "the server answered 529", TRIES),
    ("an error with status 200", raw(b'{"error": {"message": "no memory"}}'), "the server reported: no memory", TRIES),
    ("no choices", raw(b'{"choices": []}'), "the reply holds no answer", TRIES),
    ("another object", fault.completion(object="list"), "the reply is no completion", TRIES),
    ("no message", raw(b'{"choices": [{"finish_reason": "stop"}]}'), EMPTY, 1),
    ("null content", fault.message(content=None), EMPTY, 1),
    ("blank content", fault.message(content=" \n\t "), EMPTY, 1),
    ("a number as content", fault.message(content=7), NO_ANSWER, TRIES),
    ("cut off", fault.message("length", content="Fish swim. The answer is 4."), CUT_OFF, 1),
    ("filtered", fault.message("content_filter", content="Fish"), FILTERED, 1),
    ("refused", fault.message(content=None, refusal="I cannot help with that."), REFUSED, 1),
    ("a tool call", fault.message("tool_calls", content=None), TOOL_CALL, 1),
    ("no finish reason", fault.message(None, content="Fish swim. The answer is 4."), NO_ANSWER, TRIES),
    ("unknown finish reason", fault.message("because", content="4"), "the reply ended in an unknown way (because)", 1),
    ("the server broke off", fault.message("abort", content="Fish"), "the server broke off", TRIES),
    ("the same id each time", fault.completion(id="chatcmpl-1"), "", 1),
    ("another model", fault.completion(model="somebody-else"), "", 1),
    ("no count of tokens", fault.completion(usage=None), "", 1),
    ("a negative count", fault.completion(usage={"prompt_tokens": -5, "completion_tokens": -1}), "", 1),
    ("many small chunks", fault.trickle, "", 1),
    ("a connection closed after each reply", fault.then_closes(answer()), "", 1),
]  # fmt: skip
JOB_FAULTS: list[tuple[str, Mode, str]] = [
    ("301", status(301, Location=ELSEWHERE), "sends us on"),
    ("307", status(307, Location=ELSEWHERE), "sends us on"),
    ("401", status(401, "no such key"), "does not accept the key. no such key"),
    ("402", status(402), "refuses access"),
    ("403", status(403), "refuses access"),
    ("404", status(404, "model not found"), "no such address or model (404). model not found"),
    ("429, no money", status(429, "You exceeded your current quota"), "refuses access"),
]


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    made = Project.create(tmp_path / "project", "math")
    texts = [f"What is {i} + 1?" for i in range(ROWS)]
    rows = [
        {"line": i, "id": None, "fields": {"input": text}, "input": text, "label": "2"} for i, text in enumerate(texts)
    ]
    made.store.write_now(
        lambda tx: examples.add(tx, rows, split="train", import_id=imports.start(tx, "i", "x.csv", "train", {}, "0"))
    )
    yield made
    made.close()


def every_fifth(mode: Mode) -> Mode:
    """The fault for some rows, each time; a good answer for the others."""

    def chosen(handler: Handler, body: dict[str, Any]) -> None:
        (mode if _row(body) in FAULTY else GOOD)(handler, body)

    return chosen


def _row(body: dict[str, Any]) -> int:
    return int(body["messages"][0]["content"].rsplit("What is ", 1)[1].split(" ", 1)[0])


def go(
    project: Project, server: FaultServer, monkeypatch: pytest.MonkeyPatch, patience: Patience, parallel: int = 16
) -> tuple[list[Message], DsbsError | None]:
    """Run the job and take in what it says, as the owner does: what it said, and the error that ended it."""
    monkeypatch.setattr(server_engine, "Patience", lambda: patience)
    request = plan.generate_request(project, teacher=server.address, parallel=parallel)
    run = project.jobs.submit(request)
    said: list[Message] = []
    error = None
    try:
        spec = replace(request.spec, run_dir=str(project.run_folder(run.id)))
        generating.run(spec, said.append, lambda: False)  # type: ignore[arg-type]
    except DsbsError as met:
        error = met

    def take(tx: Any) -> None:
        for seq, message in enumerate(said, 1):
            intake.take(tx, runs.get(tx, run.id), Event(seq, 0.0, message))
        runs.set_state(tx, run.id, "failed" if error else "done")

    project.store.write_now(take)
    return said, error


def kept(project: Project) -> dict[int, answers.Answer]:
    """What the project holds, by the number in the question."""
    db = project.store.reader
    found = {}
    for example_id in examples.ids(db):
        example = examples.get(db, example_id)
        assert example is not None
        for given in answers.of_example(db, example_id):
            found[int(str(example.fields["input"]).split()[2])] = given
    return found


@pytest.mark.parametrize(
    ("mode", "failure", "tries"), [row[1:] for row in ROW_FAULTS], ids=[row[0] for row in ROW_FAULTS]
)
def test_t1_every_row_ends_in_a_named_state_and_nothing_invalid_is_kept(
    mode: Mode, failure: str, tries: int, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    patience = QUICK if failure == TOO_SLOW else PATIENT
    with serving(every_fifth(mode)) as server:
        said, error = go(project, server, monkeypatch, patience)
    assert error is None
    found = kept(project)
    assert sorted(found) == list(range(ROWS))
    for row, given in found.items():
        if row in FAULTY and failure:  # no rationale and no label of what is invalid
            assert (given.failure or "").startswith(failure), (row, given)
            assert (given.rationale, given.label) == (None, None)
        else:
            assert (given.failure, bool(given.rationale), bool(given.label)) == (None, True, True), (row, given)
    assert len({given.failure for given in found.values() if given.failure}) <= 1, "one cause has one name"
    asked = Counter(_row(body) for body in server.asked)
    if tries:
        assert {asked[row] for row in FAULTY} == {tries}
    assert max(asked.values()) <= TRIES
    assert sum(isinstance(message, TeacherAnswer) for message in said) == ROWS


@pytest.mark.parametrize(("mode", "reason"), [row[1:] for row in JOB_FAULTS], ids=[row[0] for row in JOB_FAULTS])
def test_t2_what_no_row_can_mend_ends_the_job_after_one_request(
    mode: Mode, reason: str, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(mode) as server:
        _, error = go(project, server, monkeypatch, PATIENT)
    assert error is not None
    assert reason in error.message
    assert error.hint
    assert len(server.asked) == 1
    assert kept(project) == {}


@pytest.mark.parametrize("parallel", [1, 4, 16])
@pytest.mark.parametrize("code", [401, 402, 403, 404])
def test_t2_a_fatal_answer_midway_costs_one_call_a_connection_and_the_rest_can_be_asked_later(
    code: int, parallel: int, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = 11
    with serving(*[GOOD] * good, status(code)) as server:
        said, error = go(project, server, monkeypatch, PATIENT, parallel)
        assert error is not None
        assert error.hint
        assert len(server.asked) <= good + parallel
        n_kept = sum(isinstance(message, TeacherAnswer) for message in said)
        assert good - parallel < n_kept <= good, "only answers on their way at that moment may be lost"
        assert {given.failure for given in kept(project).values()} == {None}
        before = {_row(body) for body in server.asked} if parallel == 1 else set()
        server.modes, server.asked[:] = [GOOD], []
        _, error = go(project, server, monkeypatch, PATIENT, parallel)
        assert error is None
        assert sorted(kept(project)) == list(range(ROWS))
        asked = [_row(body) for body in server.asked]
    assert len(asked) == len(set(asked)) == ROWS - n_kept, "what was kept is not asked again"
    assert len(before & set(asked)) <= 1


def test_what_is_odd_but_good_is_said_once(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    odd = fault.completion(model="somebody-else", usage=None)
    with serving(odd) as server:
        said, _ = go(project, server, monkeypatch, PATIENT)
    texts = [message.text for message in said if isinstance(message, Warned)]
    assert len(texts) == 2
    assert any("somebody-else" in text for text in texts)
    assert any("does not count tokens" in text for text in texts)
    counted = [message for message in said if isinstance(message, TeacherAnswer)]
    assert all(message.tokens_in > 0 and message.tokens_out > 0 for message in counted)


def test_t1_a_thousand_rows_of_all_faults_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three rows in ten meet a fault once; the next time they are answered."""
    passing = [mode for _, mode, failure, tries in ROW_FAULTS if tries == TRIES and failure]
    n, met = 1000, set()

    def chosen(handler: Handler, body: dict[str, Any]) -> None:
        row = _row(body)
        if row % 10 < 3 and row not in met:
            met.add(row)
            passing[row % len(passing)](handler, body)
        else:
            GOOD(handler, body)

    monkeypatch.setattr(server_engine, "Patience", lambda: PATIENT)
    rows = [{"example_id": i, "fields": {"input": f"What is {i} + 1?"}, "samples": [0], "gold": None} for i in range(n)]
    (tmp_path / "input.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    said: list[Message] = []
    from .test_generating import PROMPT

    with serving(chosen) as server:
        spec = generating.GenerateSpec(
            run_dir=str(tmp_path), task="math", prompt=PROMPT.to_json(), teacher_kind="server", model=server.address,
            parallel=16,
        )  # fmt: skip
        generating.run(spec, said.append, lambda: False)
    given = [message for message in said if isinstance(message, TeacherAnswer)]
    assert sorted(message.example_id for message in given) == list(range(n))
    assert {message.failure for message in given} == {""}
    repeated = len(server.asked) - n
    assert 3 * n // 10 <= repeated <= 35 * n // 100, "a few more, where a fault fouled a connection for the next"
