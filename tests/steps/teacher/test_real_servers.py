"""Full runs against two real servers on this machine: llama_cpp.server and llama.cpp's own, with the embedded model.

Everything is real: the server's process, the worker's, the project. What a server says differs from what our own
fault server says in ways that nobody thinks of, which is what these are for.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from dsbs_gui.core.project import Project
from dsbs_gui.core.protocol import Event, Warned
from dsbs_gui.core.store import answers, examples
from dsbs_gui.core.store.runs import Run
from dsbs_gui.steps.teacher import intake, plan
from dsbs_gui.steps.teacher.exemplars import Exemplar
from dsbs_gui.steps.teacher.failures import CUT_OFF
from dsbs_gui.steps.teacher.prompts import Prompt
from dsbs_gui.steps.teacher.servers import local_servers

from .gguf_files import embedded
from .working import sums

pytestmark = pytest.mark.timeout(600)
ROWS, ROWS_OF_JSON = 24, 3
CONTEXT = 1024
PATIENCE_S = 270.0  # it takes 20 s on an idle machine
HERE = Path(__file__).parent
KINDS = ("llama_cpp.server", "xllamacpp")
TITLES = {"llama_cpp.server": "llama-cpp-python", "xllamacpp": "llama-server"}
PROMPT = Prompt(
    "math", "", "Q:", "A:", "The answer is", ("\nQ:", "\n\n"),
    (
        Exemplar({"input": "What is 4 + 2?"}, "4 and 2 more is 4 + 2 = 6.", "6"),
        Exemplar({"input": "What is 7 + 5?"}, "7 and 5 more is 7 + 5 = 12.", "12"),
    ),
)  # fmt: skip


@contextlib.contextmanager
def llama_cpp_server() -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "llama_cpp.server", "--model", str(embedded()), "--port", str(port)]
    command += ["--host", "127.0.0.1", "--n_ctx", str(CONTEXT), "--n_threads", "1", "--verbose", "False"]
    with _process(command) as process:
        _wait(process, f"http://127.0.0.1:{port}/v1/models")
        yield f"http://127.0.0.1:{port}"


@contextlib.contextmanager
def xllamacpp_server() -> Iterator[str]:
    command = [sys.executable, str(HERE / "xllamacpp_server.py"), str(embedded()), "4", str(CONTEXT)]
    with _process(command) as process:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        assert address, "the server did not start"
        _wait(process, f"{address}/v1/models")
        yield address


@contextlib.contextmanager
def _process(command: list[str]) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def _wait(process: subprocess.Popen[str], address: str) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while True:
        with contextlib.suppress(OSError), urllib.request.urlopen(address, timeout=5) as reply:
            if reply.status == 200:
                return
        assert process.poll() is None, "the server ended"
        assert time.monotonic() < deadline, "the server does not answer"
        time.sleep(0.1)


@pytest.fixture(scope="module", params=KINDS)
def server(request: pytest.FixtureRequest) -> Iterator[tuple[str, str]]:
    """Its kind and its address, without path."""
    needed = "uvicorn" if request.param == "llama_cpp.server" else "xllamacpp"
    if importlib.util.find_spec(needed) is None:
        pytest.skip(f"{needed} is not installed")
    start: Callable[[], Any] = llama_cpp_server if request.param == "llama_cpp.server" else xllamacpp_server
    with start() as address:
        yield request.param, address


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    sums(tmp_path / "sums", ROWS).close()
    opened = Project.open(tmp_path / "sums", intakes={"generate": intake.take})
    opened.jobs.begin()
    yield opened
    opened.close()


def go(project: Project, **wanted: Any) -> tuple[Run, list[str]]:
    """Run to the end: the run, and what it warned of."""
    said: list[str] = []

    def note(_: str, event: Event) -> None:
        if isinstance(event.message, Warned):
            said.append(event.message.text)

    end = project.jobs.watch(note)
    request = plan.generate_request(project, prompt=PROMPT, **wanted)
    run = project.jobs.wait(project.jobs.submit(request).id, PATIENCE_S)
    end()
    return run, said


def test_a_full_run_ends_with_a_named_state_for_each_row_and_nothing_left_to_ask(
    server: tuple[str, str], project: Project
) -> None:
    _, address = server
    wanted = {"teacher": f"{address}/v1/completions", "max_tokens": 32}
    run, said = go(project, **wanted)
    assert (run.state, run.reason, said) == ("done", "", [])
    db = project.store.reader
    given = [answers.of_example(db, example_id) for example_id in examples.ids(db)]
    assert [len(of_one) for of_one in given] == [1] * ROWS
    good = [of_one[0] for of_one in given if of_one[0].failure is None]
    assert {of_one[0].failure for of_one in given} <= {None, CUT_OFF}
    assert len(good) >= ROWS * 3 // 4
    for answer in good:
        assert answer.rationale
        assert answer.label
        assert answer.raw.count("\nQ:") == 0
    assert all(of_one[0].tokens_in > 20 and of_one[0].tokens_out > 0 for of_one in given), "the server's own counts"
    assert sum(bool(answer.agree) for answer in good) >= ROWS // 2, "sums like these it can do"
    assert run.summary["done"] == len(good)
    assert plan.pending(project, plan.generate_request(project, prompt=PROMPT, **wanted)) == 0


def test_json_by_schema_is_kept_to_or_its_refusal_is_said_and_text_is_read(
    server: tuple[str, str], project: Project
) -> None:
    kind, address = server
    run, said = go(project, teacher=f"{address}/v1", limit=ROWS_OF_JSON, max_tokens=64, structured=True)
    assert (run.state, run.reason) == ("done", "")
    db = project.store.reader
    given = [answer for example_id in examples.ids(db) for answer in answers.of_example(db, example_id)]
    assert len(given) == ROWS_OF_JSON
    assert {answer.failure for answer in given} <= {None, CUT_OFF}
    if kind == "llama_cpp.server":
        assert len([text for text in said if "does not take a schema" in text]) == 1
    else:
        assert said == [], [answer.raw for answer in given]
        # So small a model may repeat itself within the JSON until it is cut off.
        assert all(re.match(r'\s*\{\s*"rationale"', answer.raw) for answer in given), [answer.raw for answer in given]
        assert all(answer.rung == "json" for answer in given if answer.failure is None)


def test_the_server_is_found_by_its_port_and_called_by_its_name(server: tuple[str, str]) -> None:
    kind, address = server
    deadline = time.monotonic() + PATIENCE_S
    while not (servers := local_servers([int(address.rsplit(":", 1)[1])])):  # on a busy machine a second is not enough
        assert time.monotonic() < deadline
    (found,) = servers
    assert found.title == TITLES[kind]
    assert [os.path.basename(model) for model in found.models] == [embedded().name]
