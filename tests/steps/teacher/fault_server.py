"""A loopback server that speaks the OpenAI dialect and misbehaves on demand."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Mode = Callable[["Handler", dict[str, Any]], None]


class FaultServer(ThreadingHTTPServer):
    """Answers each POST by the next of ``modes`` (the last one for ever) and remembers what it was asked."""

    daemon_threads = True

    def __init__(self, *modes: Mode) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.modes = list(modes)
        self.asked: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.paths: list[str] = []
        self.models: list[str] | None = ["only"]
        self.slow_models_s = 0.0
        self.hanging = threading.Event()  # set at the end, so that nothing waits longer than the test
        self._lock = threading.Lock()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"

    def next_mode(self) -> Mode:
        with self._lock:
            return self.modes.pop(0) if len(self.modes) > 1 else self.modes[0]

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is what the tests are about."""


@contextlib.contextmanager
def serving(*modes: Mode) -> Iterator[FaultServer]:
    server = FaultServer(*modes)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.hanging.set()
        server.shutdown()
        server.server_close()
        thread.join(timeout=5)


class Handler(BaseHTTPRequestHandler):
    server: FaultServer
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if self.server.slow_models_s:
            self.server.hanging.wait(self.server.slow_models_s)
        if self.server.models is None:
            self.send(404, b"no")
        else:
            self.send(200, json.dumps({"data": [{"id": name} for name in self.server.models]}).encode())

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append(body)
        self.server.headers.append(dict(self.headers))
        self.server.paths.append(self.path)
        self.server.next_mode()(self, body)

    def send(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


def answer(text: str = "Fish swim. The answer is 4.", reason: str = "stop", tokens: tuple[int, int] = (20, 7)) -> Mode:
    """A good reply, of the kind that the path asks for."""

    def mode(handler: Handler, body: dict[str, Any]) -> None:
        said = {"message": {"content": text}} if "messages" in body else {"text": text}
        usage = {"prompt_tokens": tokens[0], "completion_tokens": tokens[1]}
        reply = {"choices": [{"finish_reason": reason, **said}], "usage": usage}
        handler.send(200, json.dumps(reply).encode())

    return mode


def status(code: int, text: str = "", **headers: str) -> Mode:
    body = json.dumps({"error": {"message": text}}).encode()
    return lambda handler, _: handler.send(code, body, **headers)


def raw(body: bytes) -> Mode:
    return lambda handler, _: handler.send(200, body)


def hang_up(handler: Handler, _: dict[str, Any]) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b'{"choices"')
    handler.close_connection = True


def drip(handler: Handler, _: dict[str, Any]) -> None:
    """A byte now and then: each read succeeds, the whole never comes."""
    handler.send_response(200)
    handler.send_header("Content-Length", "10000")
    handler.end_headers()
    with contextlib.suppress(OSError):
        for _n in range(500):
            handler.wfile.write(b" ")
            handler.wfile.flush()
            time.sleep(0.02)
