"""What every server's reply is checked for, believing nothing; what it says of errors and waiting. Worker only."""

from __future__ import annotations

import email.utils
import math
import re
import time
from typing import Any, TypeVar

import msgspec

from .asking import CUT_OFF, EMPTY

FILTERED = "filtered by the server"
REFUSED = "refused by the teacher"
TOOL_CALL = "a tool call instead of an answer"
STRANGE_END = "the reply ended in an unknown way"
_LONGEST_RETRY_AFTER_S = 120.0
_LONGEST_DETAIL = 200
_LONGEST_WORD = 30

_ENDS = {
    **dict.fromkeys(("stop", "eos", "eos_token", "end_turn", "stop_sequence"), "stop"),
    **dict.fromkeys(("length", "max_tokens", "model_length", "model_context_window_exceeded"), "length"),
    **dict.fromkeys(("content_filter", "safety"), "content_filter"),
    "refusal": "refusal",
    **dict.fromkeys(("tool_calls", "function_call", "tool_use"), "tool"),
}
_FAILURES = {"length": CUT_OFF, "content_filter": FILTERED, "refusal": REFUSED, "tool": TOOL_CALL}
_BROKEN_ENDS = ("abort", "error", "insufficient_system_resource", "pause_turn")
_ID = re.compile(r"\b(?=[\w-]*\d)[\w-]{12,}\b")

T = TypeVar("T")


class InvalidReply(Exception):
    """A reply of status 200 that is no answer: another page, half a body, another kind of JSON."""


class Answered(msgspec.Struct, frozen=True):
    """A valid reply. ``failure`` says why its text is of no use; empty if it is.

    ``model`` is the one that the server says answered; empty if it does not say. Tokens are 0 where it does
    not count.
    """

    text: str
    finish_reason: str
    failure: str
    tokens_in: int = 0
    tokens_out: int = 0
    model: str = ""


def decoded(body: bytes, kind: type[T]) -> T:
    """The body as ``kind``. Raises InvalidReply, which names the fault in words that are the same for each row."""
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.ValidationError as error:
        said = detail(body)
        raise InvalidReply(f"the server reported: {said}" if said else f"the reply is no answer ({error})") from error
    except UnicodeDecodeError as error:
        raise InvalidReply("the reply is not UTF-8 text") from error
    except (msgspec.DecodeError, RecursionError) as error:
        page = body.lstrip()[:1] == b"<"
        raise InvalidReply("the reply is a web page" if page else "the reply is not whole JSON") from error


def answered(text: str, ended: str, tokens_in: int, tokens_out: int, model: str, refusal: str = "") -> Answered:
    """The checked reply. Raises InvalidReply where the server itself broke off.

    An answer cut off at its limit is a failure whatever it says: nobody knows what was to come.
    """
    if ended in _BROKEN_ENDS:
        raise InvalidReply(f"the server broke off ({ended})")
    reason = "refusal" if refusal and not text.strip() else _ENDS.get(ended, "")
    failure = f"{STRANGE_END} ({ended[:_LONGEST_WORD]})" if not reason else _FAILURES.get(reason, "")
    if not failure and not text.strip():
        failure = EMPTY
    return Answered(text, reason or "unknown", failure, max(0, tokens_in), max(0, tokens_out), model)


def detail(body: bytes) -> str:
    """What a server says about its error, shortened and without ids; empty if it says nothing that can be read."""
    try:
        value: Any = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ""
    error = value.get("error", value) if isinstance(value, dict) else None
    if isinstance(error, dict):
        error = next((error[name] for name in ("message", "detail", "msg") if error.get(name)), "")
    if isinstance(error, list):  # as pydantic and FastAPI list what is wrong with a request
        error = "; ".join(str(item.get("msg", "")) for item in error if isinstance(item, dict))
    text = " ".join(error.split()) if isinstance(error, str) else ""
    return _ID.sub("…", text)[:_LONGEST_DETAIL]


def retry_after(value: str) -> float | None:
    """Seconds that a ``Retry-After`` header asks to wait, at most two minutes; None if it says nothing."""
    try:
        seconds = float(value)
    except ValueError:
        try:
            seconds = email.utils.parsedate_to_datetime(value).timestamp() - time.time()
        except (ValueError, TypeError, OverflowError):
            return None
    return None if math.isnan(seconds) else min(max(0.0, seconds), _LONGEST_RETRY_AFTER_S)


class _Model(msgspec.Struct):
    id: str


class _Models(msgspec.Struct):
    data: list[_Model]


def model_names(body: bytes) -> list[str]:
    """The ids of a list of models; empty if the body is none."""
    try:
        return [model.id for model in msgspec.json.decode(body, type=_Models).data]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return []
