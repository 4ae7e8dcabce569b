"""Checkpoints to go on from, and the best student so far.

``checkpoints/step-000200/`` holds the trained weights, the optimiser and where training stood;
``checkpoints/best-000200/`` is a student folder that anyone can load. Both are whole or absent
(:mod:`dsbs_gui.students.folders`), and the newest *whole* one counts, by the step in its own state. The
student that a checkpoint names as the best so far stays as long as the checkpoint does, so that going on
from any of them finds the best one too.

No random state is saved: order and dropout of a step depend on the seed and the step alone, so that
going on from step n gives bit for bit what an unbroken run gives (on a CPU).
"""

from __future__ import annotations

import errno
import os
import re
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import NamedTuple

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from dsbs_gui.core.errors import ResourceError, UserError
from dsbs_gui.core.failures import FULL
from dsbs_gui.core.files import read_json, sync_file, sync_folder, write_json
from dsbs_gui.steps.training.kept import BEST, FOLDER, STEP, holder, named, step_of
from dsbs_gui.students.folders import UNFINISHED, clear_unfinished, is_whole, write_folder
from dsbs_gui.students.meta import StudentMeta
from dsbs_gui.students.saving import save_student
from dsbs_gui.students.student import Student

KEPT = 2
_WEIGHTS, _OPTIMISER, _STATE = _FILES = "trained.safetensors", "optimiser.pt", "state.json"


@dataclass
class State:
    """Where a run stands after ``step`` optimiser steps.

    Attributes:
        best_accuracy: of the best validation; None before the first.
        best_loss: label loss of that validation, by which equal accuracies are told apart.
        best_step: its step; 0 before the first.
        without_gain: validations since then.
        validated_at: step of the last validation; 0 before the first.
    """

    step: int = 0
    best_accuracy: float | None = None
    best_loss: float | None = None
    best_step: int = 0
    without_gain: int = 0
    validated_at: int = 0
    first_label_loss: float | None = None
    first_rationale_loss: float | None = None


class DiskFull(ResourceError):
    """Nothing could be written for want of space; what was there before is intact."""


class Search(NamedTuple):
    """The newest whole checkpoint with its state, if there is one, and the steps of newer ones that are damaged."""

    found: tuple[Path, State] | None
    damaged: tuple[int, ...]


def save_checkpoint(run_dir: Path, model: torch.nn.Module, optimiser: torch.optim.Optimizer, state: State) -> Path:
    """Write the checkpoint of ``state.step``, then remove what is superseded. Raises ResourceError."""
    target = run_dir / FOLDER / f"{STEP}{state.step:06d}"

    def fill(folder: Path) -> None:
        save_file(_trained(model), folder / _WEIGHTS)
        with (folder / _OPTIMISER).open("wb") as file:  # given a path, torch forgets why it could not write
            torch.save(optimiser.state_dict(), file)
        write_json(folder / _STATE, asdict(state))

    _write(run_dir, f"The checkpoint of step {state.step}", lambda: write_folder(target, fill))
    _thin_steps(run_dir, state.step)
    _thin_best(run_dir, state.best_step)
    return target


def search(run_dir: Path) -> Search:
    """Look at checkpoints from the highest step down until one is whole: every file as its manifest says."""
    damaged: list[int] = []
    for folder in reversed(named(run_dir)):
        state = _state_of(folder)
        if state is not None and is_whole(folder, _FILES):
            return Search((folder, state), tuple(damaged))
        damaged.append(step_of(folder))
    return Search(None, tuple(damaged))


def newest_checkpoint(run_dir: Path) -> tuple[Path, State] | None:
    """The whole checkpoint of the highest step; None if there is none."""
    return search(run_dir).found


def load_checkpoint(folder: Path, model: torch.nn.Module, optimiser: torch.optim.Optimizer) -> None:
    """Put weights and optimiser state back. Raises UserError if they belong to another student."""
    saved = load_file(folder / _WEIGHTS, device=str(next(model.parameters()).device))
    trained = _trained(model)
    if saved.keys() != trained.keys() or any(saved[name].shape != trained[name].shape for name in saved):
        raise UserError(f"The checkpoint {folder.name} belongs to another student.", "Start a new run instead.")
    with torch.no_grad():
        for name, value in trained.items():
            value.copy_(saved[name])
    # By way of the CPU: the GPU on which it was written may be gone, or be another process's. The optimiser moves it.
    optimiser.load_state_dict(torch.load(folder / _OPTIMISER, map_location="cpu", weights_only=True))


def best_path(step: int) -> str:
    """Where the best student of ``step`` lies, relative to the run folder."""
    return f"{FOLDER}/{BEST}{step:06d}"


