"""What a run tells its owner, told to experiment trackers as well, through accelerate's tracking.

A tracker that fails is given up with a warning: no night of training is lost for a server that does not answer.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from dsbs_gui.core.protocol import Emit, Evaluated, Message, StepMetrics, Warned
from dsbs_gui.steps.training.specs import TrainSpec
from dsbs_gui.steps.training.trackers import names

if TYPE_CHECKING:
    from accelerate import Accelerator

PROJECT = "dsbs-studio"
_OWN = ("student", "starter", "resume_from", "log_to")
"""Settings that name places of this machine, or say nothing about the run."""


@contextlib.contextmanager
def tracked(accelerator: Accelerator, spec: TrainSpec, emit: Emit) -> Iterator[Emit]:
    """``emit``, for as long as the block runs also heard by the trackers that the spec asks for."""
    if not names(spec.log_to):
        yield emit
        return
    tracking = _Tracking(accelerator, emit)
    tracking.attempt(lambda: _begin(accelerator, spec))
    try:
        yield tracking.say
    finally:
        tracking.attempt(accelerator.end_training)


class _Tracking:
    def __init__(self, accelerator: Accelerator, emit: Emit) -> None:
        self._accelerator, self._emit = accelerator, emit
        self._given_up = False

    def say(self, message: Message) -> None:
        self._emit(message)
        if isinstance(message, StepMetrics):
            self.attempt(lambda: self._accelerator.log(dict(message.values), step=message.step))
        elif isinstance(message, Evaluated) and message.n:
            accuracy = {f"{message.split}_accuracy": message.correct / message.n}
            self.attempt(lambda: self._accelerator.log(accuracy, step=message.step))

    def attempt(self, act: Any) -> None:
        if self._given_up:
            return
        try:
            act()
        except Exception as error:  # foreign code that may fail in any way, and that training does not need
            self._given_up = True
            text = " ".join(str(error).split())[:200] or type(error).__name__
            self._emit(Warned(f"Logging to a tracker failed: {text}.", "Training goes on without it."))


def _begin(accelerator: Accelerator, spec: TrainSpec) -> None:
    config = {k: v for k, v in spec.to_json().items() if k not in _OWN and isinstance(v, bool | int | float | str)}
    run = spec.run_dir.rstrip("/\\").replace("\\", "/").rpartition("/")[2]
    named: dict[str, Any] = {"wandb": {"name": run}, "mlflow": {"run_name": run}, "trackio": {"name": run}}
    chosen = {name: named[name] for name in names(spec.log_to) if name in named}
    accelerator.init_trackers(PROJECT, config=config, init_kwargs=chosen)
