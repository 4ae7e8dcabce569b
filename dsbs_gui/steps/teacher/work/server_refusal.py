"""What a status that is not 200 means: for the whole job, for this row, or only for now. Worker only."""

from __future__ import annotations

import re

import httpx

from dsbs_gui.core.errors import DsbsError, ResourceError, UserError

from . import server_reply, server_tls
from .asking import TOO_LONG
from .server_reply import FILTERED

KEY_VARIABLE = "DSBS_API_KEY"
NO_CONNECTION = "no connection"
BROKEN_OFF = "the connection broke off"
PACKED = "the reply cannot be unpacked"
TOO_SLOW = "the server took too long"
TOO_LARGE = "the reply is too large"
TOO_MUCH = (429, 503, 529)
_PASSING = frozenset({408, 409, 425, 500, 502, 504, *range(520, 531), *TOO_MUCH})
_NO_SUCH = frozenset({404, 405, 410, 421, 426, 501, 505})
_REQUEST = frozenset({400, 422})
_MAY_NAME_THE_FAULT = _REQUEST | {500}

_NO_MONEY = re.compile(
    r"insufficient_quota|spend[_ ]limit|credit balance|billing[_ ]hard|exceeded your current quota", re.I
)
_CONTEXT = re.compile(r"context[_ ]?(?:length|size|window)|prompt is too long|maximum context|too many tokens", re.I)
_POLICY = re.compile(r"content[_ ]?(?:filter|policy|management)|safety system", re.I)


class RequestFailed(Exception):
    """This request has no answer, others may have. The text is the reason that the row shows.

    Attributes:
        transient: whether trying again can help.
        wait_s: how long the server asked to wait.
        status: of the reply; 0 if there was none.
        body: what the server said of a request that it does not understand.
    """

    def __init__(
        self, reason: str, transient: bool, wait_s: float | None = None, status: int = 0, body: str = ""
    ) -> None:
        super().__init__(reason)
        self.transient = transient
        self.wait_s = wait_s
        self.status = status
        self.body = body


def of_transport(error: httpx.HTTPError, host: str) -> RequestFailed | DsbsError:
    """The error for a reply that did not come whole."""
    if (untrusted := server_tls.refusal(error, host)) is not None:
        return untrusted
    if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout | httpx.ProxyError):
        return RequestFailed(NO_CONNECTION, transient=True)
    if isinstance(error, httpx.TimeoutException):
        return RequestFailed(TOO_SLOW, transient=True)
    return RequestFailed(BROKEN_OFF, transient=True)


def of_status(response: httpx.Response, raw: bytes, said: str, host: str) -> RequestFailed | DsbsError:
    """The error for a status that is not 200. ``said``: the server's own words, without secrets."""
    status, text = response.status_code, raw[:10_000].decode("utf-8", "replace")
    if 300 <= status < 400:
        return UserError(
            f"{host} sends us on to another address ({status}).",
            "Redirects are not followed with your data: give the final address.",
        )
    if status == 401:
        return UserError(
            f"{host} does not accept the key. {said}".strip(), f"Give the key anew, or set {KEY_VARIABLE}."
        )
    if status in (402, 403, 407) or _NO_MONEY.search(text):
        return UserError(f"{host} refuses access ({status}). {said}".strip(), "See your account there.")
    if status in _NO_SUCH:
        return UserError(
            f"{host} knows no such address or model ({status}). {said}".strip(),
            "Check the address and the model's name.",
        )
    if status == 400 and (unencrypted := server_tls.refusal_in_words(text, host)) is not None:
        return unencrypted
    if status == 413 or (status in _REQUEST and _CONTEXT.search(text)):
        return RequestFailed(TOO_LONG, transient=False, status=status)
    if status in _REQUEST and _POLICY.search(text):
        return RequestFailed(FILTERED, transient=False, status=status)
    passing = status in _PASSING
    reason = f"the server answered {status}" + (f": {said}" if said and not passing else "")
    wait_s = _wait_s(response.headers) if passing else None
    return RequestFailed(reason, passing, wait_s, status, text if status in _MAY_NAME_THE_FAULT else "")


def _wait_s(headers: httpx.Headers) -> float | None:
    exact = server_reply.retry_after(headers.get("retry-after-ms", ""))
    return server_reply.retry_after(headers.get("retry-after", "")) if exact is None else exact / 1000


def give_up(host: str, reason: str) -> ResourceError:
    """The error when request after request fails."""
    return ResourceError(
        f"{host} gives no answers: {reason}.", "Nothing saved was lost. Check that the server runs, then resume."
    )