def save_best(run_dir: Path, student: Student, meta: StudentMeta, step: int) -> Path:
    """Write the best student so far, then remove those that no checkpoint names. Raises ResourceError."""
    target = run_dir / best_path(step)
    _write(run_dir, f"The student of step {step}", lambda: save_student(student, target, meta))
    _thin_best(run_dir, step)
    return target


def take_over(earlier: Path, run_dir: Path) -> None:
    """Bring what a run needs to go on from the folder of an earlier run into its own: each part whole or not at all."""
    clear_unfinished(run_dir)
    clear_unfinished(run_dir / FOLDER)
    earlier = holder(earlier)
    if earlier.resolve() == run_dir.resolve():
        return
    for name in ("starter", FOLDER):  # once there are checkpoints, all is there
        if (earlier / name).is_dir() and not (run_dir / name).exists():
            _write(run_dir, f"What {earlier.name} had saved", partial(_copy, earlier / name, run_dir / name))


def forget_after(run_dir: Path, state: State) -> None:
    """Remove what is newer than the state that a run goes on from: damaged checkpoints, students that come again."""
    for folder in (*named(run_dir), *named(run_dir, BEST)):
        if step_of(folder) > state.step:
            shutil.rmtree(folder, ignore_errors=True)


def remove_steps(run_dir: Path, best_step: int) -> None:
    """A finished run keeps its student only: a checkpoint takes three times its space."""
    for folder in named(run_dir):
        shutil.rmtree(folder, ignore_errors=True)
    _thin_best(run_dir, best_step)


def _write(run_dir: Path, what: str, write: Callable[[], None]) -> None:
    try:
        write()
    except (OSError, RuntimeError, SafetensorError) as error:  # torch and safetensors have their own for a full disk
        left = max(map(step_of, named(run_dir)), default=0)
        code = _code(error)
        kind = DiskFull if code in FULL else ResourceError
        raise kind(
            f"{what} could not be written: {_why(error, code)}.",
            f"Free some space on the project's disk, then {_then(left)}.",
        ) from error


def _then(left: int) -> str:
    return f"resume: the checkpoint of step {left} is intact" if left else "start again"


def _code(error: Exception) -> int | None:
    """The system's number for what went wrong, whichever library met it; None where it is none of the system's."""
    code = error.errno if isinstance(error, OSError) else None
    if code is None and isinstance(error.__context__, OSError):
        code = error.__context__.errno  # torch.save tells of a failed assertion instead
    if code is None and (told := re.search(r"(?:os error|Errno) (\d+)", str(error))):
        code = int(told[1])  # safetensors, copytree
    return code


def _why(error: Exception, code: int | None) -> str:
    """A full disk by name; else the first line of what the library says."""
    if code in FULL:
        return "the disk is full"
    if code == errno.EFBIG:
        return "it would be larger than the disk or its quota allows"
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")


def _copy(source: Path, target: Path) -> None:
    part = target.parent / f"{UNFINISHED}{target.name}"
    shutil.copytree(source, part, copy_function=_link)
    clear_unfinished(part)
    for folder in (*(path for path in part.rglob("*") if path.is_dir()), part):
        sync_folder(folder)
    part.rename(target)
    sync_folder(target.parent)


def _link(source: str, target: str) -> str:
    """A second name for a file that is never changed in place; a copy where the disk knows no such thing."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
        sync_file(Path(target))
    return target


def _trained(model: torch.nn.Module) -> dict[str, torch.Tensor]:
    """The trained weights by name, shared ones once."""
    return {name: value.data for name, value in model.named_parameters() if value.requires_grad}


def _state_of(folder: Path) -> State | None:
    """What a checkpoint says of itself; None where that is no state of ours."""
    try:
        state = State(**read_json(folder / _STATE))
    except TypeError:
        return None
    return state if state.step == step_of(folder) else None


def _thin_steps(run_dir: Path, newest: int) -> None:
    """Keep the newest few up to the one just written; what lies above it was passed over as damaged."""
    steps = named(run_dir)
    kept = [folder for folder in steps if step_of(folder) <= newest][-KEPT:]
    for folder in steps:
        if folder not in kept:
            shutil.rmtree(folder, ignore_errors=True)


def _thin_best(run_dir: Path, newest: int) -> None:
    """Keep the best student, and those that the checkpoints still there name as theirs."""
    states = filter(None, map(_state_of, named(run_dir)))
    kept = {newest, *(state.best_step for state in states)}
    for folder in named(run_dir, BEST):
        if step_of(folder) not in kept:
            shutil.rmtree(folder, ignore_errors=True)
