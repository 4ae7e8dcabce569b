"""One request to an OpenAI-compatible server: deadlines, retries, and errors told apart. Worker only.

No redirect is followed: the prompt would go to an address that nobody chose. A slow drip of bytes does
not outlive the deadline. The key comes from the environment of the worker and goes into one header only.
"""

from __future__ import annotations

import asyncio
import logging
import os
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx
import tenacity

from dsbs_gui.core.errors import DsbsError, ResourceError, UserError
from dsbs_gui.steps.teacher.catalogue import is_loopback

from . import server_reply
from .server_reply import Answered, InvalidReply

KEY_VARIABLE = "DSBS_API_KEY"
NO_CONNECTION = "no connection"
_LARGEST_BODY = 10 << 20
_RETRIED = frozenset({408, 409, 429, 500, 502, 503, 504, 529})


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait and how often to try.

    Attributes:
        attempt_s: for one try, connection and whole body.
        request_s: for a request with all its tries and the waits between them.
        tries: at most.
        first_wait_s: before the second try; it doubles each time, with jitter.
    """

    attempt_s: float = 120.0
    request_s: float = 300.0
    tries: int = 5
    first_wait_s: float = 1.0


class RequestFailed(Exception):
    """This request has no answer, others may have. The text is the reason that the row shows.

    Attributes:
        transient: whether trying again can help.
        wait_s: how long the server asked to wait.
    """

    def __init__(self, reason: str, transient: bool, wait_s: float | None = None) -> None:
        super().__init__(reason)
        self.transient = transient
        self.wait_s = wait_s


class ServerClient:
    """An HTTP client for one server; used on one event loop."""

    def __init__(self, base: str, parallel: int, patience: Patience) -> None:
        # httpx logs whole addresses at INFO.
        for name in ("httpx", "httpcore"):
            logging.getLogger(name).setLevel(logging.WARNING)
        parts = urlsplit(base)
        self._host = parts.netloc
        if parts.scheme != "https" and not is_loopback(parts.hostname or ""):
            raise UserError(f"{self._host} would be asked without encryption.", "Use an https:// address.")
        self._base = base
        self._patience = patience
        key = os.environ.get(KEY_VARIABLE, "")
        self._client = httpx.AsyncClient(
            headers={"Authorization": f"Bearer {key}"} if key else {},
            follow_redirects=False,
            trust_env=not is_loopback(parts.hostname or ""),
            timeout=httpx.Timeout(patience.attempt_s, connect=min(10.0, patience.attempt_s)),
            limits=httpx.Limits(max_connections=parallel, max_keepalive_connections=parallel),
        )

    async def complete(self, body: dict[str, Any], chat: bool) -> Answered:
        """Raises RequestFailed for this request's failure; UserError or ResourceError if all will fail."""
        path = "/chat/completions" if chat else "/completions"

        async def ask() -> Answered:
            try:
                return server_reply.read(await self._body("POST", path, body), chat)
            except InvalidReply as error:
                raise RequestFailed(str(error), transient=True) from error

        retrying = tenacity.AsyncRetrying(
            retry=tenacity.retry_if_exception(lambda error: isinstance(error, RequestFailed) and error.transient),
            stop=tenacity.stop_after_attempt(self._patience.tries),
            wait=self._wait,
            reraise=True,
        )
        try:
            async with asyncio.timeout(self._patience.request_s):
                return await retrying(ask)
        except TimeoutError:
            raise RequestFailed("the server took too long", transient=False) from None

    async def model_names(self) -> list[str]:
        """The models that the server says it has; empty if it does not say."""
        try:
            async with asyncio.timeout(self._patience.attempt_s):
                return server_reply.model_names(await self._body("GET", "/models"))
        except (RequestFailed, TimeoutError):
            return []

    async def close(self) -> None:
        await self._client.aclose()

    def _wait(self, state: tenacity.RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        if isinstance(error, RequestFailed) and error.wait_s is not None:
            return error.wait_s
        return tenacity.wait_random_exponential(multiplier=self._patience.first_wait_s, max=60)(state)

    async def _body(self, method: str, path: str, body: dict[str, Any] | None = None) -> bytes:
        """The body of a reply of status 200, read within the attempt's deadline."""
        try:
            async with (
                asyncio.timeout(self._patience.attempt_s),
                self._client.stream(method, self._base + path, json=body) as response,
            ):
                raw = await self._limited(response)
        except TimeoutError:
            raise RequestFailed("the server took too long", transient=True) from None
        except httpx.HTTPError as error:
            raise RequestFailed(f"{NO_CONNECTION} ({type(error).__name__})", transient=True) from error
        if response.status_code != 200:
            raise self._refusal(response, raw)
        return raw

    async def _limited(self, response: httpx.Response) -> bytes:
        chunks, size = [], 0
        async for chunk in response.aiter_bytes():
            size += len(chunk)
            if size > _LARGEST_BODY:
                raise RequestFailed("the reply is too large", transient=False)
            chunks.append(chunk)
        return b"".join(chunks)

    def _refusal(self, response: httpx.Response, raw: bytes) -> RequestFailed | DsbsError:
        """The error for a status that is not 200: of the whole job, or of this request."""
        status, said = response.status_code, server_reply.detail(raw)
        if 300 <= status < 400:
            return UserError(
                f"{self._host} sends us on to another address ({status}).",
                "Redirects are not followed with your data: give the final address.",
            )
        if status == 401:
            return UserError(f"{self._host} does not accept the key. {said}".strip(), f"Set {KEY_VARIABLE} anew.")
        if status in (402, 403):
            return UserError(f"{self._host} refuses access ({status}). {said}".strip(), "See your account there.")
        if status == 404:
            return UserError(
                f"{self._host} knows no such address or model. {said}".strip(),
                "Check the address and the model's name.",
            )
        reason = f"the server answered {status}" + (f": {said}" if said and status not in _RETRIED else "")
        wait_s = server_reply.retry_after(response.headers.get("Retry-After", ""))
        return RequestFailed(reason, transient=status in _RETRIED, wait_s=wait_s)


def give_up(host: str, reason: str) -> ResourceError:
    """The error when request after request fails."""
    return ResourceError(
        f"{host} gives no answers: {reason}.", "Nothing saved was lost. Check that the server runs, then resume."
    )
