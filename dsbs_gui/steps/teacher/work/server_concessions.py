"""Parameters that a server turns out not to take: given up for the rest of the run, and said. Worker only.

Servers that speak one protocol differ in what they understand of it; most name the parameter when they refuse it.
Some answer 500 to a JSON schema, and some of these without a word (llama_cpp.server answers 500 and names it).
"""

from __future__ import annotations

import re
from typing import Any

_REFUSED = re.compile(
    r"unsupported|not support|not permitted|not allowed|unrecogni[sz]ed|unknown|unexpected|extra |cannot both|"
    r"deprecated|only the default|not available|invalid|failed to|does not accept|validation error|input should be",
    re.IGNORECASE,
)
_WORDS = {
    "response_format": r"response_format|json_schema|structured[ _]output|grammar",
    "output_config": r"output_config|json_schema|structured[ _]output",
}
_SAID = {
    "response_format": "JSON is not enforced: {host} does not take a schema. Answers are read as text.",
    "output_config": "JSON is not enforced: {host} does not take a schema. Answers are read as text.",
    "seed": "{host} takes no seed: samples differ by chance and cannot be repeated.",
    "temperature": "{host} takes no temperature for this model: its own is used.",
    "top_p": "{host} takes no top-p for this model: its own is used.",
    "stop": "{host} takes no stop words: answers may run on, and are cut when they are read.",
    "stop_sequences": "{host} takes no stop words: answers may run on, and are cut when they are read.",
}
_SCHEMAS = ("response_format", "output_config")
_DOUBTS = 2  # so many silent failures with a schema, before it is tried without one
_LENGTH, _NEW_LENGTH = "max_tokens", "max_completion_tokens"


class Concessions:
    """What was given up, and the news of it that nobody has fetched yet."""

    def __init__(self, host: str) -> None:
        self._host = host
        self._dropped: set[str] = set()
        self._renamed = False
        self._schema_taken = False
        self._n_silent = 0
        self._on_trial = ""
        self.news: list[str] = []

    def apply(self, body: dict[str, Any]) -> dict[str, Any]:
        """The body as this server takes it."""
        kept = {name: value for name, value in body.items() if name not in self._dropped and name != self._on_trial}
        if self._renamed and _LENGTH in kept:
            kept[_NEW_LENGTH] = kept.pop(_LENGTH)
        if any(name in kept for name in _SCHEMAS) and "stop" in kept:
            # White space stands between the parts of JSON too: llama.cpp's server may begin with an empty line.
            kept["stop"] = [stop for stop in kept["stop"] if stop.strip()]
        return kept

    def taken(self, sent: dict[str, Any]) -> None:
        """``sent`` was answered."""
        if any(name in sent for name in _SCHEMAS):
            self._schema_taken = True
        elif self._on_trial:
            self._drop(self._on_trial)
            self._on_trial = ""

    def concede(self, sent: dict[str, Any], said: str, status: int) -> bool:
        """Learn from a refusal of ``sent``. Returns whether a request without the fault can be sent anew."""
        if status >= 500:
            return self._without_schema(sent, said)
        if _LENGTH in sent and _NEW_LENGTH in said:
            self._renamed = True
            return True
        name = _named(sent, said)
        if name:
            self._drop(name)
        return bool(name)

    def _without_schema(self, sent: dict[str, Any], said: str) -> bool:
        """A server may fail because of the schema, or just fail: then the same request without it fails as well."""
        schema = next((name for name in _SCHEMAS if name in sent), "")
        if not schema or self._schema_taken:
            self._on_trial = ""
            return False
        if _named(sent, said) == schema:
            self._drop(schema)
            return True
        self._n_silent += 1
        if self._n_silent % _DOUBTS == 0:
            self._on_trial = schema
        return bool(self._on_trial)

    def _drop(self, name: str) -> None:
        if name not in self._dropped:
            self._dropped.add(name)
            self.news.append(_SAID[name].format(host=self._host))


def _named(sent: dict[str, Any], said: str) -> str:
    """The parameter of ``sent`` that the server names as one it does not take; empty if it names none."""
    if not _REFUSED.search(said):
        return ""
    return next((name for name in _SAID if name in sent and re.search(_WORDS.get(name, rf"\b{name}\b"), said)), "")
