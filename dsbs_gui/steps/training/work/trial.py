"""The longest rows, tried once before the first step: whether they fit, and how much memory they really take.

Forward and backward of one pass, without a step of the optimiser; weights, gradients and random numbers are afterwards
what they were. On a GPU the optimiser's memory, which it takes at its first step, is held meanwhile. On a CPU, where a
system kills a process that wants too much instead of refusing, it is first estimated from the real tokens.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Sequence
from dataclasses import asdict
from math import ceil
from pathlib import Path
from typing import Any

import torch

from dsbs_gui.core.errors import ResourceError
from dsbs_gui.core.gpus import holders, nvidia_gpus
from dsbs_gui.core.memory import peak_resident_bytes
from dsbs_gui.core.protocol import Emit, TrainingReady, Warned
from dsbs_gui.steps.training.memory import FLOAT, MOMENTS, Load, estimate
from dsbs_gui.steps.training.shapes import from_config

from .batches import Pair, collate, learnt_pairs
from .cutting import Room, cut
from .health import out_of_memory
from .losses import token_loss_sum
from .setup import Session

OF_FREE = 0.9
"""Share of the free memory that an estimate may take on a CPU before fewer rows are computed at once."""


def try_longest(session: Session, emit: Emit) -> None:
    """Say what the run will take, in fewer rows at a time than planned where that is too much.

    Raises: ResourceError if not even one row fits.
    """
    began = time.monotonic()
    pairs = _longest(session)
    free = free_bytes(session.accelerator.device)
    _estimate_first(session, pairs, emit, free)
    while True:
        try:
            _once(session, pairs)
            break
        except RuntimeError as error:
            if not out_of_memory(error):
                raise
        halve(session, emit)
    others = _others(session.accelerator.device)
    for other in others or ():
        emit(Warned(f"{other['name']} (process {other['pid']}) {_holds(other['n_bytes'])}.", "Close it for more room."))
    emit(TrainingReady(_facts(session, pairs, free, others, time.monotonic() - began)))


def halve(session: Session, emit: Emit, why: str = "Memory ran out") -> None:
    """Compute fewer rows at a time from now on. Raises ResourceError if it is one already."""
    if session.micro == 1:
        raise ResourceError(
            "There is too little memory for even one row at a time.",
            "Choose a smaller student, shorter token limits, or LoRA. Close what else uses the GPU.",
        )
    session.optimiser.zero_grad()
    session.accelerator.free_memory()
    session.micro //= 2
    emit(Warned(f"{why}: going on with {at_a_time(session.micro)}.", "The result is the same, slower."))


def at_a_time(rows: int) -> str:
    return f"{rows} {'row' if rows == 1 else 'rows'} at a time"


def _longest(session: Session) -> list[Pair]:
    """As many rows as a step has in this process, the longest of the task whose passes are the largest."""
    rows = ceil(session.spec.batch_size / session.ranks.world)
    labels, reasons = learnt_pairs([example.longest() for example in session.train], session.rationale_weight)
    tasks = [sorted(pairs, key=_length)[-rows:] for pairs in (labels, reasons) if pairs]
    return max(tasks, key=lambda pairs: sum(map(_length, pairs)))


def _length(pair: Pair) -> int:
    return sum(pair.shape)


def _once(session: Session, pairs: Sequence[Pair]) -> None:
    model = session.student.model
    model.train()
    held: list[torch.Tensor] = []
    try:
        with torch.random.fork_rng():
            if session.accelerator.device.type != "cpu" and not session.optimiser.state:
                trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
                held = [torch.empty_like(parameter) for parameter in trained for _ in ("mean", "variance")]
            batch = collate(session.student, _largest_pass(pairs, session.room), session.room.packed)
            batch = batch.to(session.student.device)
            with session.accelerator.autocast():
                session.accelerator.backward(token_loss_sum(session.student, batch))
    finally:
        held.clear()
        session.optimiser.zero_grad()


def _largest_pass(pairs: Sequence[Pair], room: Room) -> list[Pair]:
    """Of the passes into which ``pairs`` are cut, the one that takes the most memory.

    Tokens that lie one behind the other, and in attention rows as wide as the longest of them. It need not be the
    first: the longest row may fill a pass alone, beside which later ones hold more tokens.
    """
    passes = [[pairs[place] for place in places] for places in cut([pair.shape for pair in pairs], room)]
    return max(passes, key=lambda rows: sum(map(_length, rows)) + len(rows) * max(map(_length, rows)))


def _estimate_first(session: Session, pairs: Sequence[Pair], emit: Emit, free: int | None) -> None:
    """On a CPU: fewer rows at a time until the estimate fits into the free memory, or one row is left.

    Processes that train together share that memory.
    """
    shape = from_config(session.student.model.config.to_dict())
    if session.accelerator.device.type != "cpu" or free is None or shape is None:
        return
    while session.micro > 1:
        load = Load(
            rows=min(session.micro, len(pairs)),
            input=max(len(pair.input) for pair in pairs),
            label=max(len(pair.target) for pair in pairs),
            bf16=session.in_bf16,
            lora_rank=session.spec.lora_rank,
        )
        needed = estimate(shape, load)
        # Weights and libraries are loaded already, and no part of what is free.
        if needed.total - needed.weights - needed.overhead <= OF_FREE * free / session.ranks.world:
            return
        halve(session, emit, "There is little free memory")


def _others(device: torch.device) -> list[dict[str, Any]] | None:
    """Other programs that hold memory of the run's GPU; None where nobody can tell."""
    if device.type != "cuda" or torch.version.hip is not None or not nvidia_gpus():
        return None
    return [asdict(holder) for holder in holders() if holder.pid != os.getpid()]


