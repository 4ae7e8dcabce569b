"""Job specs: frozen dataclasses that travel as ``spec.json``. Standard library only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Self

from .errors import UserError


@dataclass(frozen=True)
class Spec:
    """What a job is to do. Plain values, tuples and dicts only, so that JSON holds them.

    Attributes:
        run_dir: the job's folder; the worker's entry fills it in, so that a project can be moved.
    """

    run_dir: str = ""

    def to_json(self) -> dict[str, Any]:
        body = asdict(self)
        del body["run_dir"]
        return body

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Self:
        """Raises UserError if a field is unknown: a spec by hand should not be half obeyed."""
        known = {field.name for field in fields(cls)}
        unknown = sorted(set(body) - known)
        if unknown:
            raise UserError(f"The job has unknown settings: {', '.join(unknown)}.", "Remove or correct them.")
        return cls(**{key: _frozen(value) for key, value in body.items()})


def _frozen(value: Any) -> Any:
    """JSON knows lists only; a spec holds tuples."""
    return tuple(value) if isinstance(value, list) else value
