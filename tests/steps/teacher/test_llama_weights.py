"""The weights in half precision: made once, kept, given up where there is no room, and the same model."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from dsbs_gui.core.errors import ResourceError, Stopped
from dsbs_gui.core.settings import cache_folder
from dsbs_gui.steps.teacher.specs import GenerateSpec
from dsbs_gui.steps.teacher.work import llama_weights
from dsbs_gui.steps.teacher.work.asking import Request
from dsbs_gui.steps.teacher.work.llama_engine import LlamaEngine
from dsbs_gui.steps.teacher.work.llama_model import EXPANDED, GIVEN
from dsbs_gui.steps.teacher.work.llama_speed import Speed
from dsbs_gui.steps.teacher.work.llama_weights import model_in_best_form

from .gguf_files import embedded

if TYPE_CHECKING:
    from collections.abc import Iterator

PROMPT = "Q: Ann has 3 pens and buys 4 more. How many pens does Ann have?\nA:"


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("weights")


@pytest.fixture(autouse=True)
def _shared_cache(cache: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The file of half a minute's work serves all tests here."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))
    yield
    for kept in cache.rglob("*.json"):
        kept.unlink()


def never() -> bool:
    return False


def form(weights: str) -> str:
    model, _ = model_in_best_form(Path(embedded()), weights, never)
    model.close()
    return model.form


def slower_when(monkeypatch: pytest.MonkeyPatch, given: float, expanded: float) -> list[str]:
    """Instead of measuring; says which forms were there to be measured."""
    asked: list[str] = []

    def measure(path: Path, models: list[llama_weights.LlamaModel], should_stop: object) -> Speed:
        asked.extend(model.form for model in models)
        return Speed({GIVEN: {1: given}, EXPANDED: {1: expanded}})

    monkeypatch.setattr(Speed, "measure", measure)
    return asked


@pytest.mark.parametrize(("given", "expanded", "best"), [(1.0, 0.5, EXPANDED), (1.0, 0.95, GIVEN), (0.5, 1.0, GIVEN)])
def test_the_form_that_was_measured_to_be_faster_is_taken(
    monkeypatch: pytest.MonkeyPatch, given: float, expanded: float, best: str
) -> None:
    asked = slower_when(monkeypatch, given, expanded)
    assert form("auto") == best
    assert asked == [GIVEN, EXPANDED]


def test_weights_that_cannot_be_expanded_have_their_lanes_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(llama_weights, "_MOST_BYTES", 1000)
    asked = slower_when(monkeypatch, 1.0, 0.1)
    assert form("auto") == GIVEN
    assert asked == [GIVEN]


def test_what_the_user_chose_is_not_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = slower_when(monkeypatch, 1.0, 0.1)
    assert [form(GIVEN), form(EXPANDED)] == [GIVEN, EXPANDED]
    assert asked == []


def test_the_expanded_file_is_made_once() -> None:
    form(EXPANDED)
    (file,) = (cache_folder() / "teacher-weights").iterdir()
    before = file.stat().st_ino
    form(EXPANDED)
    (file,) = (cache_folder() / "teacher-weights").iterdir()
    assert file.stat().st_ino == before
    assert file.stat().st_size > 2 * Path(embedded()).stat().st_size


def test_where_there_is_no_room_the_weights_stay_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(llama_weights, "_MOST_BYTES", 1000)
    assert form("auto") == GIVEN
    assert form(EXPANDED) == GIVEN


def test_a_cache_that_cannot_be_written_costs_speed_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    cache_folder().write_text("a file where a folder should be")
    assert form("auto") == GIVEN
    with pytest.raises(ResourceError, match="cache of weights cannot be written"):
        form(EXPANDED)


def test_expanding_can_be_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with pytest.raises(Stopped):
        model_in_best_form(Path(embedded()), EXPANDED, lambda: True)


def test_both_forms_say_the_same_with_nearly_the_same_probability() -> None:
    """Half precision holds the file's weights; what differs is the rounding of what they are multiplied with."""
    replies = []
    for weights in (GIVEN, EXPANDED):
        spec = replace(GenerateSpec(model=str(embedded()), max_tokens=12, parallel=2), weights=weights)
        engine = LlamaEngine(spec, "", (), [PROMPT])
        replies += engine.answer(iter([Request(0, 0, PROMPT)]), never)
        engine.close()
    given, expanded = replies
    assert given.raw[:12] == expanded.raw[:12]
    assert given.mean_logprob == pytest.approx(expanded.mean_logprob, abs=0.1)
