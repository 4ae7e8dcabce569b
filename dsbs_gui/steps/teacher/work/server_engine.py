"""A remote teacher behind any OpenAI-compatible address. Worker only.

Requests run on an event loop in a thread of its own, so that answers under way, which cost money, are
received even while the job is paused. The first request goes alone: a wrong key is tried once, not
``parallel`` times.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import queue
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from dsbs_gui.core.errors import DsbsError, UserError
from dsbs_gui.core.protocol import ShouldStop
from dsbs_gui.steps.teacher.specs import GenerateSpec

from .asking import Reply, Request
from .server_client import NO_CONNECTION, Patience, RequestFailed, ServerClient, give_up

DEFAULT_PARALLEL = 4
_MOST_PARALLEL = 64
_MOST_STOPS = 4  # what OpenAI's own server accepts
_LOOK_SECONDS = 0.2
_FAILURES_IN_A_ROW = 10
_CHARACTERS_PER_TOKEN = 3.0  # a cautious first guess; the server's own counts replace it


class ServerEngine:
    """See :class:`~.asking.Engine`. Raises UserError for an address that may not be asked."""

    def __init__(self, spec: GenerateSpec, stops: Sequence[str], patience: Patience | None = None) -> None:
        self._spec = spec
        self._chat = spec.chat is not False
        self._stops = list(stops)[:_MOST_STOPS]
        self._parallel = min(spec.parallel or DEFAULT_PARALLEL, _MOST_PARALLEL)
        self._host = urlsplit(spec.model).netloc
        self._client = ServerClient(spec.model, self._parallel, patience or Patience())
        self._model_name = spec.model_name
        self._tokens_per_character = 1 / _CHARACTERS_PER_TOKEN
        self._n_failures = 0  # in a row
        self._under_way: set[Future[None]] = set()
        self._ready: queue.SimpleQueue[Reply | DsbsError | Exception] = queue.SimpleQueue()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="teacher-server", daemon=True)
        self._thread.start()

    def cost(self, request: Request) -> int:
        return int(len(request.prompt) * self._tokens_per_character) + 1 + self._spec.max_tokens

    def answer(self, requests: Iterator[Request], should_stop: ShouldStop) -> Iterator[Reply]:
        n_under_way = n_answered = 0
        more = True
        try:
            if not self._model_name:
                self._model_name = self._unless_stopped(self._on_loop(self._only_model()), should_stop) or ""
            while not should_stop():
                while more and n_under_way < (self._parallel if n_answered else 1):
                    request = next(requests, None)
                    more = request is not None
                    if request is not None:
                        self._submit(request)
                        n_under_way += 1
                if not n_under_way:
                    return
                try:
                    reply = self._ready.get(timeout=_LOOK_SECONDS)
                except queue.Empty:
                    continue
                if isinstance(reply, Exception):
                    raise reply
                n_under_way -= 1
                n_answered += 1
                self._n_failures = self._n_failures + 1 if reply.failure and not reply.finish_reason else 0
                yield reply
                unreachable = n_answered == 1 and reply.failure.startswith(NO_CONNECTION)
                if self._n_failures >= _FAILURES_IN_A_ROW or unreachable:
                    raise give_up(self._host, reply.failure)
            yield from self._arrived()
        finally:
            for future in list(self._under_way):
                future.cancel()

    def close(self) -> None:
        self._on_loop(self._client.close()).result(timeout=10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=10)
        self._loop.close()

    def _submit(self, request: Request) -> None:
        future = self._on_loop(self._ask(request))
        self._under_way.add(future)
        future.add_done_callback(self._under_way.discard)

    def _arrived(self) -> Iterator[Reply]:
        """Replies that have come while the job was told to stop: they are paid for."""
        with contextlib.suppress(queue.Empty):
            while True:
                reply = self._ready.get_nowait()
                if isinstance(reply, Reply):
                    yield reply

    def _unless_stopped(self, future: Future[str], should_stop: ShouldStop) -> str | None:
        """The future's result; None if the job was stopped before it came."""
        while not concurrent.futures.wait([future], _LOOK_SECONDS).done:
            if should_stop():
                future.cancel()
                return None
        return future.result()

    def _on_loop(self, work: Any) -> Future[Any]:
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    async def _ask(self, request: Request) -> None:
        """Put the reply, or the error that ends the job, where the job's thread finds it."""
        started = time.monotonic()
        reply = Reply(request)
        try:
            answered = await self._client.complete(self._body(request), self._chat)
        except RequestFailed as error:
            reply = replace(reply, failure=str(error))
        except Exception as error:
            self._ready.put(error)
            return
        else:
            reply = replace(
                reply,
                raw=answered.text,
                finish_reason=answered.finish_reason,
                failure=answered.failure,
                tokens_in=answered.tokens_in,
                tokens_out=answered.tokens_out,
            )
            if answered.tokens_in:
                self._tokens_per_character = max(
                    answered.tokens_in / max(1, len(request.prompt)), 0.9 * self._tokens_per_character
                )
        self._ready.put(replace(reply, seconds=time.monotonic() - started))

    def _body(self, request: Request) -> dict[str, Any]:
        spec = self._spec
        body = {
            "model": self._model_name,
            "temperature": spec.temperature,
            "top_p": spec.top_p,
            "max_tokens": spec.max_tokens,
            "seed": spec.seed + request.sample,
            "stream": False,
        }
        if self._stops:
            body["stop"] = self._stops
        if self._chat:
            return body | {"messages": [{"role": "user", "content": request.prompt}]}
        return body | {"prompt": request.prompt}

    async def _only_model(self) -> str:
        """The server's model if it has just one; ``default`` if it does not say."""
        names = await self._client.model_names()
        if len(names) > 1:
            some = ", ".join(names[:5])
            raise UserError(
                f"{self._host} has {len(names)} models.",
                f"Name one after the address, as {self._spec.model}#{names[0]}. Some of them: {some}.",
            )
        return names[0] if names else "default"
