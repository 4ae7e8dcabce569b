"""Everything a run has before its first step: student, data, optimiser, and where it stands."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from math import ceil
from pathlib import Path

import torch
from accelerate import Accelerator
from accelerate.utils import ProjectConfiguration

from dsbs_gui.core.errors import ResourceError, UserError
from dsbs_gui.core.protocol import Emit, Progress, Warned
from dsbs_gui.steps.training import trackers
from dsbs_gui.steps.training.methods import METHODS
from dsbs_gui.steps.training.rows import TRAIN_FILE, VALID_FILE, Row, read_rows, shuffle_rationales, take_fraction
from dsbs_gui.steps.training.specs import LARGEST_MICRO_BATCH, TrainSpec
from dsbs_gui.students import starter
from dsbs_gui.students.folders import is_whole
from dsbs_gui.students.loading import load_student
from dsbs_gui.students.meta import LABEL_PREFIX, StudentMeta
from dsbs_gui.students.saving import save_student
from dsbs_gui.students.student import Student

from .batches import Example, Truncated, room_of_one, steps_per_epoch
from .checkpoints import State, best_path, forget_after, load_checkpoint, search, take_over
from .cutting import Room
from .devices import idle_gpu, in_bf16, use
from .health import Watch, encode, look_at_rows
from .lora import adapt
from .optimiser import make_optimiser
from .packing import packing_of
from .ranks import Ranks

SMALL = 5_000_000
"""Weights below which one thread is as fast as several, and much faster where other programs use the cores."""
VALIDATIONS = 10
LEAST_EVAL_EVERY = 50


@dataclass
class Session:
    """A run that is ready to take its next step.

    Attributes:
        ranks: the processes that train together.
        micro: so many of the longest rows are computed at once, or more shorter ones; falls when memory runs out.
        longest: room for the longest row.
        total: optimiser steps in all.
        eval_every, save_every: in steps, worked out.
        watch: looks for a training that diverges.
        at_once: ``micro`` of every process, as last told; of the first one it is not kept.
        saved_at: when the last checkpoint was written, or the session made; seconds of the monotonic clock.
    """

    spec: TrainSpec
    run_dir: Path
    student: Student
    accelerator: Accelerator
    ranks: Ranks
    optimiser: torch.optim.Optimizer
    train: list[Example]
    valid_rows: list[Row]
    valid: list[Example]
    state: State
    micro: int
    longest: Room
    total: int
    eval_every: int
    save_every: int
    watch: Watch
    at_once: list[float]
    saved_at: float = field(default_factory=time.monotonic)

    @property
    def room(self) -> Room:
        """What one pass may hold."""
        return self.longest.times(self.micro)

    @property
    def rationale_weight(self) -> float:
        """λ; 0 for methods without a rationale task."""
        return self.spec.rationale_weight if self.student.meta.explains else 0.0

    @property
    def in_bf16(self) -> bool:
        return bool(self.accelerator.mixed_precision == "bf16")


def prepare(spec: TrainSpec, emit: Emit) -> Session:
    """Load, encode and restore. Raises UserError, ResourceError."""
    run_dir = Path(spec.run_dir)
    earlier = Path(spec.resume_from) if spec.resume_from else run_dir
    accelerator = _accelerator(spec, emit)
    ranks = Ranks()
    with ranks.first_goes_ahead():
        if ranks.first:
            take_over(earlier, run_dir)
    train, valid = training_rows(spec, run_dir), validation_rows(spec, run_dir)
    look_at_rows(spec.task, train, valid, emit)
    emit(Progress("Loading the student"))
    with ranks.first_goes_ahead():
        student = make_student(spec, run_dir, train)
    emit(Progress("Preparing the data", 0, len(train) + len(valid), "rows"))
    examples, truncated = encode(student, train)
    _warn(emit, spec, truncated)
    valid_examples, _ = encode(student, valid)
    if accelerator.device.type == "cpu" and student.model.num_parameters() < SMALL:
        torch.set_num_threads(1)
    if spec.lora_rank:
        torch.manual_seed(spec.seed)
        adapt(student, spec.lora_rank)
    student.packing = packing_of(student.model)
    student.model = accelerator.prepare_model(student.model, evaluation_mode=True)  # we sum gradients ourselves
    optimiser = accelerator.prepare(make_optimiser(student.model, spec.lr, spec.weight_decay))
    total = spec.steps or max(1, ceil(spec.epochs * steps_per_epoch(len(examples), spec.batch_size)))
    eval_every = spec.eval_every or max(LEAST_EVAL_EVERY, ceil(total / VALIDATIONS))
    if spec.warmup >= total:
        emit(
            Warned(
                f"The warm-up takes all {total} steps: the learning rate never reaches {spec.lr:g}.",
                "Choose fewer warm-up steps, or more steps.",
            )
        )
    micro = min(spec.micro_batch or LARGEST_MICRO_BATCH, spec.batch_size)
    longest = room_of_one(student, (pair for example in examples for pair in example.pairs))
    session = Session(
        spec, run_dir, student, accelerator, ranks, optimiser, examples, valid, valid_examples,
        State(), micro, longest, total, eval_every, spec.save_every or eval_every, Watch(emit),
        [micro] * ranks.world,
    )  # fmt: skip
    _restore(session, emit)
    return session


def training_rows(spec: TrainSpec, run_dir: Path) -> list[Row]:
    """The rows that this run learns from. Raises UserError if there are none, or none with a rationale."""
    rows = take_fraction(read_rows(run_dir / TRAIN_FILE), spec.fraction, spec.data_seed)
    if not rows:
        raise UserError("There are no rows to train on.", "Import data, or choose other rows.")
    method = METHODS[spec.method]
    if method.shuffled:
        rows = shuffle_rationales(rows, spec.data_seed)
    if method.shuffled and sum(bool(row.rationale) for row in rows) == 1:
        raise UserError(
            "Only one row has a rationale: there is none to exchange it with.",
            "Let the teacher generate some, or train a method without the control.",
        )
    needed = method.single_target or (method.multitask and spec.rationale_weight > 0)
    if needed and not any(row.rationale for row in rows):
        raise UserError(
            f"{method.title} needs rationales, and none of the {len(rows)} rows has one.",
            "Let the teacher generate some, or train a method that learns labels alone.",
        )
    return rows


def validation_rows(spec: TrainSpec, run_dir: Path) -> list[Row]:
    """The same rows for every run on the same data, whatever its seeds."""
    rows = read_rows(run_dir / VALID_FILE)
    if spec.valid_limit and len(rows) > spec.valid_limit:
        return take_fraction(rows, spec.valid_limit / len(rows), data_seed=0)
    return rows


def make_student(spec: TrainSpec, run_dir: Path, rows: Sequence[Row]) -> Student:
    """The student before training, told how it will be asked."""
    if spec.student == starter.NAME:
        student = _starter(spec, run_dir / starter.NAME, rows)
    else:
        student = load_student(spec.student)
    student.meta = told(student.meta, spec)
    return student


def told(meta: StudentMeta, spec: TrainSpec) -> StudentMeta:
    """How a student that is trained so will be asked."""
    method = METHODS[spec.method]
    return replace(
        meta,
        task=spec.task,
        method=spec.method,
        label_prefix=LABEL_PREFIX if method.prefixed else "",
        explains=method.multitask and spec.rationale_weight > 0,
        single_target=method.single_target,
        label_first=method.label_first,
        max_input=spec.max_input,
        max_target=spec.max_target,
        max_label=spec.max_label,
        base=spec.base or spec.student,
    )


def starter_texts(rows: Sequence[Row]) -> list[str]:
    """What the starter student's tokenizer is trained on."""
    return [text for row in rows for text in (row.input, row.label, row.rationale, *row.others) if text]


