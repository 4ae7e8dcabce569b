"""Where a run stands and what it stands on, as a few short facts. Pure; no clock of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from dsbs_gui.core.store.runs import Run

from .overview import RunView

HASH_SHOWN = 8
_WORKING = ("running", "stopping")
Tone = Literal["text", "muted", "good", "attention", "bad"]


@dataclass(frozen=True)
class Facts:
    """Numbers and words for a run's strip; None or "" where something is not known or does not apply.

    Attributes:
        phase: what it does now, or how it ended.
        reason: why it ended badly, and what to do about it.
        step, steps: optimiser steps done, of how many.
        examples_per_s, tokens_per_s: as last told; of an ended run over all of it.
        left_s, elapsed_s: seconds still to go, and since it began.
        gpu_mb, gpu_percent: memory taken and share of the time in use.
        best_step, best_accuracy, best_n: of the student kept; the accuracy over so many validation rows.
        train, valid: rows frozen for the run.
        checkpoint, lost_steps: step of the newest checkpoint, and how many would be done again from there.
        peak_bytes, at_once: memory that an ended run took, or its longest rows when they were tried; so many at once.
        precision: bf16 or fp32, as the run chose on its device; "" before it has.
        teacher_freed: the teacher had the GPU before, and nobody else holds memory of it now.
        data_hash: sha256 over what they teach.
        early: after how many validations without gain it stopped by itself; 0 if it did not.
    """

    phase: str
    reason: str = ""
    step: int = 0
    steps: int | None = None
    examples_per_s: float | None = None
    tokens_per_s: float | None = None
    left_s: float | None = None
    elapsed_s: float | None = None
    gpu_mb: float | None = None
    gpu_percent: float | None = None
    best_step: int = 0
    best_accuracy: float | None = None
    best_n: int = 0
    train: int | None = None
    valid: int | None = None
    checkpoint: int = 0
    lost_steps: int = 0
    peak_bytes: int | None = None
    at_once: int = 0
    precision: str = ""
    teacher_freed: bool = False
    data_hash: str = ""
    early: int = 0
    tone: Tone = "text"
    is_working: bool = False


def facts(view: RunView, rates: Mapping[str, float], left_s: float | None, now: float) -> Facts:
    """What is known of a run.

    Args:
        rates: newest values of its metrics.
        left_s: seconds still to go, as the pace of late says.
        now: Unix time in seconds.
    """
    run = view.run
    working = run.state in _WORKING
    memory = run.context.get("memory") or {}
    counts = run.context.get("counts") or {}
    in_steps = run.unit == "steps"
    return Facts(
        phase=_phase(run),
        reason="" if run.live else " ".join(filter(None, (run.reason, run.hint))),
        step=run.done if in_steps else int(run.summary.get("steps", 0)),
        steps=run.total if in_steps else None,
        examples_per_s=run.summary.get("examples_per_s") or rates.get("examples_per_s"),
        tokens_per_s=run.summary.get("tokens_per_s") or rates.get("tokens_per_s"),
        left_s=left_s if working else None,
        elapsed_s=_elapsed(run, now),
        gpu_mb=rates.get("gpu_memory_mb") or None,
        gpu_percent=rates.get("gpu_use_percent"),
        best_step=view.best_step,
        best_accuracy=view.accuracy,
        best_n=view.n,
        train=_used(run, counts),
        valid=counts.get("valid"),
        checkpoint=view.checkpoint,
        lost_steps=0 if run.live else view.lost_steps,
        peak_bytes=run.summary.get("peak_bytes") or memory.get("peak_bytes"),
        at_once=int(memory.get("rows") or 0),
        precision=str(memory.get("precision") or ""),
        teacher_freed=bool(memory.get("teacher_freed")) and working,
        data_hash=str(run.context.get("data_hash") or "")[:HASH_SHOWN],
        early=int(run.spec.get("patience") or 0) if run.summary.get("stopped_early") else 0,
        tone=_tone(run),
        is_working=working,
    )


def _phase(run: Run) -> str:
    if run.state in _WORKING:
        return "Stopping at the next step" if run.state == "stopping" else run.phase or "Starting"
    return {"queued": "Waits for its turn", "paused": "Paused", "done": "Done"}.get(run.state, run.state.capitalize())


def _tone(run: Run) -> Tone:
    tones: dict[str, Tone] = {"failed": "bad", "interrupted": "attention", "paused": "attention", "done": "good"}
    return tones.get(run.state, "text")


def _elapsed(run: Run, now: float) -> float | None:
    if run.started is None:
        return None
    return max(0.0, (run.ended or now) - run.started)


def _used(run: Run, counts: Mapping[str, int]) -> int | None:
    """Rows that the run learns from; its own word counts, once it has had the last one."""
    if rows := run.summary.get("rows"):
        return int(rows)
    train = counts.get("train")
    return None if train is None else max(1, round(train * float(run.spec.get("fraction", 1.0))))
