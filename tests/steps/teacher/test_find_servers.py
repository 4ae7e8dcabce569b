"""Servers of this machine are found by asking; what is none, or hangs, is left out."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from typing import Any

import pytest

from dsbs_gui.steps.teacher.catalogue import resolve
from dsbs_gui.steps.teacher.servers import PROVIDERS, Server, local_servers
from dsbs_gui.steps.teacher.work import find_servers

from .fault_server import FaultServer, answer, serving


@pytest.fixture
def server() -> Iterator[FaultServer]:
    with serving(answer()) as made:
        yield made


def test_a_server_is_found_with_its_models_and_embeddings_are_no_teachers(server: FaultServer) -> None:
    server.models = ["llama3.1:8b", "text-embedding-nomic", "qwen2.5:7b"]
    found = local_servers([server.server_port])
    address = f"http://localhost:{server.server_port}/v1"
    assert found == [Server("Server", address, ("llama3.1:8b", "qwen2.5:7b"))]
    assert resolve(found[0].address).model == address


def test_what_hangs_or_is_no_such_server_is_left_out_after_a_second(server: FaultServer) -> None:
    with serving(answer()) as slow, serving(answer()) as other, socket.create_server(("127.0.0.1", 0)) as silent:
        slow.slow_models_s = 30
        other.models = None
        closed = _free_port()
        began = time.monotonic()
        found = local_servers(
            [slow.server_port, other.server_port, silent.getsockname()[1], closed, server.server_port]
        )
        took = time.monotonic() - began
    assert [entry.models for entry in found] == [("only",)]
    assert took < 10, "a second, and the start of a process on a busy machine"


@pytest.mark.parametrize("body", [None, [], {}, {"data": None}, {"data": [{}, 3, {"id": 7}, {"id": ""}]}])
def test_a_list_of_models_is_believed_only_where_it_is_one(body: Any) -> None:
    assert find_servers._entries(body) == []


def test_only_this_machine_is_ever_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, int]] = []

    def refuse(address: tuple[str, int], *_: Any, **__: Any) -> None:
        asked.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setattr(find_servers.os, "_exit", lambda code: None)
    find_servers.main(list(find_servers.PORTS))
    assert {host for host, _ in asked} == {"127.0.0.1"}
    assert {port for _, port in asked} == set(find_servers.PORTS)


def test_providers_are_asked_with_encryption_and_in_a_protocol_that_is_spoken() -> None:
    for provider in PROVIDERS:
        found = resolve(provider.address)
        assert found.model == provider.address
        assert found.model.startswith("https://")
    assert {p.title for p in PROVIDERS if resolve(p.address).protocol == "messages"} == {"Anthropic"}


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as made:
        return int(made.getsockname()[1])
