from __future__ import annotations

from types import SimpleNamespace

import pytest
import torch

from dsbs_gui.core.protocol import Message, Progress, StepMetrics
from dsbs_gui.steps.training.work import reporting
from dsbs_gui.steps.training.work.losses import Losses
from dsbs_gui.steps.training.work.reporting import Reporter, Step


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    now = SimpleNamespace(s=100.0)
    monkeypatch.setattr(reporting.time, "monotonic", lambda: now.s)
    return now


def _step(number: int, label: float, rationale: float | None = None) -> Step:
    return Step(number, Losses(label, rationale, label + (rationale or 0)), 1e-3, 2.0, 4, 100, 0.05)


def test_steps_are_told_as_their_mean_five_times_a_second_at_most(clock: SimpleNamespace) -> None:
    said: list[Message] = []
    report = Reporter(said.append, total=100)
    for number in range(1, 41):  # 2.4 s of fast steps
        clock.s += 0.06
        report.step(_step(number, float(number), 1.0 if number % 2 else None))
    told = [message for message in said if isinstance(message, StepMetrics)]
    assert len(told) <= 12
    assert told[1].step - told[0].step == 4
    assert told[1].values["label_loss"] == pytest.approx(sum(range(2, 6)) / 4)
    assert told[1].values["rationale_loss"] == 1.0
    assert told[1].values["examples_per_s"] == pytest.approx(80)
    assert told[1].values["tokens_per_s"] == pytest.approx(2000)
    assert report.rates() == pytest.approx({"examples_per_s": 80, "tokens_per_s": 2000})
    assert "gpu_memory_mb" not in told[1].values
    assert isinstance(said[-1], Progress)


def test_the_last_step_is_always_told_and_no_rationale_is_no_point(clock: SimpleNamespace) -> None:
    said: list[Message] = []
    report = Reporter(said.append, total=2)
    report.step(_step(1, 5.0))
    report.step(_step(2, 3.0))
    last = [message for message in said if isinstance(message, StepMetrics)][-1]
    assert last.step == 2
    assert "rationale_loss" not in last.values
    assert (report.recent_label_loss(), report.recent_rationale_loss()) == (4.0, None)


def test_a_step_that_is_no_number_is_told_as_it_is_after_those_before_it(clock: SimpleNamespace) -> None:
    said: list[Message] = []
    report = Reporter(said.append, total=10)
    report.flush(0)
    report.step(_step(1, 5.0))
    report.diverged(_step(2, float("nan")))
    told = [message for message in said if isinstance(message, StepMetrics)]
    assert [message.step for message in told] == [1, 2]
    assert told[0].values["label_loss"] == 5.0
    assert told[1].values["loss"] != told[1].values["loss"]


def test_a_cuda_gpus_memory_is_told_in_megabytes(clock: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "max_memory_allocated", lambda _: 1_500_000)
    said: list[Message] = []
    Reporter(said.append, total=1, device=torch.device("cuda", 0)).step(_step(1, 5.0))
    assert said[0].values["gpu_memory_mb"] == 1.5
