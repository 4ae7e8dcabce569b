"""How a request is worded for a kind of server, and how its reply is read: the OpenAI dialects. Worker only.

Anthropic's is in :mod:`.anthropic_dialect`. Everything else, from retries to limits, is the same for all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import msgspec

from dsbs_gui.steps.teacher.specs import GenerateSpec

from .server_reply import Answered, InvalidReply, answered, decoded

_MOST_STOPS = 4  # what OpenAI's own server accepts
_OBJECTS = ("", "chat.completion", "text_completion")


@dataclass(frozen=True, slots=True)
class Wish:
    """What is the same in every request of a run.

    Attributes:
        schema: a JSON schema that the answer shall keep to; None: free text.
    """

    temperature: float
    top_p: float
    max_tokens: int
    seed: int
    stops: tuple[str, ...]
    schema: dict[str, Any] | None = None


class Dialect(Protocol):
    """One protocol. ``path`` follows the base address."""

    path: str

    def headers(self, key: str) -> dict[str, str]:
        """Headers of every request; an empty key means none."""
        ...

    def body(self, wish: Wish, model: str, prompt: str, sample: int) -> dict[str, Any]: ...

    def read(self, body: bytes) -> Answered:
        """Raises InvalidReply for a body that is no answer."""
        ...


class _Part(msgspec.Struct):
    type: str = "text"
    text: str = ""


class _Message(msgspec.Struct):
    content: str | list[_Part] | None = None
    refusal: str | None = None


class _Choice(msgspec.Struct):
    finish_reason: str
    message: _Message | None = None
    text: str | None = None


class _Usage(msgspec.Struct):
    prompt_tokens: int | None = 0
    completion_tokens: int | None = 0


class _Completion(msgspec.Struct):
    choices: list[_Choice]
    usage: _Usage | None = None
    object: str | None = ""
    model: str | None = ""


class OpenAIDialect:
    """``chat/completions``, or ``completions`` for base models: OpenAI, vLLM, llama-server, Ollama, LM Studio …"""

    def __init__(self, chat: bool) -> None:
        self._chat = chat
        self.path = "/chat/completions" if chat else "/completions"

    def headers(self, key: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {key}"} if key else {}

    def body(self, wish: Wish, model: str, prompt: str, sample: int) -> dict[str, Any]:
        body: dict[str, Any] = {
            "model": model,
            "temperature": wish.temperature,
            "max_tokens": wish.max_tokens,
            "seed": wish.seed + sample,
            "stream": False,
        }
        if wish.top_p < 1:
            body["top_p"] = wish.top_p
        if wish.stops:
            body["stop"] = list(wish.stops[:_MOST_STOPS])
        if wish.schema is not None:
            schema = {"name": "answer", "strict": True, "schema": wish.schema}
            body["response_format"] = {"type": "json_schema", "json_schema": schema}
        if self._chat:
            return body | {"messages": [{"role": "user", "content": prompt}]}
        return body | {"prompt": prompt}

    def read(self, body: bytes) -> Answered:
        completion = decoded(body, _Completion)
        if (completion.object or "") not in _OBJECTS:
            raise InvalidReply("the reply is no completion but something else")
        if not completion.choices:
            raise InvalidReply("the reply holds no answer")
        choice, usage = completion.choices[0], completion.usage or _Usage()
        message = choice.message or _Message()
        text = _text(message.content) if self._chat else choice.text or ""
        used = usage.prompt_tokens or 0, usage.completion_tokens or 0
        return answered(text, choice.finish_reason, *used, completion.model or "", message.refusal or "")


def _text(content: str | list[_Part] | None) -> str:
    if isinstance(content, list):
        return "".join(part.text for part in content if part.type == "text")
    return content or ""


def wish_of(spec: GenerateSpec, stops: Sequence[str], schema: dict[str, Any] | None) -> Wish:
    return Wish(spec.temperature, spec.top_p, spec.max_tokens, spec.seed, tuple(stops), schema)


def dialect_named(protocol: str) -> Dialect:
    """The dialect of a spec's ``protocol``."""
    if protocol == "messages":
        from .anthropic_dialect import MessagesDialect

        return MessagesDialect()
    return OpenAIDialect(chat=protocol != "completion")
