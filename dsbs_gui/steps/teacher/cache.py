"""When two requests are the same one: the identity under which answers are found again. Plain Python.

The cache is the project's own table of answers. An answer is found by teacher, parameters, rendered prompt and
sample index, whatever row asked; and, without rendering anything, by row under the key of its run.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .specs import GenerateSpec

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .catalogue import Teacher
    from .prompts import Prompt

_NAMED = {"temperature", "top_p", "max_tokens", "seed", "teacher_kind", "model", "model_name", "prompt"}
_MONEY = {"budget_tokens", "budget_money", "spent_tokens", "spent_money", "price_in", "price_out"}
_PACE = {"parallel", "n_ctx", "requests_per_minute", "tokens_per_minute"}
NOT_IN_KEY = _NAMED | _MONEY | _PACE | {"run_dir", "task", "hint", "parse_rules"}
"""Settings that the keys below name one by one, or that do not change an answer; any other one counts by itself."""


def cache_key(teacher: Teacher, spec: GenerateSpec, prompt: Prompt) -> str:
    """Identity of a question but for the row: teacher, prompt and every parameter that changes the answer.

    Whether the gold label was told is not in it: the sample index says so.
    """
    return _digest([*_who(teacher), prompt.hash, *_how(spec)])


def settings_key(teacher: Teacher, spec: GenerateSpec, stop: Sequence[str]) -> str:
    """As :func:`cache_key`, but without the prompt: for :func:`request_key`, which takes it as it is rendered."""
    return _digest([*_who(teacher), list(stop), *_how(spec)])


def request_key(settings: str, rendered: str, sample: int) -> bytes:
    """Identity of one request: 32 bytes. ``settings`` is a :func:`settings_key`."""
    return hashlib.sha256(f"{settings}\n{sample}\n{rendered}".encode("utf-8", "surrogatepass")).digest()


def _who(teacher: Teacher) -> list[Any]:
    size = Path(teacher.model).stat().st_size if teacher.kind == "gguf" else 0
    return [teacher.kind, teacher.name if size else teacher.model, size, teacher.model_name]


def _how(spec: GenerateSpec) -> list[Any]:
    # A field that is at its default says nothing, so that a new one leaves the keys of old answers as they are.
    default = GenerateSpec()
    names = [field.name for field in fields(spec) if field.name not in NOT_IN_KEY]
    more = {name: value for name in names if (value := getattr(spec, name)) != getattr(default, name)}
    named = [spec.temperature, spec.top_p, spec.max_tokens, spec.seed if spec.temperature else 0]
    return [*named, more] if more else named


def _digest(parts: list[Any]) -> str:
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
