"""Telling the owner how training goes, at a pace that it can draw."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch

from dsbs_gui.core.protocol import Emit, Progress, StepMetrics

from .losses import Losses

INTERVAL_S = 0.2
RECENT = 10


class Step(NamedTuple):
    """What one optimiser step was.

    Attributes:
        number: from 1.
        lr: learning rate.
        grad_norm: before clipping.
        examples: rows of the effective batch.
        tokens: input and target tokens that were computed for them, padding not counted.
        seconds: it took.
    """

    number: int
    losses: Losses
    lr: float
    grad_norm: float
    examples: int
    tokens: int
    seconds: float

    def values(self) -> dict[str, float]:
        """Its curves; a step without rationales has no point on theirs."""
        found = {"label_loss": self.losses.label, "loss": self.losses.total, "lr": self.lr, "grad_norm": self.grad_norm}
        return found if self.losses.rationale is None else found | {"rationale_loss": self.losses.rationale}


class Reporter:
    """Collects the metrics of steps and emits their mean, at most five times a second.

    Args:
        total: steps in all.
        device: where the work is; a CUDA GPU's memory is told too.
    """

    def __init__(self, emit: Emit, total: int, device: torch.device | None = None) -> None:
        self._emit = emit
        self._total = total
        self._device = device
        self._last = 0.0
        self._steps: list[Step] = []
        self._whole = _Rates()
        self._recent: deque[Losses] = deque(maxlen=RECENT)

    def begin(self, step: int) -> None:
        """Say that training goes on after ``step`` (0 for a new run)."""
        self._emit(Progress("Training", step, self._total, "steps"))

    def step(self, step: Step) -> None:
        """Take in an optimiser step."""
        self._steps.append(step)
        self._whole.add(step)
        self._recent.append(step.losses)
        if time.monotonic() - self._last >= INTERVAL_S or step.number == self._total:
            self.flush(step.number)

    def flush(self, step: int, detail: str = "") -> None:
        """Emit what has been collected up to ``step``."""
        if self._steps:
            self._emit(StepMetrics(step, _means(self._steps) | _Rates.of(self._steps).values() | self._memory()))
        self._emit(Progress("Training", step, self._total, "steps", detail))
        self._steps = []
        self._last = time.monotonic()

    def diverged(self, step: Step) -> None:
        """Emit the step whose numbers are not finite as it is, so that the curve shows it."""
        self.flush(step.number - 1)
        self._emit(StepMetrics(step.number, step.values()))

    def rates(self) -> dict[str, float]:
        """``examples_per_s`` and ``tokens_per_s`` of all steps so far."""
        return self._whole.values()

    def recent_label_loss(self) -> float | None:
        """Mean over the last ten steps; None before the first."""
        return sum(losses.label for losses in self._recent) / len(self._recent) if self._recent else None

    def recent_rationale_loss(self) -> float | None:
        found = [losses.rationale for losses in self._recent if losses.rationale is not None]
        return sum(found) / len(found) if found else None

    def _memory(self) -> dict[str, float]:
        if self._device is None or self._device.type != "cuda":
            return {}
        return {"gpu_memory_mb": torch.cuda.max_memory_allocated(self._device) / 1e6}


@dataclass
class _Rates:
    examples: int = 0
    tokens: int = 0
    seconds: float = 0.0

    @classmethod
    def of(cls, steps: Iterable[Step]) -> _Rates:
        found = cls()
        for step in steps:
            found.add(step)
        return found

    def add(self, step: Step) -> None:
        self.examples += step.examples
        self.tokens += step.tokens
        self.seconds += step.seconds

    def values(self) -> dict[str, float]:
        seconds = max(self.seconds, 1e-9)
        return {"examples_per_s": self.examples / seconds, "tokens_per_s": self.tokens / seconds}


def _means(steps: Sequence[Step]) -> dict[str, float]:
    """Of each curve over the steps that have a point on it."""
    found: dict[str, list[float]] = {}
    for step in steps:
        for name, value in step.values().items():
            found.setdefault(name, []).append(value)
    return {name: sum(values) / len(values) for name, values in found.items()}
