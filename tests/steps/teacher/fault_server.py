"""A loopback server that speaks the OpenAI dialect and misbehaves on demand."""

from __future__ import annotations

import contextlib
import gzip
import json
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Mode = Callable[["Handler", dict[str, Any]], None]


class FaultServer(ThreadingHTTPServer):
    """Answers each POST by the next of ``modes`` (the last one for ever) and remembers what it was asked."""

    daemon_threads = True
    request_queue_size = 128  # of connections that wait: with the usual 5 a busy machine adds faults of its own

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


# ---------------------------------------------------------------- faults of the connection


def reset(handler: Handler, _: dict[str, Any]) -> None:
    """The connection is torn down before a word is said."""
    _reset(handler)


def reset_within(handler: Handler, _: dict[str, Any]) -> None:
    _begin(handler, Content_Length="1000")
    handler.wfile.write(b'{"choices": [{"fin')
    handler.wfile.flush()
    _reset(handler)


def never(handler: Handler, _: dict[str, Any]) -> None:
    """Silence until the test is over."""
    handler.server.hanging.wait(60)
    handler.close_connection = True


def garbage(handler: Handler, _: dict[str, Any]) -> None:
    handler.wfile.write(b"\x16\x03\x01 no HTTP at all\r\n\r\n")
    handler.close_connection = True


def long_headers(handler: Handler, _: dict[str, Any]) -> None:
    with contextlib.suppress(OSError):
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n" + b"X-Filler: " + b"x" * 300_000 + b"\r\n\r\n")
    handler.close_connection = True


def then_closes(mode: Mode) -> Mode:
    """The reply is good, but the connection, which should be kept, is closed after it without a word."""

    def closing(handler: Handler, body: dict[str, Any]) -> None:
        mode(handler, body)
        handler.close_connection = True

    return closing


# ---------------------------------------------------------------- faults of the body


def with_headers(body: bytes, **headers: str) -> Mode:
    return lambda handler, _: handler.send(200, body, **headers)


def no_content(handler: Handler, _: dict[str, Any]) -> None:
    """Status 204, which has no body: one that came all the same would foul the connection for the next request."""
    handler.send_response(204)
    handler.end_headers()


def packed(body: bytes) -> Mode:
    """A good reply of a server that packs without being asked to."""
    return with_headers(gzip.compress(body), Content_Encoding="gzip")


def too_short_a_length(handler: Handler, _: dict[str, Any]) -> None:
    """The length that is named ends within the body. The connection is given up: the rest would foul it for others."""
    body = good_body()
    _begin(handler, Content_Length=str(len(body) // 2), Connection="close")
    handler.wfile.write(body)


def endless(handler: Handler, _: dict[str, Any]) -> None:
    _begin(handler, Connection="close")
    with contextlib.suppress(OSError):
        while not handler.server.hanging.is_set():
            handler.wfile.write(b" " * 65_536)
    handler.close_connection = True


def trickle(handler: Handler, _: dict[str, Any]) -> None:
    """A good reply in many small chunks."""
    _begin(handler, Transfer_Encoding="chunked")
    body = good_body()
    for place in range(0, len(body), 16):
        part = body[place : place + 16]
        handler.wfile.write(f"{len(part):x}\r\n".encode() + part + b"\r\n")
        handler.wfile.flush()
    handler.wfile.write(b"0\r\n\r\n")


def broken_chunks(handler: Handler, _: dict[str, Any]) -> None:
    _begin(handler, Transfer_Encoding="chunked")
    handler.wfile.write(b"zz\r\nno length\r\n")
    handler.close_connection = True


def message(reason: Any = "stop", **said: Any) -> Mode:
    """A chat completion with whatever is to be in its message."""
    return raw(_completion(said, reason))


def content(text: bytes) -> Mode:
    """A chat completion that says just these bytes, between quotation marks, whatever JSON has to say to them."""
    return raw(b'{"choices": [{"finish_reason": "stop", "message": {"content": "' + text + b'"}}]}')


def completion(**parts: Any) -> Mode:
    """A good chat completion with other parts beside or instead."""
    return raw(good_body(**parts))


def good_body(**parts: Any) -> bytes:
    return _completion({"content": "Fish swim. The answer is 4."}, **parts)


def _completion(said: dict[str, Any], reason: Any = "stop", **parts: Any) -> bytes:
    usage = {"prompt_tokens": 20, "completion_tokens": 7}
    return json.dumps({"choices": [{"finish_reason": reason, "message": said}], "usage": usage} | parts).encode()


def _begin(handler: Handler, **headers: str) -> None:
    handler.send_response(200)
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()


def _reset(handler: Handler) -> None:
    """Close with RST instead of FIN."""
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.connection.close()
    handler.close_connection = True
