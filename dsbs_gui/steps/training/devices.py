"""What a student can be trained on here: the CPU and its GPUs, told without torch, which the window never loads.

Whether torch can really use a GPU only a worker knows (job kind ``devices``); what the package's version gives away
is told here before.
"""

from __future__ import annotations

import importlib.metadata
import platform
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import psutil

from dsbs_gui.core.gpus import gpus, torch_without_support
from dsbs_gui.core.jobs.request import JobRequest
from dsbs_gui.core.store import runs
from dsbs_gui.core.store.connection import Reader

from .specs import DevicesSpec

AUTO, CPU, MPS = "auto", "cpu", "mps"


@dataclass(frozen=True)
class Device:
    """``id`` as in ``TrainSpec.device``; ``total`` and ``free`` in bytes. An Apple GPU shares the machine's memory."""

    id: str
    name: str
    total: int
    free: int

    @property
    def kind(self) -> str:
        """``cpu`` or ``gpu``: by which the memory is estimated."""
        return "cpu" if self.id == CPU else "gpu"

    @property
    def has_bf16(self) -> bool:
        """Whether a run whose precision is ``auto`` is taken to compute in bf16 on it: only torch knows for sure."""
        return self.id.startswith("cuda")


def devices() -> list[Device]:
    """GPUs first, then the CPU. Waits for the driver's tool: call it in a background thread."""
    memory = psutil.virtual_memory()
    found = [Device(f"cuda:{gpu.index}", gpu.name, gpu.total, gpu.free) for gpu in gpus()]
    if sys.platform == "darwin" and platform.machine() == "arm64":
        found.append(Device(MPS, "Apple GPU", memory.total, memory.available))
    return [*found, Device(CPU, cpu_name(), memory.total, memory.available)]


def cpu_name() -> str:
    """``CPU, 8 cores``."""
    cores = psutil.cpu_count(logical=False) or psutil.cpu_count() or 1
    return f"CPU, {cores} {'core' if cores == 1 else 'cores'}"


def chosen(found: Sequence[Device], wanted: str = AUTO, problem: str | None = None) -> Device:
    """The one that a run with this setting would use; the CPU, the last of them, where it is not there.

    Args:
        problem: why torch cannot use a GPU, as measured; None where only its version tells.
    """
    if wanted == AUTO:
        return found[-1] if (torch_misses_gpu(found) if problem is None else problem) else found[0]
    wanted = "cuda:0" if wanted == "cuda" else wanted
    return next((device for device in found if device.id == wanted), found[-1])


def torch_misses_gpu(found: Sequence[Device]) -> str:
    """Why the installed torch cannot use the GPU that is there, with the cure; "" where it can or there is none.

    Told from its version: PyTorch's builds for the CPU alone are called ``2.13.0+cpu``.
    """
    if not any(device.kind == "gpu" for device in found) or not torch_version().endswith("+cpu"):
        return ""
    return torch_without_support(found[0].name, torch_version())


def torch_version() -> str:
    """As installed; "" where it is not."""
    try:
        return importlib.metadata.version("torch")
    except importlib.metadata.PackageNotFoundError:
        return ""


def devices_request() -> JobRequest:
    """A short job that says what torch can use, and how fast each is; it waits until no run has the GPU."""
    return JobRequest("devices", "Measure the devices", "gpu", DevicesSpec())


def last_measured(db: Reader) -> Mapping[str, Any]:
    """What the newest such job found on this very machine; {} before the first."""
    found = (run.summary for run in runs.all_runs(db, "devices", ("done",)))
    return next((summary for summary in found if summary.get("host") == platform.node()), {})


def speed(measured: Mapping[str, Any]) -> str:
    """``matmul 12 TFLOP/s in bf16, copies 11 GB/s``, of one device as the job measured it."""
    gflops, precision = float(measured["gflops"]), str(measured["precision"])
    rate = f"{gflops / 1000:.3g} TFLOP/s" if gflops >= 1000 else f"{gflops:.3g} GFLOP/s"
    short = {"bfloat16": "bf16", "float32": "fp32"}.get(precision, precision)
    threads = int(measured.get("threads") or 0)
    on = f" on {threads} {'thread' if threads == 1 else 'threads'}" if threads else ""
    return f"matmul {rate} in {short}{on}, copies {float(measured['copy_gb_s']):.3g} GB/s"