def _starter(spec: TrainSpec, folder: Path, rows: Sequence[Row]) -> Student:
    """Made once a run and kept: a resumed run must meet the same tokenizer."""
    if not folder.is_dir():
        made = starter.build(starter_texts(rows), spec.seed, starter.StarterConfig.from_mapping(spec.starter))
        save_student(made, folder, made.meta)
    student = load_student(str(folder))
    student.meta = replace(student.meta, base=starter.NAME)
    student.source = ""
    return student


def _accelerator(spec: TrainSpec, emit: Emit) -> Accelerator:
    kind = use(spec.device)
    bf16 = in_bf16(spec.precision, kind)
    if spec.device == "auto" and kind == "cpu" and (idle := idle_gpu()):
        emit(Warned(idle, "This run trains on the CPU."))
    there = torch.cuda.device_count()
    if kind == "cuda" and int(os.environ.get("LOCAL_WORLD_SIZE", 1)) > there:
        raise ResourceError(
            f"This run wants {os.environ['LOCAL_WORLD_SIZE']} processes with a GPU each, and torch finds {there}.",
            "Choose as many processes as there are GPUs, or 1.",
        )
    return Accelerator(
        cpu=kind == "cpu",
        mixed_precision="bf16" if bf16 else "no",
        log_with=[*trackers.names(spec.log_to)] or None,
        project_config=ProjectConfiguration(spec.run_dir, str(Path(spec.run_dir) / trackers.FOLDER)),
    )


def _restore(session: Session, emit: Emit) -> None:
    found, damaged = search(session.run_dir)
    if found is not None:
        folder, session.state = found
        load_checkpoint(folder, session.student.model, session.optimiser)
        _say_damaged(emit, damaged, session.state.step)
        session.ranks.wait()  # until all have read it
        if session.ranks.first:
            forget_after(session.run_dir, session.state)
        state = session.state
        if state.best_step and not is_whole(session.run_dir / best_path(state.best_step)):
            # It was damaged since: the next validation decides.
            state.best_step, state.best_accuracy, state.best_loss = 0, None, None
    elif session.spec.resume_from:
        why = f" (damaged: {_steps(damaged)})" if damaged else ""
        raise UserError(f"There is no whole checkpoint to resume from{why}.", "Start the run anew.")


def _say_damaged(emit: Emit, damaged: Sequence[int], step: int) -> None:
    if damaged:
        again = max(damaged) - step
        which = f"checkpoint of {_steps(damaged)} is" if len(damaged) == 1 else f"checkpoints of {_steps(damaged)} are"
        text = f"The {which} damaged: going on from the one of step {step}."
        emit(Warned(text, f"{again} steps are done again." if again > 1 else "1 step is done again."))


def _steps(steps: Sequence[int]) -> str:
    *others, last = map(str, steps)
    return f"steps {', '.join(others)} and {last}" if others else f"step {last}"


def _warn(emit: Emit, spec: TrainSpec, truncated: Truncated) -> None:
    for n, what, limit in (
        (truncated.inputs, "inputs", spec.max_input),
        (truncated.labels, "labels", spec.max_label),
        (truncated.rationales, "rationales", spec.max_target),
    ):
        if n:
            emit(Warned(f"{n} {what} were cut to {limit} tokens.", "Raise the limit in the advanced settings."))