def _holds(n_bytes: int) -> str:
    return f"holds {n_bytes / 1e9:.1f} GB of GPU memory" if n_bytes else "computes on a GPU too"


def _facts(
    session: Session,
    pairs: Sequence[Pair],
    free: int | None,
    others: list[dict[str, Any]] | None,
    seconds: float,
) -> dict[str, Any]:
    device = session.accelerator.device
    return {
        "device": str(device),
        "name": torch.cuda.get_device_name(device) if device.type == "cuda" else "",
        "peak_bytes": _with_moments(session, peak_bytes(device)),
        "free_bytes": free,
        "precision": "bf16" if session.in_bf16 else "fp32",
        "rows": session.micro,
        "input_tokens": max(len(pair.input) for pair in pairs),
        "target_tokens": max(len(pair.target) for pair in pairs),
        "seconds": round(seconds, 2),
        "holders": others,
    }


def _with_moments(session: Session, peak: int | None) -> int | None:
    """On a CPU memory counts once it is written to: what the optimiser will take at its first step is added."""
    if peak is None or session.accelerator.device.type != "cpu" or session.optimiser.state:
        return peak
    trained = sum(parameter.numel() for parameter in session.student.model.parameters() if parameter.requires_grad)
    return peak + MOMENTS * FLOAT * trained


def free_bytes(device: torch.device) -> int | None:
    """Memory that is free on a device now; None where nobody says."""
    if device.type == "cuda":
        return int(torch.cuda.mem_get_info(device)[0])
    try:  # without psutil, which a bare training machine need not have
        found = re.search(r"^MemAvailable:\s+(\d+) kB", Path("/proc/meminfo").read_text("ascii"), re.MULTILINE)
    except (OSError, ValueError):
        return None
    return int(found[1]) * 1024 if found else None


def peak_bytes(device: torch.device) -> int | None:
    """The most that has been taken so far: on a GPU by torch's tensors, on a CPU by the process; None if unknown."""
    if device.type == "cuda":
        return int(torch.cuda.max_memory_allocated(device))
    if device.type == "mps":
        return int(torch.mps.driver_allocated_memory())
    return peak_resident_bytes()
