"""The self-test of the devices: measured by a job, remembered for this machine, told in words."""

from __future__ import annotations

import platform
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

from dsbs_gui.core.gpus import Gpu
from dsbs_gui.core.project import Project
from dsbs_gui.core.protocol import Finished, Message
from dsbs_gui.core.store import runs
from dsbs_gui.steps.training import devices
from dsbs_gui.steps.training.devices import last_measured, speed
from dsbs_gui.steps.training.fit import fit
from dsbs_gui.steps.training.specs import DevicesSpec, TrainSpec
from dsbs_gui.steps.training.work import devices as at_work
from dsbs_gui.steps.training.work import measuring

CPU = {"id": "cpu", "name": "", "precision": "float32", "gflops": 123.4, "copy_gb_s": 11.0, "threads": 2}
GPU = {"id": "cuda:0", "name": "Stand-in", "precision": "bfloat16", "gflops": 12_345.6, "copy_gb_s": 24.9, "threads": 0}


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    made = Project.create(tmp_path / "project", "text")
    yield made
    made.close()


def measured(project: Project, host: str, problem: str = "", *found: dict[str, Any]) -> None:
    def write(tx: Any) -> None:
        run = runs.add(tx, kind="devices", title="t", lane="gpu", spec={}, context={})
        runs.set_summary(tx, run.id, {"host": host, "problem": problem, "devices": list(found)})
        runs.set_state(tx, run.id, "done")

    project.store.write_now(write)


def choices(**changes: Any) -> dict[str, Any]:
    return TrainSpec(steps=1).to_json() | {"labels": "gold", "rows": "all"} | changes


def test_the_job_measures_the_cpu_at_least_and_is_short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measuring, "SECONDS", 0.01)
    said: list[Message] = []
    measuring.run(DevicesSpec(), said.append, lambda: False)
    last = said[-1]
    assert isinstance(last, Finished)
    assert last.summary["host"] == platform.node()
    [cpu] = [one for one in last.summary["devices"] if one["id"] == "cpu"]
    assert cpu["gflops"] > 0.1
    assert cpu["copy_gb_s"] > 0.01
    assert cpu["threads"] == torch.get_num_threads()
    assert speed(cpu).startswith("matmul ")


def test_a_stopped_measurement_is_not_taken_for_a_whole_one() -> None:
    said: list[Message] = []
    measuring.run(DevicesSpec(), said.append, lambda: True)
    assert said[-1].status == "stopped"  # type: ignore[attr-defined]


@pytest.mark.skipif(torch.cuda.is_available(), reason="a GPU is here, and it works")
def test_the_job_says_why_a_gpu_cannot_be_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measuring, "SECONDS", 0.01)
    monkeypatch.setattr(at_work, "gpus", lambda: [Gpu(0, "Stand-in", 24 << 30, 20 << 30)])
    said: list[Message] = []
    measuring.run(DevicesSpec(), said.append, lambda: False)
    assert "Stand-in" in said[-1].summary["problem"]  # type: ignore[attr-defined]


def test_speeds_are_said_in_the_units_of_the_trade() -> None:
    assert speed(GPU) == "matmul 12.3 TFLOP/s in bf16, copies 24.9 GB/s"
    assert speed(CPU) == "matmul 123 GFLOP/s in fp32 on 2 threads, copies 11 GB/s"


def test_only_what_was_measured_on_this_machine_counts(project: Project) -> None:
    assert last_measured(project.store.reader) == {}
    measured(project, "another-machine", "", GPU)
    assert last_measured(project.store.reader) == {}
    measured(project, platform.node(), "", CPU)
    assert last_measured(project.store.reader)["devices"] == [CPU]
    assert fit(project.store.reader, choices()).speeds == {"cpu": speed(CPU)}


def test_what_torch_said_counts_more_than_its_version(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "gpus", lambda: [Gpu(0, "Stand-in", 24 << 30, 20 << 30)])
    monkeypatch.setattr(devices, "torch_version", lambda: "2.13.0")
    assert fit(project.store.reader, choices()).device.id == "cuda:0"
    measured(project, platform.node(), "This machine has a GPU, but its driver is too old.", CPU)
    found = fit(project.store.reader, choices())
    assert found.device.id == "cpu"
    assert "driver is too old" in found.problem
