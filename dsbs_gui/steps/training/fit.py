"""Whether a student fits into this machine while it trains: an estimate before anything is loaded. Plain Python."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import psutil

BYTES_A_WEIGHT = 16
"""Weight, gradient and AdamW's two moments, in float32; activations come on top."""

BYTES_A_FROZEN_WEIGHT = 4
TIGHT = 0.7


@dataclass(frozen=True)
class Fit:
    """``bytes_needed`` without activations; ``verdict`` against the memory that is free now."""

    bytes_needed: int
    bytes_free: int
    verdict: Literal["fits", "tight", "too large"]


def fit(parameters: int, lora_rank: int = 0, bytes_free: int | None = None) -> Fit:
    """For a student of so many weights; against the machine's memory, not that of a GPU."""
    needed = parameters * (BYTES_A_FROZEN_WEIGHT if lora_rank else BYTES_A_WEIGHT)
    free = psutil.virtual_memory().available if bytes_free is None else bytes_free
    verdict: Literal["fits", "tight", "too large"] = "fits" if needed <= TIGHT * free else "tight"
    return Fit(needed, free, verdict if needed <= free else "too large")
