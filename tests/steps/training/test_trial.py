"""The longest rows are tried before the first step: it changes nothing, and measures; fewer at a time where it must."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
import torch

from dsbs_gui.core.errors import ResourceError
from dsbs_gui.core.gpus import Holder
from dsbs_gui.core.protocol import Finished, Message, StepMetrics, TrainingReady, Warned
from dsbs_gui.steps.training.work import training, trial
from dsbs_gui.steps.training.work.setup import prepare
from tests.steps.training.toy import ROWS, STARTER, make_run, spec_for, student_of, train, weights_hash

DROPOUT = {"starter": STARTER | {"dropout_rate": 0.1}}


def ready(said: list[Message]) -> dict[str, Any]:
    return next(message for message in said if isinstance(message, TrainingReady)).facts


def warned(said: list[Message]) -> list[str]:
    return [message.text for message in said if isinstance(message, Warned)]


def test_a_run_is_bit_for_bit_the_same_with_and_without_the_trial(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = make_run(tmp_path / "tried")
    expected = weights_hash(student_of(tried, train(spec_for(tried, steps=3, eval_every=3, **DROPOUT))))
    monkeypatch.setattr(training, "try_longest", lambda *_: None)
    plain = make_run(tmp_path / "plain")
    assert weights_hash(student_of(plain, train(spec_for(plain, steps=3, eval_every=3, **DROPOUT)))) == expected


def test_weights_gradients_and_random_numbers_are_what_they_were(tmp_path: Path) -> None:
    session = prepare(spec_for(make_run(tmp_path / "run"), **DROPOUT), lambda _: None)
    weights = [parameter.detach().clone() for parameter in session.student.model.parameters()]
    random_state = torch.get_rng_state()
    trial.try_longest(session, lambda _: None)
    assert torch.equal(torch.get_rng_state(), random_state)
    assert all(torch.equal(a, b) for a, b in zip(weights, session.student.model.parameters(), strict=True))
    assert all(parameter.grad is None for parameter in session.student.model.parameters())
    assert not session.optimiser.state


def test_what_it_took_is_told_before_the_first_step(tmp_path: Path) -> None:
    long = "red box " * 20
    rows = [*ROWS[:-1], ROWS[-1] | {"input": long}]
    said = train(spec_for(make_run(tmp_path / "run", rows), steps=1, batch_size=6))
    kinds = [type(message) for message in said]
    assert kinds.index(TrainingReady) < kinds.index(StepMetrics)
    facts = ready(said)
    assert facts["device"] == "cpu"
    assert facts["rows"] == 6
    assert facts["input_tokens"] >= 40, "the longest row was tried"
    assert facts["peak_bytes"] > 100 << 20
    assert facts["free_bytes"] is None or facts["free_bytes"] > 0


def test_memory_that_runs_out_in_the_trial_halves_the_rows_before_a_step_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = trial.token_loss_sum

    def short_of_memory(student: Any, batch: Any) -> torch.Tensor:
        if batch.rows > 1:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 1 GiB")
        return right(student, batch)

    monkeypatch.setattr(trial, "token_loss_sum", short_of_memory)
    said = train(spec_for(make_run(tmp_path / "run"), steps=2))
    assert warned(said) == [
        "Memory ran out: going on with 2 rows at a time.",
        "Memory ran out: going on with 1 row at a time.",
    ]
    assert ready(said)["rows"] == 1
    assert isinstance(said[-1], Finished)

    def never_enough(*_: object) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory.")

    monkeypatch.setattr(trial, "token_loss_sum", never_enough)
    with pytest.raises(ResourceError, match="even one row"):
        train(spec_for(make_run(tmp_path / "never")))


def test_a_cpu_that_is_short_of_memory_is_not_tried_to_death(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A system kills a process that takes too much: the estimate comes first, and the losses stay the same."""
    expected = train(spec_for(make_run(tmp_path / "plain"), steps=2))[-1].summary["label_loss"]
    monkeypatch.setattr(trial, "free_bytes", lambda _: 300_000)
    said = train(spec_for(make_run(tmp_path / "short"), steps=2))
    assert warned(said)[0] == "There is little free memory: going on with 2 rows at a time."
    assert ready(said)["rows"] < 4
    assert said[-1].summary["label_loss"] == pytest.approx(expected, rel=1e-5)


def test_others_on_the_gpu_are_named_and_nothing_is_claimed_where_nobody_can_tell(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """No GPU is here: the driver's tool is stood in for."""
    own, other = Holder(os.getpid(), "python", 2 << 30), Holder(4711, "blender", 3 << 30)
    monkeypatch.setattr(trial, "holders", lambda: [own, other])
    assert trial._others(torch.device("cpu")) is None
    monkeypatch.setattr(trial, "nvidia_gpus", list)
    assert trial._others(torch.device("cuda")) is None
    monkeypatch.setattr(trial, "nvidia_gpus", lambda: ["Stand-in, 24564 MiB"])
    assert trial._others(torch.device("cuda")) == [{"pid": 4711, "name": "blender", "n_bytes": 3 << 30}]
    assert trial._holds(3 << 30) == "holds 3.2 GB of GPU memory"
