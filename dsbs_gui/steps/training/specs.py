"""What a training job is to do. Standard library only."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import Any

from dsbs_gui.core.errors import UserError
from dsbs_gui.core.specs import Spec

from . import trackers
from .methods import METHODS

PRECISIONS = ("auto", "fp32", "bf16")
LARGEST_MICRO_BATCH = 32
"""Rows computed at once where nobody says."""
LARGEST_LR = 100
_AT_LEAST_0 = (
    "warmup",
    "weight_decay",
    "clip",
    "lora_rank",
    "eval_every",
    "valid_limit",
    "patience",
    "save_every",
    "processes",
)


@dataclass(frozen=True)
class TrainSpec(Spec):
    """One training run. Defaults are for a small student on a small data set; ``presets`` hold others.

    Attributes:
        task: name of a task of ``core.tasks``.
        method: name of one of :data:`~.methods.METHODS`.
        student: ``starter``, a folder, a hub id or the path of a GGUF file.
        starter: sizes of the starter student; empty for its defaults.
        base: the student's name for people, kept with the result; "" for ``student``.
        rationale_weight: λ of L = L_label + λ·L_rationale.
        seed: of weights (starter), order and dropout.
        data_seed: of which rows a fraction takes, and of the shuffled control.
        fraction: part of the training rows used; for one ``data_seed`` smaller parts are nested.
        steps: optimiser steps; 0 to count ``epochs``.
        epochs: passes over the rows used; only where ``steps`` is 0.
        batch_size: examples of an optimiser step, whatever ``micro_batch`` is.
        micro_batch: of the longest examples, so many are computed at once, and more of shorter ones; 0 for up to 32.
            Halved when memory runs out; does not change what is learnt.
        lr: peak learning rate of AdamW; falls linearly to 0.
        warmup: steps over which the rate rises first.
        clip: largest gradient norm; 0 for none.
        device: ``auto`` for the first GPU that torch can use, else the CPU; or ``cpu``, ``cuda:0``, ``mps`` …
        precision: ``fp32``, or ``bf16`` autocast with weights in float32; ``auto`` for bf16 on a GPU that has it, else
            fp32.
        lora_rank: 0 to train all weights.
        eval_every: steps between validations; 0 for ten in all, but not more often than each 50 steps.
        valid_limit: validation rows asked each time, always the same ones; 0 for all.
        patience: validations without gain before training stops early; 0 for never.
        save_every: steps between checkpoints; 0 for at each validation and at least every ten minutes.
        max_input, max_target, max_label: tokens of an input, a rationale, a label.
        log_to: trackers, separated by commas; "" for none. TensorBoard's files lie in the run's folder.
        processes: that train together on this machine, one on each GPU; 0 or 1 for one.
        resume_from: run folder whose newest whole checkpoint is to be continued; "" for none.
        data_sha256: hash of the rows that the owner froze; "" where nobody did.
    """

    task: str = "text"
    method: str = "step-by-step"
    student: str = "starter"
    starter: dict[str, Any] = field(default_factory=dict)
    base: str = ""
    rationale_weight: float = 1.0
    seed: int = 0
    data_seed: int = 0
    fraction: float = 1.0
    steps: int = 0
    epochs: float = 0.0
    batch_size: int = 32
    micro_batch: int = 0
    lr: float = 1e-3
    warmup: int = 0
    weight_decay: float = 0.0
    clip: float = 1.0
    device: str = "auto"
    precision: str = "fp32"
    lora_rank: int = 0
    eval_every: int = 0
    valid_limit: int = 500
    patience: int = 0
    save_every: int = 0
    max_input: int = 256
    max_target: int = 128
    max_label: int = 64
    log_to: str = ""
    processes: int = 0
    resume_from: str = ""
    data_sha256: str = ""

    def __post_init__(self) -> None:
        """Raises UserError for settings that contradict each other or make no sense."""
        if self.method not in METHODS:
            raise UserError(f"There is no method “{self.method}”.", f"Choose one of {', '.join(METHODS)}.")
        if self.precision not in PRECISIONS:
            raise UserError(f"There is no precision “{self.precision}”.", f"Choose one of {', '.join(PRECISIONS)}.")
        _demand(
            re.fullmatch(r"auto|cpu|mps|(cuda|xpu)(:\d{1,2})?", self.device) is not None,
            f"There is no device “{self.device}”.",
            "Choose auto, cpu, cuda:0 (the first GPU, NVIDIA or AMD) or mps (Apple).",
        )
        for name in trackers.names(self.log_to):
            known = name in trackers.TRACKERS
            _demand(known, f"There is no tracker “{name}”.", f"Choose among {', '.join(trackers.TRACKERS)}.")
        for name, value in vars(self).items():
            if isinstance(value, float):
                _demand(math.isfinite(value), f"The setting {name} is not a finite number.", "Use a finite number.")
        _demand(self.rationale_weight >= 0, "λ (the rationale weight) is negative.", "Use 0 or more; 1 is usual.")
        _demand(0 < self.fraction <= 1, "The fraction of the data is not between 0 and 1.", "Use 1 for all rows.")
        _demand(self.steps > 0 or self.epochs > 0, "There is nothing to train.", "Give a number of steps or epochs.")
        _demand(self.lr > 0, "The learning rate is not positive.", "5e-5 is the paper's.")
        _demand(self.lr <= LARGEST_LR, f"The learning rate is above {LARGEST_LR}.", "5e-5 is the paper's.")
        _demand(self.batch_size >= 1 and self.micro_batch >= 0, "The batch size is not positive.", "32 is usual.")
        for name in _AT_LEAST_0:
            _demand(getattr(self, name) >= 0, f"The setting {name} is negative.", "Use 0 to leave it out.")
        for name in ("max_input", "max_target", "max_label"):
            _demand(getattr(self, name) >= 2, f"The setting {name} is too small.", "A text needs at least 2 tokens.")


@dataclass(frozen=True)
class DevicesSpec(Spec):
    """Which devices torch can use here, each with its free memory and a measured self-test."""


def _demand(holds: bool, message: str, hint: str) -> None:
    if not holds:
        raise UserError(message, hint)
