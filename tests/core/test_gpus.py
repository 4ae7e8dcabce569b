"""The GPUs of this machine, from a driver's tool of the tests' own."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from dsbs_gui.core.gpus import Gpu, Holder, gpus, holders, nvidia_gpus, use_percent

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the tool is a shell script here")


def with_tool(script: str, folder: Path, monkeypatch: pytest.MonkeyPatch, name: str = "nvidia-smi") -> None:
    tool = folder / name
    tool.write_text(f"#!/bin/sh\n{script}\n")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))


def test_each_is_named_with_its_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with_tool("printf 'NVIDIA A, 24564 MiB\\nNVIDIA B, 12288 MiB\\n\\n'", tmp_path, monkeypatch)
    assert nvidia_gpus() == ["NVIDIA A, 24564 MiB", "NVIDIA B, 12288 MiB"]


def test_a_driver_that_does_not_answer_is_no_gpu(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with_tool("echo NVIDIA-SMI has failed; exit 9", tmp_path, monkeypatch)
    assert nvidia_gpus() == []


def test_without_the_tool_there_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert nvidia_gpus() == []


def test_memory_is_in_bytes_and_what_the_tool_does_not_know_is_0(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = "0, NVIDIA A, 24564, 22100\\n1, NVIDIA Tegra, [N/A], [N/A]\\nrubbish\\n"
    with_tool(f"printf '{answer}'", tmp_path, monkeypatch)
    assert gpus() == [Gpu(0, "NVIDIA A", 24564 << 20, 22100 << 20), Gpu(1, "NVIDIA Tegra", 0, 0)]


def test_who_holds_the_memory_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with_tool("printf '4711, /usr/bin/python3, 5120\\n12, blender, [N/A]\\n'", tmp_path, monkeypatch)
    assert holders() == [Holder(4711, "/usr/bin/python3", 5120 << 20), Holder(12, "blender", 0)]


AMD = """{"card0": {"VRAM Total Memory (B)": "17163091968", "VRAM Total Used Memory (B)": "163091968",
"Card Series": "AMD Radeon RX 7800 XT"}, "system": {"Driver version": "6.8"}}"""


def test_an_amd_gpu_is_read_from_its_makers_tool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = AMD.replace("\n", "")
    with_tool(f"echo '{lines}'", tmp_path, monkeypatch, "rocm-smi")
    assert gpus() == [Gpu(0, "AMD Radeon RX 7800 XT", 17163091968, 17_000_000_000, "amd")]
    with_tool(f"echo '{lines[:60]}'", tmp_path, monkeypatch, "rocm-smi")
    assert gpus() == [], "half an answer is none"


def test_the_use_of_one_gpu_is_told_or_not_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with_tool("printf '0, 12\\n1, 87\\n2, [N/A]\\n'", tmp_path, monkeypatch)
    assert [use_percent(index) for index in range(4)] == [12.0, 87.0, None, None]
