"""Answers that are JSON, alone, in a code fence or amid other text; the schema to ask for. Plain Python."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from dsbs_gui.core.tasks.nli import LABELS

_RATIONALE_KEYS = ("rationale", "reasoning", "explanation", "thought")
_LABEL_KEYS = ("label", "answer", "final_answer")
_MOST_TRIES = 20


def schema(task: str) -> dict[str, Any]:
    """The JSON schema of an answer: the rationale first, so that it is thought before the label is given."""
    label = {"type": "string", "enum": list(LABELS)} if task == "nli" else {"type": "string"}
    return {
        "type": "object",
        "properties": {"rationale": {"type": "string"}, "label": label},
        "required": ["rationale", "label"],
        "additionalProperties": False,
    }


@dataclass(frozen=True, slots=True)
class Structured:
    rationale: str
    label: str


def read(text: str) -> Structured | None:
    """The last JSON object in ``text`` that names a label; None if there is none."""
    decoder = json.JSONDecoder()
    found = None
    place = text.find("{")
    for _ in range(_MOST_TRIES):
        if place < 0:
            break
        try:
            body, end = decoder.raw_decode(text, place)
        except (ValueError, RecursionError):
            end = place + 1
        else:
            found = _structured(body) or found
        place = text.find("{", end)
    return found


def _structured(body: Any) -> Structured | None:
    if not isinstance(body, dict):
        return None
    values = {str(key).casefold(): value for key, value in body.items()}
    label = next((_text(values[key]) for key in _LABEL_KEYS if _text(values.get(key))), "")
    rationale = next((_text(values[key]) for key in _RATIONALE_KEYS if _text(values.get(key))), "")
    return Structured(rationale, label) if label else None


def _text(value: Any) -> str:
    return str(value).strip() if isinstance(value, str | int | float) and not isinstance(value, bool) else ""
