"""Reading what an OpenAI-compatible server sent back, believing nothing. Worker only."""

from __future__ import annotations

import email.utils
import time
from typing import Any

import msgspec

from .asking import CUT_OFF, EMPTY

FILTERED = "filtered by the server"
_LONGEST_RETRY_AFTER_S = 120.0
_LONGEST_DETAIL = 200


class InvalidReply(Exception):
    """A reply of status 200 that is no answer: another page, half a body, another kind of JSON."""


class _Message(msgspec.Struct):
    content: str | None = None


class _TokenLogprob(msgspec.Struct):
    logprob: float


class _ChatLogprobs(msgspec.Struct):
    content: list[_TokenLogprob] | None = None


class _Choice(msgspec.Struct):
    finish_reason: str
    message: _Message | None = None
    text: str | None = None


class _Usage(msgspec.Struct):
    prompt_tokens: int = 0
    completion_tokens: int = 0


class _Completion(msgspec.Struct):
    choices: list[_Choice]
    usage: _Usage | None = None


class Answered(msgspec.Struct, frozen=True):
    """A valid reply. ``failure`` says why its text is of no use; empty if it is."""

    text: str
    finish_reason: str
    failure: str
    tokens_in: int
    tokens_out: int


def read(body: bytes, chat: bool) -> Answered:
    """Raises InvalidReply for a body that is no completion."""
    try:
        completion = msgspec.json.decode(body, type=_Completion)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidReply(f"the reply is not a completion ({error})") from error
    if not completion.choices:
        raise InvalidReply("the reply holds no answer")
    choice = completion.choices[0]
    text = (choice.message.content if choice.message else None) if chat else choice.text
    reason = choice.finish_reason if choice.finish_reason in ("length", "content_filter") else "stop"
    usage = completion.usage or _Usage()
    return Answered(
        text=text or "",
        finish_reason=reason,
        failure=_failure(text or "", reason),
        tokens_in=max(0, usage.prompt_tokens),
        tokens_out=max(0, usage.completion_tokens),
    )


def _failure(text: str, reason: str) -> str:
    if reason == "content_filter":
        return FILTERED
    if text.strip():
        return ""
    return CUT_OFF if reason == "length" else EMPTY


def detail(body: bytes) -> str:
    """What a server says about its error, shortened; empty if it says nothing that can be read."""
    try:
        value: Any = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ""
    error = value.get("error", value) if isinstance(value, dict) else None
    text = error.get("message") if isinstance(error, dict) else error
    return " ".join(text.split())[:_LONGEST_DETAIL] if isinstance(text, str) else ""


def retry_after(value: str) -> float | None:
    """Seconds that a ``Retry-After`` header asks to wait, at most two minutes; None if it says nothing."""
    try:
        seconds = float(value)
    except ValueError:
        try:
            seconds = email.utils.parsedate_to_datetime(value).timestamp() - time.time()
        except (ValueError, TypeError):
            return None
    return min(max(0.0, seconds), _LONGEST_RETRY_AFTER_S) if seconds == seconds else None


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
