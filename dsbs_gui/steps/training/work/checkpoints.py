"""Checkpoints to go on from, and the best student so far.

``checkpoints/step-000200/`` holds the trained weights, the optimiser and where training stood;
``checkpoints/best-000200/`` is a student folder that anyone can load. Both are whole or absent
(:mod:`dsbs_gui.students.folders`), and the newest *whole* one counts, by the step in its own state.

No random state is saved: order and dropout of a step depend on the seed and the step alone, so that
going on from step n gives bit for bit what an unbroken run gives (on a CPU).
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from dsbs_gui.core.errors import ResourceError, UserError
from dsbs_gui.core.files import read_json, write_json
from dsbs_gui.students.folders import UNFINISHED, clear_unfinished, is_whole, write_folder
from dsbs_gui.students.meta import StudentMeta
from dsbs_gui.students.saving import save_student
from dsbs_gui.students.student import Student

FOLDER = "checkpoints"
KEPT = 2
_WEIGHTS, _OPTIMISER, _STATE = "trained.safetensors", "optimiser.pt", "state.json"


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


def save_checkpoint(run_dir: Path, model: torch.nn.Module, optimiser: torch.optim.Optimizer, state: State) -> Path:
    """Write the checkpoint of ``state.step``, then remove all but the newest few. Raises ResourceError."""
    target = run_dir / FOLDER / f"step-{state.step:06d}"

    def fill(folder: Path) -> None:
        save_file(_trained(model), folder / _WEIGHTS)
        torch.save(optimiser.state_dict(), folder / _OPTIMISER)
        write_json(folder / _STATE, asdict(state))

    _write(target, lambda: write_folder(target, fill))
    _thin(run_dir, f"step-{state.step:06d}")
    return target


def newest_checkpoint(run_dir: Path) -> tuple[Path, State] | None:
    """The whole checkpoint of the highest step; None if there is none."""
    found = []
    for folder in (run_dir / FOLDER).glob("step-*"):
        body = read_json(folder / _STATE)
        if isinstance(body, dict):
            found.append((State(**body), folder))
    for state, folder in sorted(found, key=lambda pair: -pair[0].step):
        if is_whole(folder):
            return folder, state
    return None


def load_checkpoint(folder: Path, model: torch.nn.Module, optimiser: torch.optim.Optimizer) -> None:
    """Put weights and optimiser state back. Raises UserError if they belong to another student."""
    saved = load_file(folder / _WEIGHTS, device=str(next(model.parameters()).device))
    trained = _trained(model)
    if saved.keys() != trained.keys() or any(saved[name].shape != trained[name].shape for name in saved):
        raise UserError(f"The checkpoint {folder.name} belongs to another student.", "Start a new run instead.")
    with torch.no_grad():
        for name, value in trained.items():
            value.copy_(saved[name])
    optimiser.load_state_dict(torch.load(folder / _OPTIMISER, weights_only=True))


def best_path(step: int) -> str:
    """Where the best student of ``step`` lies, relative to the run folder."""
    return f"{FOLDER}/best-{step:06d}"


def save_best(run_dir: Path, student: Student, meta: StudentMeta, step: int) -> Path:
    """Write the best student so far, then remove the one that was. Raises ResourceError."""
    target = run_dir / best_path(step)
    _write(target, lambda: save_student(student, target, meta))
    for old in (run_dir / FOLDER).glob("best-*"):
        if old != target:
            shutil.rmtree(old, ignore_errors=True)
    return target


def take_over(earlier: Path, run_dir: Path) -> None:
    """Bring what a run needs to go on from the folder of an earlier run into its own: each part whole or not at all."""
    clear_unfinished(run_dir)
    clear_unfinished(run_dir / FOLDER)
    if earlier.resolve() == run_dir.resolve():
        return
    for name in (FOLDER, "starter"):
        if (earlier / name).is_dir() and not (run_dir / name).exists():
            part = run_dir / f"{UNFINISHED}{name}"
            shutil.copytree(earlier / name, part, copy_function=_link)
            part.rename(run_dir / name)


def remove_steps(run_dir: Path) -> None:
    """A finished run keeps its student only: a checkpoint takes three times its space."""
    for folder in (run_dir / FOLDER).glob("step-*"):
        shutil.rmtree(folder, ignore_errors=True)


def _write(target: Path, write: Callable[[], None]) -> None:
    try:
        write()
    except (OSError, RuntimeError, SafetensorError) as error:  # torch reports a full disk as RuntimeError
        raise ResourceError(
            f"The checkpoint {target.name} could not be written: {error}.",
            "Free some space on the project's disk, then resume: the earlier checkpoint is intact.",
        ) from error


def _link(source: str, target: str) -> str:
    """A second name for a file that is never changed in place; a copy where the disk knows no such thing."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
    return target


def _trained(model: torch.nn.Module) -> dict[str, torch.Tensor]:
    """The trained weights by name, shared ones once."""
    return {name: value.data for name, value in model.named_parameters() if value.requires_grad}


def _thin(run_dir: Path, newest: str) -> None:
    # By name, which states the step: dates lie when a clock is put back.
    steps = sorted(folder.name for folder in (run_dir / FOLDER).glob("step-*"))
    for name in steps[:-KEPT]:
        if name != newest:
            shutil.rmtree(run_dir / FOLDER / name, ignore_errors=True)
