"""The GPUs of this machine, from a driver's tool of the tests' own."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from dsbs_gui.core.gpus import nvidia_gpus

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the tool is a shell script here")


def with_tool(script: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tool = folder / "nvidia-smi"
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
