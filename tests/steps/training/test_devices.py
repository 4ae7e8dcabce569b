"""Which device a run uses; GPUs stand in at the seam of ``core.gpus``, for none is here."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from dsbs_gui.core.errors import ResourceError, UserError
from dsbs_gui.core.gpus import Gpu
from dsbs_gui.core.protocol import Warned
from dsbs_gui.steps.training import devices
from dsbs_gui.steps.training.devices import Device, chosen
from dsbs_gui.steps.training.specs import TrainSpec
from dsbs_gui.steps.training.work import devices as at_work
from tests.steps.training.toy import make_run, spec_for, train

GB = 1 << 30


@pytest.fixture
def two_gpus(monkeypatch: pytest.MonkeyPatch) -> list[Device]:
    stand_ins = [Gpu(0, "Stand-in A", 24 * GB, 20 * GB), Gpu(1, "Stand-in B", 8 * GB, 1 * GB)]
    monkeypatch.setattr(devices, "gpus", lambda: stand_ins)
    monkeypatch.setattr(devices, "torch_version", lambda: "2.13.0")
    return devices.devices()


def test_gpus_come_first_and_the_cpu_is_always_there(two_gpus: list[Device]) -> None:
    assert [device.id for device in two_gpus] == ["cuda:0", "cuda:1", "cpu"]
    assert [device.kind for device in two_gpus] == ["gpu", "gpu", "cpu"]
    assert two_gpus[-1].free > 0


@pytest.mark.parametrize(
    ("wanted", "found"), [("auto", "cuda:0"), ("cuda", "cuda:0"), ("cuda:1", "cuda:1"), ("cpu", "cpu"), ("mps", "cpu")]
)
def test_the_wanted_one_is_found_and_what_is_not_there_is_the_cpu(
    wanted: str, found: str, two_gpus: list[Device]
) -> None:
    assert chosen(two_gpus, wanted).id == found


def test_a_torch_for_the_cpu_alone_makes_automatic_the_cpu_and_is_told(
    two_gpus: list[Device], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(devices, "torch_version", lambda: "2.13.0+cpu")
    assert chosen(two_gpus).id == "cpu"
    assert devices.torch_misses_gpu(two_gpus).startswith("This machine has a GPU (Stand-in A), but torch 2.13.0+cpu")
    assert devices.torch_misses_gpu(two_gpus[-1:]) == "", "without a GPU nothing is missing"


@pytest.mark.parametrize("device", ["auto", "cpu", "cuda", "cuda:3", "mps"])
def test_devices_have_torchs_names(device: str) -> None:
    assert TrainSpec(steps=1, device=device).device == device


@pytest.mark.parametrize("device", ["gpu", "cuda:", "cuda:x", "cpu; rm"])
def test_other_names_are_refused(device: str) -> None:
    with pytest.raises(UserError, match="There is no device"):
        TrainSpec(steps=1, device=device)


no_gpu = pytest.mark.skipif(torch.cuda.is_available(), reason="a GPU is here, and it works")


@no_gpu
def test_a_device_that_torch_cannot_use_is_refused_with_the_cure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ResourceError, match="none that torch can use here"):
        train(spec_for(make_run(tmp_path / "a"), device="cuda:0"))
    monkeypatch.setattr(at_work, "gpus", lambda: [Gpu(0, "Stand-in A", 24 * GB, 20 * GB)])
    monkeypatch.setattr(torch.version, "cuda", None)
    with pytest.raises(ResourceError, match=r"--torch-index"):
        train(spec_for(make_run(tmp_path / "b"), device="cuda:0"))
    monkeypatch.setattr(torch.version, "cuda", "12.8")
    with pytest.raises(ResourceError, match="update its driver"):
        train(spec_for(make_run(tmp_path / "c"), device="cuda"))


@no_gpu
def test_a_gpu_that_idles_beside_a_run_on_the_cpu_is_warned_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(at_work, "gpus", lambda: [Gpu(0, "Stand-in A", 24 * GB, 20 * GB)])
    told = {}
    for device in ("auto", "cpu"):
        said = train(spec_for(make_run(tmp_path / device), steps=1, device=device))
        told[device] = [message.text for message in said if isinstance(message, Warned)]
    assert "Stand-in A" in told["auto"][0]
    assert told["cpu"] == [], "the CPU was what was wanted"


@pytest.mark.parametrize(
    ("precision", "kind", "gpu_has_it", "chosen"),
    [
        ("auto", "cuda", True, True),
        ("auto", "cuda", False, False),
        ("auto", "cpu", True, False),
        ("auto", "mps", True, False),
        ("bf16", "cuda", True, True),
        ("bf16", "cpu", False, True),
        ("fp32", "cuda", True, False),
    ],
)
def test_automatic_precision_is_bf16_on_a_gpu_that_has_it_in_its_own_right(
    precision: str, kind: str, gpu_has_it: bool, chosen: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stand-in for torch's own answer, which counts GPUs that emulate it unless told not to."""
    has = {True: True, False: gpu_has_it}
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda including_emulation=True: has[including_emulation])
    assert at_work.in_bf16(precision, kind) is chosen


def test_bf16_on_a_gpu_without_it_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda including_emulation=True: including_emulation)
    with pytest.raises(ResourceError, match="no bf16"):
        at_work.in_bf16("bf16", "cuda")


def test_a_second_gpu_is_made_torchs_current_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stand-ins for torch's own answers: no GPU is here."""
    chosen_index: list[int] = []
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setattr(torch.cuda, "set_device", chosen_index.append)
    assert at_work.use("cuda:1") == "cuda"
    assert chosen_index == [1]
    with pytest.raises(ResourceError, match="there are 2 GPUs here"):
        at_work.use("cuda:2")
    assert at_work.use("auto") == "cuda"
    assert at_work.use("cpu") == "cpu"
