"""A remote teacher behind an address. Worker only.

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
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from typing import Any

from dsbs_gui.core.errors import UserError
from dsbs_gui.core.protocol import ShouldStop
from dsbs_gui.steps.teacher import structured
from dsbs_gui.steps.teacher.specs import GenerateSpec

from .asking import Reply, Request
from .server_client import Patience, ServerClient
from .server_dialect import dialect_named, wish_of
from .server_pace import Pace
from .server_refusal import NO_CONNECTION, RequestFailed, give_up
from .server_reply import Answered

DEFAULT_PARALLEL = 4
_MOST_PARALLEL = 64
_LOOK_SECONDS = 0.1
_FAILURES_IN_A_ROW = 10  # or two full rounds of all connections
_BYTES_PER_TOKEN = 3.0  # a cautious first guess in any language; the server's own counts replace it

Warn = Callable[[str, str], None]


@dataclass(frozen=True, slots=True)
class _News:
    """Something the user should know, on its way to the job's thread."""

    text: str
    hint: str = ""


class ServerEngine:
    """See :class:`~.asking.Engine`. Raises UserError for an address or key that may not be used.

    Args:
        warn: told, on the job's thread, a text and a hint.
    """

    def __init__(
        self, spec: GenerateSpec, stops: Sequence[str], patience: Patience | None = None, warn: Warn | None = None
    ) -> None:
        self._spec = spec
        self._parallel = min(spec.parallel or DEFAULT_PARALLEL, _MOST_PARALLEL)
        self._pace = Pace(self._parallel, spec.requests_per_minute, spec.tokens_per_minute)
        self._dialect = dialect_named(spec.protocol)
        self._client = ServerClient(spec.model, self._dialect, self._pace, patience or Patience())
        self._wish = wish_of(spec, stops, structured.schema(spec.task) if spec.structured else None)
        self._warn: Warn = warn or (lambda text, hint: None)
        self._said: set[str] = set()
        self._model_name = spec.model_name
        self._tokens_per_byte = 1 / _BYTES_PER_TOKEN
        self._n_failures = 0  # in a row
        self._under_way: set[Future[None]] = set()
        self._ready: queue.SimpleQueue[Reply | _News | Exception] = queue.SimpleQueue()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="teacher-server", daemon=True)
        self._thread.start()

    def cost(self, request: Request) -> int:
        return self._tokens(request.prompt) + 1 + self._spec.max_tokens

    def answer(self, requests: Iterator[Request], should_stop: ShouldStop) -> Iterator[Reply]:
        n_under_way = n_answered = 0
        more = True
        try:
            if not self._model_name:
                self._model_name = self._unless_stopped(self._on_loop(self._only_model()), should_stop) or ""
            while not should_stop():
                while more and n_under_way < (self._pace.allowed if n_answered else 1):
                    request = next(requests, None)
                    more = request is not None
                    if request is not None:
                        self._submit(request)
                        n_under_way += 1
                if not n_under_way:
                    return
                try:
                    came = self._ready.get(timeout=_LOOK_SECONDS)
                except queue.Empty:
                    continue
                if isinstance(came, Exception):
                    yield from self._arrived()
                    raise came
                if isinstance(came, _News):
                    self._tell(came)
                    continue
                n_under_way -= 1
                n_answered += 1
                self._n_failures = self._n_failures + 1 if came.failure and not came.finish_reason else 0
                yield came
                unreachable = n_answered == 1 and came.failure == NO_CONNECTION
                if self._n_failures >= max(_FAILURES_IN_A_ROW, 2 * self._parallel) or unreachable:
                    yield from self._arrived()
                    raise give_up(self._client.host, came.failure)
            yield from self._arrived()
        finally:
            for future in list(self._under_way):
                future.cancel()

    def facts(self) -> dict[str, Any]:
        return {"parallel": self._parallel}

    def close(self) -> None:
        with contextlib.suppress(concurrent.futures.TimeoutError):
            self._on_loop(self._end()).result(timeout=10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=10)
        if not self._thread.is_alive():
            self._loop.close()

    async def _end(self) -> None:
        """What was cancelled gets the chance to let go of its connection."""
        others = asyncio.all_tasks() - {asyncio.current_task()}
        await asyncio.gather(*others, return_exceptions=True)
        await self._client.close()

    def _submit(self, request: Request) -> None:
        future = self._on_loop(self._ask(request))
        self._under_way.add(future)
        future.add_done_callback(self._under_way.discard)

    def _arrived(self) -> Iterator[Reply]:
        """Replies that have come while the job was told to end: they are paid for."""
        with contextlib.suppress(queue.Empty):
            while True:
                came = self._ready.get_nowait()
                if isinstance(came, Reply):
                    yield came
                elif isinstance(came, _News):
                    self._tell(came)

    def _tell(self, news: _News) -> None:
        if news.text not in self._said:
            self._said.add(news.text)
            self._warn(news.text, news.hint)

    def _unless_stopped(self, future: Future[str], should_stop: ShouldStop) -> str | None:
        """The future's result; None if the job was stopped before it came."""
        while not concurrent.futures.wait([future], _LOOK_SECONDS).done:
            if should_stop():
                future.cancel()
                return None
        return future.result()

    def _on_loop(self, work: Any) -> Future[Any]:
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    # ------------------------------------------------------------ on the loop

    async def _ask(self, request: Request) -> None:
        """Put the reply, or the error that ends the job, where the job's thread finds it."""
        started = time.monotonic()
        reply = Reply(request)
        body = self._dialect.body(self._wish, self._model_name, request.prompt, request.sample)
        try:
            answered = await self._client.complete(body, self.cost(request))
        except RequestFailed as error:
            reply = replace(reply, failure=str(error))
        except Exception as error:
            self._ready.put(error)
            return
        else:
            reply = self._counted(reply, answered)
            self._look_at(answered)
        while self._client.concessions.news:
            self._ready.put(_News(self._client.concessions.news.pop()))
        self._ready.put(replace(reply, seconds=time.monotonic() - started))

    def _counted(self, reply: Reply, answered: Answered) -> Reply:
        """The reply with the server's count of tokens, or our guess where it does not count."""
        tokens_in, tokens_out = answered.tokens_in, answered.tokens_out
        prompt = reply.request.prompt
        estimated = not tokens_in or (not tokens_out and bool(answered.text))
        if tokens_in:
            size = max(1, len(prompt.encode("utf-8", "replace")))
            self._tokens_per_byte = max(tokens_in / size, 0.9 * self._tokens_per_byte)
        else:
            tokens_in = self._tokens(prompt)
        return replace(
            reply,
            raw=answered.text,
            finish_reason=answered.finish_reason,
            failure=answered.failure,
            tokens_in=tokens_in,
            tokens_out=tokens_out or self._tokens(answered.text),
            estimated=estimated,
        )

    def _tokens(self, text: str) -> int:
        """About how many tokens a text takes, rather too many."""
        size = len(text.encode("utf-8", "replace"))
        return int(size * self._tokens_per_byte) + 1 if size else 0

    def _look_at(self, answered: Answered) -> None:
        """Say what is odd about an answer that is good in itself."""
        host = self._client.host
        if not answered.tokens_in or not (answered.tokens_out or not answered.text):
            self._ready.put(_News(f"{host} does not count tokens.", "They are estimated from the length of the texts."))
        if answered.model and not _same_model(answered.model, self._model_name):
            self._ready.put(
                _News(
                    f"{host} answers with the model {answered.model[:80]}, {self._model_name} was asked for.",
                    "Check which model is loaded there, or stop and choose that one by its name.",
                )
            )
        if self._spec.structured and not answered.failure and structured.read(answered.text) is None:
            self._ready.put(_News(f"{host} does not keep to the JSON schema.", "Such answers are read as text."))

    async def _only_model(self) -> str:
        """The server's model if it has just one; ``default`` if it does not say."""
        names = await self._client.model_names()
        if len(names) > 1:
            some = ", ".join(names[:5])
            raise UserError(
                f"{self._client.host} has {len(names)} models.",
                f"Name one after the address, as {self._spec.model}#{names[0]}. Some of them: {some}.",
            )
        return names[0] if names else "default"


def _same_model(said: str, asked: str) -> bool:
    """Whether two names may mean one model: dated releases and paths of files name it at greater length."""
    said, asked = (name.casefold().replace("\\", "/").rsplit("/", 1)[-1] for name in (said, asked))
    return asked == "default" or said in asked or asked in said
