"""Which GPUs this machine has, asked of the driver's own tool: nothing heavy is loaded for it."""

from __future__ import annotations

import shutil
import subprocess

_SECONDS = 20


def nvidia_gpus() -> list[str]:
    """Name and memory of each, as ``nvidia-smi`` says them; empty without a GPU or its driver. Waits for it."""
    tool = shutil.which("nvidia-smi")
    if tool is None:
        return []
    try:
        query = [tool, "--query-gpu=name,memory.total", "--format=csv,noheader"]
        done = subprocess.run(query, capture_output=True, text=True, timeout=_SECONDS, check=True)
    except (OSError, subprocess.SubprocessError):
        return []
    return [line.strip() for line in done.stdout.splitlines() if line.strip()]
