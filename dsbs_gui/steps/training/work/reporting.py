"""Telling the owner how training goes, at a pace that it can draw."""

from __future__ import annotations

import time
from collections import deque

from dsbs_gui.core.protocol import Emit, Progress, StepMetrics

from .losses import Losses

INTERVAL_S = 0.2
RECENT = 10


class Reporter:
    """Collects the metrics of steps and emits their mean, at most five times a second."""

    def __init__(self, emit: Emit, total: int) -> None:
        self._emit = emit
        self._total = total
        self._last = 0.0
        self._sums: dict[str, list[float]] = {}
        self._examples = 0
        self._seconds = 0.0
        self._all_examples = 0
        self._all_seconds = 0.0
        self._recent: deque[Losses] = deque(maxlen=RECENT)

    def begin(self, step: int) -> None:
        """Say that training goes on after ``step`` (0 for a new run)."""
        self._emit(Progress("Training", step, self._total, "steps"))

    def step(self, step: int, losses: Losses, lr: float, grad_norm: float, examples: int, seconds: float) -> None:
        """Take in optimiser step ``step`` (from 1), which took ``seconds`` for ``examples`` rows."""
        values = {"label_loss": losses.label, "loss": losses.total, "lr": lr, "grad_norm": grad_norm}
        if losses.rationale is not None:
            values["rationale_loss"] = losses.rationale
        for name, value in values.items():
            self._sums.setdefault(name, []).append(value)
        self._examples += examples
        self._seconds += seconds
        self._all_examples += examples
        self._all_seconds += seconds
        self._recent.append(losses)
        if time.monotonic() - self._last >= INTERVAL_S or step == self._total:
            self.flush(step)

    def flush(self, step: int, detail: str = "") -> None:
        """Emit what has been collected up to ``step``."""
        if self._sums:
            values = {name: sum(found) / len(found) for name, found in self._sums.items()}
            values["examples_per_s"] = self._examples / max(self._seconds, 1e-9)
            self._emit(StepMetrics(step, values))
        self._emit(Progress("Training", step, self._total, "steps", detail))
        self._sums, self._examples, self._seconds = {}, 0, 0.0
        self._last = time.monotonic()

    def diverged(self, step: int, losses: Losses, lr: float, grad_norm: float) -> None:
        """Emit the step whose numbers are not finite as it is, so that the curve shows it."""
        self.flush(step - 1)
        values = {"label_loss": losses.label, "loss": losses.total, "lr": lr, "grad_norm": grad_norm}
        if losses.rationale is not None:
            values["rationale_loss"] = losses.rationale
        self._emit(StepMetrics(step, values))

    @property
    def examples_per_s(self) -> float:
        return self._all_examples / self._all_seconds if self._all_seconds else 0.0

    def recent_label_loss(self) -> float | None:
        """Mean over the last ten steps; None before the first."""
        return sum(losses.label for losses in self._recent) / len(self._recent) if self._recent else None

    def recent_rationale_loss(self) -> float | None:
        found = [losses.rationale for losses in self._recent if losses.rationale is not None]
        return sum(found) / len(found) if found else None
