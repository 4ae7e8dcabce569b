"""Training a student: the job behind ``train``.

For each optimiser step: a batch, the label loss, λ times the rationale loss, one step of AdamW. From
time to time a validation; the student of the best one is kept. The test split is never read.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from dsbs_gui.core.protocol import (
    SAVING,
    CheckpointSaved,
    Emit,
    Evaluated,
    Finished,
    Progress,
    ShouldStop,
    StepMetrics,
    Warned,
)
from dsbs_gui.steps.training.kept import newest_step
from dsbs_gui.steps.training.specs import TrainSpec

from .batches import Example, batch_indices, learnt_pairs, steps_per_epoch
from .checkpoints import FOLDER, DiskFull, best_path, remove_steps, save_best, save_checkpoint
from .health import out_of_memory, refuse_numbers
from .lora import merged
from .losses import Terms, step_losses
from .optimiser import learning_rate, set_learning_rate
from .reporting import Reporter, Step
from .setup import Session, prepare
from .tracking import tracked
from .trial import at_a_time, halve, peak_bytes, try_longest
from .validation import Validation, validate

FULL_DISK_S = 10.0
"""Between two looks whether a full disk has room again."""
LONGEST_UNSAVED_S = 600.0
"""Slow steps are many minutes between validations: so much work is never at risk."""


def run(spec: TrainSpec, emit: Emit, should_stop: ShouldStop) -> None:
    """Train until the last step, until ``patience`` runs out, or until stopped.

    Raises: UserError for unusable settings or data and when the loss is no number any more,
        ResourceError when memory or disk runs out.
    """
    session = prepare(spec, emit)
    with tracked(session.accelerator, spec, emit) as told:
        _train(session, told, should_stop)


def _train(session: Session, emit: Emit, should_stop: ShouldStop) -> None:
    try_longest(session, emit)
    state = session.state
    report = Reporter(emit, session.total, session.accelerator.device)
    report.begin(state.step)
    if state.best_step:
        emit(CheckpointSaved(state.best_step, best_path(state.best_step), best=True))
    stopped, early = False, _is_out_of_patience(session)  # a run that goes on may have been ended after its last word
    while not early and (state.step < session.total or _validation_is_due(session)):
        if session.ranks.agree(should_stop()):
            stopped = True
            break
        if not _validation_is_due(session):  # it is, where the run that goes on was stopped in the middle of one
            _take_step(session, report, emit)
        if _validation_is_due(session):
            report.flush(state.step)
            early = _validate_for_all(session, emit, should_stop)
        if session.ranks.first and _save_is_due(session):
            _save(session, emit, should_stop)
    if session.ranks.first:
        _end(session, report, emit, should_stop, stopped, early)
    session.ranks.close()


def _end(session: Session, report: Reporter, emit: Emit, should_stop: ShouldStop, stopped: bool, early: bool) -> None:
    """Save what is to stay, and say so."""
    state = session.state
    if stopped:
        _save(session, emit, should_stop)
    if state.best_step == 0:  # stopped before the first validation, or there are no rows to validate on
        _keep_best(session, emit, should_stop, state.step)
    emit(Finished("stopped" if stopped else "done", _summary(session, report, early)))
    if not stopped:  # only now: a worker killed before its last word leaves a run that can go on
        remove_steps(session.run_dir, state.best_step)


def _take_step(session: Session, report: Reporter, emit: Emit) -> None:
    spec, state = session.spec, session.state
    examples = _examples(session)
    lr = learning_rate(spec.lr, state.step, session.total, spec.warmup)
    set_learning_rate(session.optimiser, lr)
    began = time.monotonic()
    terms = _gradients(session, examples, emit)
    at_once = session.ranks.add_up(session.student.model, terms, len(examples), session.micro)
    losses, (grad_norm, *at_once_of_all) = terms.read(_clip(session), *at_once)
    _tell_of_others(session, at_once_of_all, emit)
    tokens = sum(sum(pair.shape) for pairs in learnt_pairs(examples, session.rationale_weight) for pair in pairs)
    done = Step(state.step + 1, losses, lr, grad_norm, len(examples), tokens, time.monotonic() - began)
    if not (math.isfinite(losses.total) and math.isfinite(grad_norm)):
        report.diverged(done)
        refuse_numbers(state.step + 1, losses, grad_norm, newest_step(session.run_dir), session.in_bf16)
    session.optimiser.step()
    session.optimiser.zero_grad()
    state.step += 1
    if state.step == 1:
        state.first_label_loss, state.first_rationale_loss = losses.label, losses.rationale
    report.step(done._replace(seconds=time.monotonic() - began))
    session.watch.look(state.step, losses.total, grad_norm)


def _examples(session: Session) -> list[Example]:
    """The effective batch of the next step."""
    spec, step = session.spec, session.state.step
    epoch = step // steps_per_epoch(len(session.train), spec.batch_size)
    chosen = batch_indices(len(session.train), spec.batch_size, spec.seed, step)
    return [session.train[index].drawn(spec.seed, epoch, index) for index in chosen]


def _gradients(session: Session, examples: list[Example], emit: Emit) -> Terms:
    """Losses and gradients of the batch; in smaller micro-batches when memory runs out."""
    while True:
        # Dropout depends on seed and step alone: whatever else draws random numbers, and wherever a
        # run is resumed, the step is the same.
        torch.manual_seed(session.spec.seed * 1_000_003 + session.state.step + 1_000_000_007 * session.ranks.rank)
        session.student.model.train()
        try:
            with session.accelerator.autocast():
                return step_losses(
                    session.student,
                    examples,
                    session.rationale_weight,
                    session.room,
                    session.accelerator.backward,
                    session.ranks.own,
                )
        except RuntimeError as error:
            if not out_of_memory(error):
                raise
            halve(session, emit)


def _tell_of_others(session: Session, at_once: list[float], emit: Emit) -> None:
    """Where memory ran out in a process that says nothing itself, the first one does."""
    for rank, rows in enumerate(at_once):
        if rank and rows < session.at_once[rank]:
            where = f"process {rank + 1} of {len(at_once)}"
            text = f"Memory ran out in {where}: it goes on with {at_a_time(round(rows))}."
            emit(Warned(text, "The result is the same, slower."))
            session.at_once[rank] = rows


def _clip(session: Session) -> torch.Tensor:
    """The gradient's norm before clipping to ``spec.clip``."""
    limit = session.spec.clip or math.inf
    norm: torch.Tensor = session.accelerator.clip_grad_norm_(session.student.model.parameters(), limit)
    return norm


