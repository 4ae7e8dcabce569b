"""The devices that torch can use, and how fast each really is: the job behind ``devices``.

A second for each device: a product of matrices, whose speed bounds that of training, and copies into its memory.
"""

from __future__ import annotations

import platform
import time
from collections.abc import Callable
from typing import Any

import torch

from dsbs_gui.core.protocol import Emit, Finished, Progress, ShouldStop
from dsbs_gui.steps.training.specs import DevicesSpec

from .devices import idle_gpu
from .trial import free_bytes

SECONDS = 0.4
WIDTH = {"cpu": 1024}
WIDTH_ELSEWHERE = 4096
COPIED = 64 << 20


def run(spec: DevicesSpec, emit: Emit, should_stop: ShouldStop) -> None:
    """Measure each device; ``summary`` is ``{"host", "torch", "problem", "devices": [{"id", "name", …}]}``."""
    found: list[dict[str, Any]] = []
    names = _ids()
    for place, name in enumerate(names):
        if should_stop():
            break
        emit(Progress("Measuring", place, len(names), "devices", name))
        found.append(measured(torch.device(name)))
    summary = {"host": platform.node(), "torch": str(torch.__version__), "problem": idle_gpu(), "devices": found}
    emit(Finished("done" if len(found) == len(names) else "stopped", summary))


def measured(device: torch.device) -> dict[str, Any]:
    """``id``, ``name``, ``free_bytes``, ``precision`` and ``gflops`` of its matrix products, ``copy_gb_s``."""
    precision = _precision(device)
    return {
        "id": str(device),
        "name": torch.cuda.get_device_name(device) if device.type == "cuda" else "",
        "free_bytes": free_bytes(device),
        "threads": torch.get_num_threads() if device.type == "cpu" else 0,
        "precision": str(precision).removeprefix("torch."),
        "gflops": round(_gflops(device, precision), 1),
        "copy_gb_s": round(_copies(device), 1),
    }


def _ids() -> list[str]:
    found = [f"cuda:{index}" for index in range(torch.cuda.device_count())]
    if torch.backends.mps.is_available():
        found.append("mps")
    return [*found, "cpu"]


def _precision(device: torch.device) -> torch.dtype:
    """In which a run on it computes best."""
    return torch.bfloat16 if device.type == "cuda" and torch.cuda.is_bf16_supported() else torch.float32


def _gflops(device: torch.device, precision: torch.dtype) -> float:
    width = WIDTH.get(device.type, WIDTH_ELSEWHERE)
    left, right = (torch.randn(width, width, device=device).to(precision) for _ in range(2))
    return 2 * width**3 / _seconds(lambda: left @ right, device) / 1e9


def _copies(device: torch.device) -> float:
    """From the machine's memory into the device's; on a CPU within it. GB/s."""
    source = torch.zeros(COPIED, dtype=torch.uint8, pin_memory=device.type == "cuda")
    target = torch.empty_like(source, device=device)
    return COPIED / _seconds(lambda: target.copy_(source, non_blocking=True), device) / 1e9


def _seconds(work: Callable[[], object], device: torch.device) -> float:
    """Of one piece of work: the mean over as many as go into the time, after one to warm up."""
    work()
    _wait(device)
    began, n = time.perf_counter(), 0
    while n == 0 or time.perf_counter() - began < SECONDS:
        work()
        _wait(device)
        n += 1
    return (time.perf_counter() - began) / n


def _wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    elif device.type == "mps":
        torch.mps.synchronize()
