"""Anthropic's Messages API, which other servers speak too. Worker only.

Source: the API's public reference, version 2023-06-01. It has no seed, so samples differ by chance alone.
"""

from __future__ import annotations

from typing import Any

import msgspec

from .server_dialect import Wish
from .server_reply import Answered, InvalidReply, answered, decoded

_VERSION = "2023-06-01"
_HIGHEST_TEMPERATURE = 1.0


class _Block(msgspec.Struct):
    type: str
    text: str = ""


class _Usage(msgspec.Struct):
    input_tokens: int | None = 0
    output_tokens: int | None = 0
    cache_creation_input_tokens: int | None = 0
    cache_read_input_tokens: int | None = 0


class _Message(msgspec.Struct):
    type: str
    content: list[_Block]
    stop_reason: str
    usage: _Usage | None = None
    model: str | None = ""


class MessagesDialect:
    """See :class:`~.server_dialect.Dialect`."""

    path = "/messages"

    def headers(self, key: str) -> dict[str, str]:
        return {"anthropic-version": _VERSION} | ({"x-api-key": key} if key else {})

    def body(self, wish: Wish, model: str, prompt: str, sample: int) -> dict[str, Any]:
        body: dict[str, Any] = {
            "model": model,
            "max_tokens": wish.max_tokens,
            "temperature": min(wish.temperature, _HIGHEST_TEMPERATURE),
            "messages": [{"role": "user", "content": prompt}],
        }
        if wish.top_p < 1:
            body["top_p"] = wish.top_p
        if stops := [stop for stop in wish.stops if stop.strip()]:  # white space alone is refused
            body["stop_sequences"] = stops
        if wish.schema is not None:
            body["output_config"] = {"format": {"type": "json_schema", "schema": wish.schema}}
        return body

    def read(self, body: bytes) -> Answered:
        message = decoded(body, _Message)
        if message.type != "message":
            raise InvalidReply("the reply is no message but something else")
        text = "".join(block.text for block in message.content if block.type == "text")
        usage = message.usage or _Usage()
        read = (usage.input_tokens, usage.cache_creation_input_tokens, usage.cache_read_input_tokens)
        tokens_in = sum(max(0, count or 0) for count in read)
        return answered(text, message.stop_reason, tokens_in, usage.output_tokens or 0, message.model or "")
