"""A job as a step asks for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from dsbs_gui.core.specs import Spec


@dataclass(frozen=True)
class JobRequest:
    """Everything that is needed to start a job.

    Attributes:
        kind: as in ``worker.registry``.
        title: what the job list shows, e.g. *Generate 1 000 rationales*.
        lane: ``gpu``, ``network`` or ``disk``; jobs of one lane wait for each other.
        inputs: file name → rows, written as JSON lines into the run's folder before the start.
        context: what the owner must remember to take the results in; the worker does not see it.
        secrets: environment variables for the worker alone; never written anywhere.
    """

    kind: str
    title: str
    lane: str
    spec: Spec
    inputs: Mapping[str, Iterable[Mapping[str, Any]]] = field(default_factory=dict)
    context: Mapping[str, Any] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
