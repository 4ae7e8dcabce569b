"""One request to a server: deadlines, retries, pace. Worker only.

No redirect is followed: the prompt would go to an address that nobody chose. A slow drip of bytes does not
outlive the deadline. The key comes from the environment of the worker, goes into one header and is taken out
of whatever a server says.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import zlib
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx
import msgspec
import tenacity

from dsbs_gui.core.errors import UserError
from dsbs_gui.steps.teacher.catalogue import is_loopback

from . import server_refusal, server_reply, server_tls
from .server_concessions import Concessions
from .server_dialect import Dialect
from .server_pace import Pace, Turn
from .server_refusal import KEY_VARIABLE, PACKED, TOO_LARGE, TOO_MUCH, TOO_SLOW, RequestFailed
from .server_reply import Answered, InvalidReply

_LARGEST_BODY = 4 << 20
_GZIP_OR_ZLIB = 47  # zlib's number for either, by what the header says
_SHORTEST_SECRET = 6  # what is shorter may be a word of an answer
_GONE = "[removed]"


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait and how often to try.

    Attributes:
        attempt_s: for one try, connection and whole body.
        request_s: for a request with all its tries and the waits between them, from when it first leaves.
        tries: at most.
        first_wait_s: before the second try; it doubles each time, with jitter.
    """

    attempt_s: float = 120.0
    request_s: float = 300.0
    tries: int = 5
    first_wait_s: float = 1.0


class ServerClient:
    """An HTTP client for one server; used on one event loop.

    Raises UserError for an address or a key that may not be used.
    """

    def __init__(self, base: str, dialect: Dialect, pace: Pace, patience: Patience) -> None:
        # httpx logs whole addresses at INFO.
        for name in ("httpx", "httpcore"):
            logging.getLogger(name).setLevel(logging.WARNING)
        parts = urlsplit(base)
        local = is_loopback(parts.hostname or "")
        self.host = parts.netloc
        if parts.scheme != "https" and not local:
            raise UserError(f"{self.host} would be asked without encryption.", "Use an https:// address.")
        self._base = base
        self._dialect, self._pace, self._patience = dialect, pace, patience
        key = _key()
        if key:
            _leave_no_core()
        self._secret = key if len(key) >= _SHORTEST_SECRET else ""
        self.concessions = Concessions(self.host)
        self._client = httpx.AsyncClient(
            headers=dialect.headers(key) | {"Accept-Encoding": "identity"},
            follow_redirects=False,
            trust_env=not local,  # a proxy would not find this machine
            verify=server_tls.trusted(),
            timeout=httpx.Timeout(patience.attempt_s, connect=min(10.0, patience.attempt_s)),
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=64),
        )

    async def complete(self, body: dict[str, Any], tokens: int) -> Answered:
        """
        Args:
            tokens: the most that the request can take.

        Raises RequestFailed for this request's failure; UserError or ResourceError if all will fail.
        """
        try:
            async with asyncio.timeout(None) as deadline:

                async def ask() -> Answered:
                    async with self._pace.turn(tokens) as turn:
                        if deadline.when() is None:
                            deadline.reschedule(asyncio.get_running_loop().time() + self._patience.request_s)
                        return await self._attempt(body, turn)

                return await self._retrying()(ask)
        except TimeoutError:
            raise RequestFailed(TOO_SLOW, transient=False) from None

    async def model_names(self) -> list[str]:
        """The models that the server says it has; empty if it does not say."""
        try:
            async with asyncio.timeout(self._patience.attempt_s):
                return server_reply.model_names(await self._body("GET", "/models"))
        except (RequestFailed, TimeoutError):
            return []

    async def close(self) -> None:
        await self._client.aclose()

    def _retrying(self) -> tenacity.AsyncRetrying:
        return tenacity.AsyncRetrying(
            retry=tenacity.retry_if_exception(lambda error: isinstance(error, RequestFailed) and error.transient),
            stop=tenacity.stop_after_attempt(self._patience.tries),
            wait=self._wait,
            reraise=True,
        )

    def _wait(self, state: tenacity.RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        if isinstance(error, RequestFailed) and error.wait_s is not None:
            return error.wait_s
        return tenacity.wait_random_exponential(multiplier=self._patience.first_wait_s, max=60)(state)

    async def _attempt(self, body: dict[str, Any], turn: Turn) -> Answered:
        """One try; more only where the server takes fewer parameters than it was given."""
        while True:
            sent = self.concessions.apply(body)
            try:
                answered = self._dialect.read(await self._body("POST", self._dialect.path, sent))
            except InvalidReply as error:
                raise RequestFailed(self._clean(str(error)), transient=True) from error
            except RequestFailed as error:
                if error.status in TOO_MUCH:
                    self._pace.slow_down(turn, error.wait_s)
                if not self.concessions.concede(sent, error.body, error.status):
                    raise
            else:
                self._pace.succeeded()
                self.concessions.taken(sent)
                if answered.tokens_in:
                    turn.tokens = answered.tokens_in + answered.tokens_out
                return msgspec.structs.replace(answered, text=self._clean(answered.text))

    async def _body(self, method: str, path: str, body: dict[str, Any] | None = None) -> bytes:
        """The body of a reply of status 200, read within the attempt's deadline."""
        try:
            async with (
                asyncio.timeout(self._patience.attempt_s),
                self._client.stream(method, self._base + path, json=body) as response,
            ):
                raw = await self._limited(response)
        except TimeoutError:
            raise RequestFailed(TOO_SLOW, transient=True) from None
        except zlib.error:
            raise RequestFailed(PACKED, transient=True) from None
        except httpx.HTTPError as error:
            raise server_refusal.of_transport(error, self.host) from None  # its text may hold headers
        raw = raw.replace(self._secret.encode(), _GONE.encode()) if self._secret else raw
        if response.status_code != 200:
            raise server_refusal.of_status(response, raw, self._clean(server_reply.detail(raw)), self.host)
        return raw

    async def _limited(self, response: httpx.Response) -> bytes:
        """The body, unpacked up to the limit: a small one may unpack to gigabytes."""
        packing = response.headers.get("Content-Encoding", "identity").lower()
        if packing not in ("identity", "gzip", "deflate"):
            raise RequestFailed(PACKED, transient=True)
        unpacking = zlib.decompressobj(_GZIP_OR_ZLIB) if packing != "identity" else None
        body = bytearray()
        async for chunk in response.aiter_raw():
            body += unpacking.decompress(chunk, _LARGEST_BODY - len(body) + 1) if unpacking else chunk
            if len(body) > _LARGEST_BODY:
                raise RequestFailed(TOO_LARGE, transient=False)
        if unpacking and not unpacking.eof:
            raise RequestFailed(PACKED, transient=True)
        return bytes(body)

    def _clean(self, text: str) -> str:
        """The text without our key: some servers repeat it when they refuse it."""
        return text.replace(self._secret, _GONE) if self._secret else text


def _leave_no_core() -> None:
    """A core file of this process would hold the key. Where the system has no such files there is nothing to do."""
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))


def _key() -> str:
    """The key of the environment. Raises UserError for one that no header can carry, without showing it."""
    key = os.environ.get(KEY_VARIABLE, "").strip()
    if key and not (key.isascii() and key.isprintable() and " " not in key):
        raise UserError("The key holds characters that no key has.", "Copy it anew, without spaces or quotes.")
    return key
