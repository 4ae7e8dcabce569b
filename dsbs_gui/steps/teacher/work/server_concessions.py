"""Parameters that a server turns out not to take: given up for the rest of the run, and said. Worker only.

Servers that speak one protocol differ in what they understand of it; most name the parameter when they refuse it.
"""

from __future__ import annotations

import re
from typing import Any

_REFUSED = re.compile(
    r"unsupported|not support|not permitted|not allowed|unrecogni[sz]ed|unknown|unexpected|extra |cannot both|"
    r"deprecated|only the default|not available|invalid|failed to|does not accept",
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
_LENGTH, _NEW_LENGTH = "max_tokens", "max_completion_tokens"


class Concessions:
    """What was given up, and the news of it that nobody has fetched yet."""

    def __init__(self, host: str) -> None:
        self._host = host
        self._dropped: set[str] = set()
        self._renamed = False
        self.news: list[str] = []

    def apply(self, body: dict[str, Any]) -> dict[str, Any]:
        """The body as this server takes it."""
        kept = {name: value for name, value in body.items() if name not in self._dropped}
        if self._renamed and _LENGTH in kept:
            kept[_NEW_LENGTH] = kept.pop(_LENGTH)
        return kept

    def concede(self, sent: dict[str, Any], said: str) -> bool:
        """Learn from a refusal of ``sent``. Returns whether a request without the fault can be sent anew."""
        if _LENGTH in sent and _NEW_LENGTH in said:
            self._renamed = True
            return True
        if not _REFUSED.search(said):
            return False
        for name in _SAID:
            if name in sent and re.search(_WORDS.get(name, rf"\b{name}\b"), said):
                if name not in self._dropped:
                    self._dropped.add(name)
                    self.news.append(_SAID[name].format(host=self._host))
                return True
        return False