def _validation_is_due(session: Session) -> bool:
    step = session.state.step
    at_one = step > 0 and (step % session.eval_every == 0 or step == session.total)
    return at_one and bool(session.valid_rows) and session.state.validated_at < step


def _validate_for_all(session: Session, emit: Emit, should_stop: ShouldStop) -> bool:
    """The first process validates; all know what came of it. Whether patience has run out."""
    early = _validate(session, emit, should_stop) if session.ranks.first else False
    found, early = session.ranks.agree((session.state, early))
    vars(session.state).update(vars(found))
    return early


def _validate(session: Session, emit: Emit, should_stop: ShouldStop) -> bool:
    """Validate, keep the student if it is the best so far; whether patience has run out. Stays due where stopped."""
    state = session.state
    emit(Progress("Validating", state.step, session.total, "steps"))
    found = _asked(session, emit, should_stop)
    if found is None:
        return False
    state.validated_at = state.step
    meta = session.student.meta
    if meta.label_first or not meta.single_target:  # else it is of a text that the student never writes
        emit(StepMetrics(state.step, {"valid_label_loss": found.label_loss}))
    emit(Evaluated(state.step, "valid", found.n, found.correct, found.samples))
    if _is_best(session, found):
        state.best_accuracy, state.best_loss, state.without_gain = found.accuracy, found.label_loss, 0
        _keep_best(session, emit, should_stop, state.step)
    else:
        state.without_gain += 1
    return _is_out_of_patience(session)


