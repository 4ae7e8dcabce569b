"""Which GPUs this machine has and who holds their memory, asked of the driver's own tool: nothing heavy is loaded.

NVIDIA's is ``nvidia-smi``, AMD's ``rocm-smi``. Each call waits for the tool; without one there is no GPU.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import dataclass

_SECONDS = 20
_MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Gpu:
    """One GPU. ``total`` and ``free`` are bytes; ``maker`` is ``nvidia`` or ``amd``."""

    index: int
    name: str
    total: int
    free: int
    maker: str = "nvidia"


@dataclass(frozen=True, slots=True)
class Holder:
    """A process that holds memory of a GPU. ``n_bytes`` is 0 where the driver does not say."""

    pid: int
    name: str
    n_bytes: int


def nvidia_gpus() -> list[str]:
    """Name and memory of each, as ``nvidia-smi`` says them; empty without a GPU or its driver."""
    return [", ".join(fields) for fields in _asked("--query-gpu=name,memory.total", "--format=csv,noheader")]


def gpus() -> list[Gpu]:
    """All GPUs of the first maker whose tool answers, in the order in which torch counts them by default."""
    return _nvidia() or _amd()


def holders() -> list[Holder]:
    """Processes that compute on an NVIDIA GPU; empty elsewhere, since AMD's tool does not say how much each holds."""
    fields = _asked("--query-compute-apps=pid,process_name,used_memory", "--format=csv,noheader,nounits")
    return [Holder(int(pid), name, _mib(used)) for pid, name, used in _of_length(fields, 3) if pid.isdigit()]


def use_percent(index: int) -> float | None:
    """The share of the last second in which an NVIDIA GPU computed; None where that is not told."""
    fields = _of_length(_asked("--query-gpu=index,utilization.gpu", "--format=csv,noheader,nounits"), 2)
    return next((float(use) for number, use in fields if number == str(index) and use.isdigit()), None)


def torch_without_support(gpu: str, version: str) -> str:
    """Says that torch cannot use this GPU, with the cure."""
    return (
        f"This machine has a GPU ({gpu}), but torch {version} was built for the CPU alone: "
        "get a build that can use it by “python3 start.py --torch-index URL”, with the address that PyTorch's "
        "installation page names for it."
    )


def _nvidia() -> list[Gpu]:
    fields = _asked("--query-gpu=index,name,memory.total,memory.free", "--format=csv,noheader,nounits")
    return [
        Gpu(int(index), name, _mib(total), _mib(free))
        for index, name, total, free in _of_length(fields, 4)
        if index.isdigit()
    ]


def _amd() -> list[Gpu]:
    text = _output("rocm-smi", "--showproductname", "--showmeminfo", "vram", "--json")
    try:
        cards = json.loads(text or "{}")
    except ValueError:
        return []
    found = []
    for name, body in cards.items() if isinstance(cards, dict) else ():
        number = name.removeprefix("card")
        if number.isdigit() and isinstance(body, dict):
            said = {str(key).lower(): str(value) for key, value in body.items()}
            total, used = (_whole(said.get(f"vram total {what}(b)", "")) for what in ("memory ", "used memory "))
            title = said.get("card series") or said.get("card model") or "AMD GPU"
            found.append(Gpu(int(number), title, total, max(0, total - used), "amd"))
    return found


def _asked(*question: str) -> list[list[str]]:
    """Fields of each line that ``nvidia-smi`` answers."""
    lines = _output("nvidia-smi", *question).splitlines()
    return [[field.strip() for field in line.split(",")] for line in lines if line.strip()]


def _of_length(lines: list[list[str]], n: int) -> list[list[str]]:
    return [fields for fields in lines if len(fields) == n]


def _output(tool: str, *arguments: str) -> str:
    path = shutil.which(tool)
    if path is None:
        return ""
    try:
        done = subprocess.run([path, *arguments], capture_output=True, text=True, timeout=_SECONDS, check=True)
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout


def _mib(text: str) -> int:
    """“[N/A]” is what the tool says of what it does not know."""
    return _whole(text) * _MIB


def _whole(text: str) -> int:
    return int(text) if text.isdigit() else 0
