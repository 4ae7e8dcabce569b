"""Layers on the GPU, as far as it can be tested without one: llama.cpp is told a number, and may refuse it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from dsbs_gui.core.errors import ResourceError
from dsbs_gui.core.protocol import Message, TeacherReady, Warned
from dsbs_gui.steps.teacher.ui.run_words import working
from dsbs_gui.steps.teacher.work import generating, llama_model
from dsbs_gui.steps.teacher.work.generating import _tell_ready
from dsbs_gui.steps.teacher.work.llama_model import LlamaModel, library

from .gguf_files import embedded

N_LAYERS = 31


class OnGpu:
    """The real llama.cpp, which says that it has a GPU, with room for so many layers."""

    def __init__(self, room: int) -> None:
        self._room = room
        self.asked: list[int] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(library(), name)

    def llama_supports_gpu_offload(self) -> bool:
        return True

    def llama_model_load_from_file(self, path: bytes, parameters: Any) -> Any:
        self.asked.append(parameters.n_gpu_layers)
        return library().llama_model_load_from_file(path, parameters) if self.asked[-1] <= self._room else None


def loaded(room: int, monkeypatch: pytest.MonkeyPatch) -> tuple[LlamaModel, OnGpu]:
    llama = OnGpu(room)
    monkeypatch.setattr(llama_model, "library", lambda: llama)
    model = LlamaModel(embedded())
    model.close()
    return model, llama


@pytest.mark.parametrize(
    ("room", "asked"), [(99, [31]), (27, [31, 27]), (8, [31, 27, 23, 15, 7]), (2, [31, 27, 23, 15, 7, 0])]
)
def test_fewer_layers_are_tried_until_they_fit(room: int, asked: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    model, llama = loaded(room, monkeypatch)
    assert llama.asked == asked
    assert (model.n_layers, model.layers_on_gpu, model.on_gpu) == (N_LAYERS, asked[-1], asked[-1] > 0)


def test_a_model_that_fits_nowhere_is_said_so(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ResourceError, match="does not load"):
        loaded(-1, monkeypatch)


def told(monkeypatch: pytest.MonkeyPatch, gpus: list[str], **facts: Any) -> list[Message]:
    monkeypatch.setattr(generating, "nvidia_gpus", lambda: gpus)
    said: list[Message] = []
    engine: Any = SimpleNamespace(facts=lambda: facts)
    _tell_ready(engine, said.append)
    assert said[0] == TeacherReady(facts)
    return said[1:]


def test_a_gpu_that_idles_beside_a_build_without_gpu_support_is_warned_of(monkeypatch: pytest.MonkeyPatch) -> None:
    (warned,) = told(monkeypatch, ["NVIDIA A, 24564 MiB"], layers_on_gpu=0, gpu_build=False)
    assert isinstance(warned, Warned)
    assert "although there is a GPU (NVIDIA A, 24564 MiB): llama.cpp was built without GPU support." in warned.text
    assert warned.hint == "Build it with: python3 start.py --cuda"


def test_a_model_too_large_for_the_gpu_is_warned_of(monkeypatch: pytest.MonkeyPatch) -> None:
    (warned,) = told(monkeypatch, ["NVIDIA A, 2000 MiB"], layers_on_gpu=0, gpu_build=True)
    assert isinstance(warned, Warned)
    assert "does not fit into the GPU's memory" in warned.text


@pytest.mark.parametrize(
    ("gpus", "facts"),
    [([], {"layers_on_gpu": 0, "gpu_build": False}), (["A"], {"layers_on_gpu": 31}), (["A"], {"parallel": 4})],
)
def test_else_nothing_is_warned_of(monkeypatch: pytest.MonkeyPatch, gpus: list[str], facts: dict[str, Any]) -> None:
    assert told(monkeypatch, gpus, **facts) == []


def test_how_the_teacher_works_is_said_in_words() -> None:
    on_gpu = {"parallel": 16, "layers": 31, "layers_on_gpu": 27, "threads": 2}
    assert working(on_gpu) == "27 of 31 layers on the GPU · 16\u00a0answers at once"
    assert working(on_gpu | {"layers_on_gpu": 0}) == "on the CPU, 2\u00a0cores · 16\u00a0answers at once"
    assert working({"parallel": 1}) == "1\u00a0answer at once"
    assert working({}) == ""