def _is_out_of_patience(session: Session) -> bool:
    patience = session.spec.patience
    return bool(patience) and session.state.without_gain >= patience


def _asked(session: Session, emit: Emit, should_stop: ShouldStop) -> Validation | None:
    """The validation, of fewer rows at a time when memory runs out."""
    at_once = session.micro
    while True:
        try:
            with session.accelerator.autocast():
                return validate(session.student, session.valid_rows, session.valid, at_once, should_stop)
        except RuntimeError as error:
            if at_once == 1 or not out_of_memory(error):
                raise
        session.accelerator.free_memory()
        at_once //= 2
        emit(Warned(f"Memory ran out while validating: going on with {at_a_time(at_once)}.", "Only slower."))


def _is_best(session: Session, found: Validation) -> bool:
    """A higher accuracy, or the same with a lower label loss."""
    state = session.state
    if state.best_accuracy is None or state.best_loss is None:
        return True
    return (found.accuracy, -found.label_loss) > (state.best_accuracy, -state.best_loss)


def _keep_best(session: Session, emit: Emit, should_stop: ShouldStop, step: int) -> None:
    whole, meta = merged(session.student), session.student.meta
    _write(session, emit, should_stop, lambda: save_best(session.run_dir, whole, meta, step))
    session.state.best_step = step
    emit(CheckpointSaved(step, best_path(step), best=True))


def _save_is_due(session: Session) -> bool:
    """At each ``save_every`` steps, and where nobody has set that, when enough time has gone by."""
    step, spec = session.state.step, session.spec
    late = not spec.save_every and time.monotonic() - session.saved_at > LONGEST_UNSAVED_S
    return step < session.total and (step % session.save_every == 0 or late)


def _write(session: Session, emit: Emit, should_stop: ShouldStop, write: Callable[[], Path]) -> Path:
    """Save something; on a full disk wait until there is room, or until the run is stopped. Raises ResourceError."""
    told = False
    while True:
        emit(Progress(SAVING, session.state.step, session.total, "steps"))  # nobody who stops it cuts that short
        try:
            written = write()
            emit(Progress("Training", session.state.step, session.total, "steps"))
            return written
        except DiskFull as error:
            if should_stop():
                raise
            if not told:
                emit(Warned(f"{error.message} Training waits.", "Free some space: it goes on by itself."))
                told = True
        emit(Progress("Waiting for room on the disk", session.state.step, session.total, "steps"))
        until = time.monotonic() + FULL_DISK_S
        while time.monotonic() < until and not should_stop():
            time.sleep(0.1)


def _save(session: Session, emit: Emit, should_stop: ShouldStop) -> None:
    state, model, optimiser = session.state, session.student.model, session.optimiser
    folder = _write(session, emit, should_stop, lambda: save_checkpoint(session.run_dir, model, optimiser, state))
    session.saved_at = time.monotonic()
    if state.best_step != state.step:  # the owner keeps one a step, and the best one counts
        emit(CheckpointSaved(state.step, f"{FOLDER}/{folder.name}"))


def _summary(session: Session, report: Reporter, early: bool) -> dict[str, Any]:
    state = session.state
    return {
        "steps": state.step,
        "label_loss": report.recent_label_loss(),
        "rationale_loss": report.recent_rationale_loss(),
        "first_label_loss": state.first_label_loss,
        "first_rationale_loss": state.first_rationale_loss,
        "best_step": state.best_step,
        "valid_accuracy": state.best_accuracy,
        **{name: round(value, 2) for name, value in report.rates().items()},
        "stopped_early": early,
        "rows": len(session.train),
        "peak_bytes": peak_bytes(session.accelerator.device),
        "student": best_path(state.best_step),
    }
