"""Teachers that already run on this machine: ``python -m dsbs_gui.steps.teacher.work.find_servers [PORT …]``.

Asks the usual ports of the loopback address alone, never another machine, and prints one JSON list:
``[{"title", "address", "models"}, …]``. A process of its own, so that whatever listens there can at worst
keep this process waiting. Standard library only.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import sys
import threading
import time

PORTS = {11434: "Ollama", 1234: "LM Studio", 8080: "llama-server", 8000: "vLLM"}
_OWNERS = {"llamacpp": "llama-server", "vllm": "vLLM", "library": "Ollama", "me": "llama-cpp-python"}
_READ_S = 0.5
_ALL_S = 1.0
_LARGEST = 1 << 20
_MOST_MODELS = 200


def main(ports: list[int]) -> None:
    """Print what answered within the time; what still waits is left behind."""
    found: dict[int, dict[str, object]] = {}
    threads = [threading.Thread(target=_look, args=(port, found), daemon=True) for port in ports]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + _ALL_S
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))
    print(json.dumps([found[port] for port in ports if port in found]), flush=True)
    os._exit(0)


def _look(port: int, found: dict[int, dict[str, object]]) -> None:
    with contextlib.suppress(OSError, ValueError, http.client.HTTPException, RecursionError):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_READ_S)
        try:
            connection.request("GET", "/v1/models", headers={"Accept": "application/json"})
            reply = connection.getresponse()
            body = json.loads(reply.read(_LARGEST)) if reply.status == 200 else None
        finally:
            connection.close()
        entries = _entries(body)
        models = [name for entry in entries if "embed" not in (name := str(entry["id"])).lower()][:_MOST_MODELS]
        if models:
            owner = str(entries[0].get("owned_by", ""))
            title = _OWNERS.get(owner, PORTS.get(port, "Server"))
            found[port] = {"title": title, "address": f"http://localhost:{port}/v1", "models": models}


def _entries(body: object) -> list[dict[str, object]]:
    """The entries of a list of models that have a name."""
    data = body.get("data") if isinstance(body, dict) else None
    entries = data if isinstance(data, list) else []
    return [entry for entry in entries if isinstance(entry, dict) and isinstance(entry.get("id"), str) and entry["id"]]


if __name__ == "__main__":
    main([int(port) for port in sys.argv[1:]] or list(PORTS))
