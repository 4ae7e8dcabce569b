"""``dsbs doctor`` names the servers of this machine. The rest of it is in ``test_cli.py``."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from dsbs_gui.app import cli
from dsbs_gui.app.commands import doctor
from dsbs_gui.steps.teacher.servers import local_servers
from tests.steps.teacher.fault_server import FaultServer, answer, serving


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[FaultServer]:
    """A server in the place of those that may run on the machine of the tests; nothing else is tried out."""
    with serving(answer()) as made:
        monkeypatch.setattr(doctor, "local_servers", lambda: local_servers([made.server_port]))
        monkeypatch.setattr(doctor, "_self_test", lambda: (True, ""))
        monkeypatch.setattr(doctor, "_gpu", dict)
        monkeypatch.setattr(doctor, "_devices", list)
        yield made


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert cli.main(["doctor", *arguments]) == 0
    return capsys.readouterr().out


def test_servers_that_run_here_are_listed_with_their_models(
    server: FaultServer, capsys: pytest.CaptureFixture[str]
) -> None:
    server.models = ["llama3.1:8b", "qwen2.5:7b"]
    address = f"http://localhost:{server.server_port}/v1"
    report = json.loads(said(capsys, "--json"))
    assert report["servers"] == [{"title": "Server", "address": address, "models": server.models}]
    assert f"Server at {address}: llama3.1:8b, qwen2.5:7b\n" in said(capsys)


def test_of_many_models_some_are_named_and_the_rest_is_counted(
    server: FaultServer, capsys: pytest.CaptureFixture[str]
) -> None:
    server.models = [f"m{i}" for i in range(30)]
    assert "m0, m1, m2, m3, m4, m5, m6, m7, m8, m9 and 20 more\n" in said(capsys)
    assert len(json.loads(said(capsys, "--json"))["servers"][0]["models"]) == 30


def test_where_none_runs_it_says_what_it_looked_for(server: FaultServer, capsys: pytest.CaptureFixture[str]) -> None:
    server.models = None
    assert json.loads(said(capsys, "--json"))["servers"] == []
    assert "Servers on this machine: none (looked for Ollama, LM Studio, llama-server and vLLM)" in said(capsys)
