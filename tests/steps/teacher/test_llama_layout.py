"""How contexts are laid out: by the data's lengths, the memory that is free, and what was measured."""

from __future__ import annotations

import json
import os
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from dsbs_gui.core.errors import ResourceError
from dsbs_gui.steps.teacher.work import llama_speed
from dsbs_gui.steps.teacher.work.llama_layout import Needs, chosen_layout
from dsbs_gui.steps.teacher.work.llama_model import EXPANDED, GIVEN
from dsbs_gui.steps.teacher.work.llama_speed import Speed

if TYPE_CHECKING:
    from pathlib import Path

N_LAYERS, N_KV_HEADS, HEAD = 30, 3, 64
CELL = 2 * N_LAYERS * N_KV_HEADS * 2 * HEAD


def model(**metadata: int) -> Any:
    """What the layout asks of a model: SmolLM2-135M's sizes."""
    llama = SimpleNamespace(
        llama_model_n_embd=lambda _: 576,
        llama_model_n_head=lambda _: 9,
        llama_model_n_layer=lambda _: N_LAYERS,
        llama_model_n_head_kv=lambda _: N_KV_HEADS,
    )
    header = SimpleNamespace(architecture="llama", metadata={f"llama.attention.{k}": v for k, v in metadata.items()})
    return SimpleNamespace(llama=llama, model=None, header=header, form=GIVEN, on_gpu=False)


@pytest.fixture
def free(monkeypatch: pytest.MonkeyPatch) -> Any:
    def say(n_bytes: float) -> None:
        monkeypatch.setattr("psutil.virtual_memory", lambda: SimpleNamespace(available=n_bytes))

    say(16e9)
    return say


NEEDS = Needs(prefix=700, tails=[40, 60, 50], max_tokens=96)


def test_cells_count_the_longest_prompts_and_answers() -> None:
    assert NEEDS.side_by_side(5) == 700 + (60 + 50 + 40 + 40 + 40) + 5 * 96


def test_a_prompt_longer_than_the_model_was_trained_for_takes_no_more_cells_than_it_may() -> None:
    assert Needs(700, [90_000], 96, most=2048).side_by_side(1) == 2048


def test_answers_share_the_prefix_and_each_has_room_for_the_longest(free: Any) -> None:
    layout = chosen_layout(model(), NEEDS, 16, Speed())
    (shape,) = layout.shapes
    assert shape.n_sequences == 17
    assert NEEDS.side_by_side(16) <= shape.n_ctx < NEEDS.side_by_side(16) + 256
    assert layout.n_bytes == shape.n_ctx * CELL


def test_a_context_that_does_not_fit_is_refused_with_its_size(free: Any) -> None:
    free(5e7)
    with pytest.raises(ResourceError, match=r"needs 0\.1 GB of memory and 0\.1 GB are free") as caught:
        chosen_layout(model(), NEEDS, 16, Speed())
    assert "parallel answers" in caught.value.hint


def test_a_context_that_the_user_chose_is_kept_to(free: Any) -> None:
    layout = chosen_layout(model(), Needs(700, [40], 96, n_ctx=2000), 8, Speed())
    assert [shape.n_ctx for shape in layout.shapes] == [2000]


def test_heads_of_another_size_are_read_from_the_header(free: Any) -> None:
    layout = chosen_layout(model(key_length=128, value_length=32), NEEDS, 1, Speed())
    assert layout.cell_bytes == 2 * N_LAYERS * N_KV_HEADS * (128 + 32)


def test_answers_are_dealt_to_the_lanes_that_were_measured_best(free: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dsbs_gui.steps.teacher.work.llama_layout.threads", lambda: 4)
    layout = chosen_layout(model(), NEEDS, 15, Speed({GIVEN: {1: 2.0, 2: 1.0}, EXPANDED: {1: 0.5}}))
    assert [(shape.n_sequences, shape.n_threads) for shape in layout.shapes] == [(9, 2), (8, 2)]
    assert layout.n_parallel == 15


def test_of_lanes_that_are_about_as_fast_the_most_are_taken() -> None:
    assert Speed({GIVEN: {1: 1.0, 2: 1.05, 4: 1.3}}).lanes(GIVEN) == 2
    assert Speed({GIVEN: {1: 1.0, 2: 1.2}}).lanes(GIVEN) == 1
    assert Speed().lanes(GIVEN) == 1


BOTH = (GIVEN, EXPANDED)
SECONDS = '{"given": {"1": 0.6, "2": 0.5}, "expanded": {"1": 0.6, "2": 0.3}}'


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A model file of which nothing is known."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    file = tmp_path / "model.gguf"
    file.write_bytes(b"x")
    llama_speed._file(file).parent.mkdir(parents=True)
    return file


def test_a_measurement_is_known_the_next_time(file: Path) -> None:
    assert not Speed.known(file).covers(BOTH)
    llama_speed._file(file).write_text(f'{{"busy": false, "seconds": {SECONDS}}}')
    known = Speed.known(file)
    assert (known.covers(BOTH), known.best_form, known.lanes(EXPANDED)) == (True, EXPANDED, 2)


@pytest.mark.parametrize("kept", ['{"given": [', "{}", SECONDS, '{"busy": false, "seconds": {"given": 3}}'])
def test_a_measurement_that_cannot_be_read_is_made_again(file: Path, kept: str) -> None:
    llama_speed._file(file).write_text(kept)
    assert not Speed.known(file).covers([GIVEN])


def test_what_was_measured_on_a_busy_machine_counts_for_an_hour(file: Path) -> None:
    kept = llama_speed._file(file)
    kept.write_text(f'{{"busy": true, "seconds": {SECONDS}}}')
    assert Speed.known(file).covers(BOTH)
    an_hour_ago = kept.stat().st_mtime - 3601
    os.utime(kept, (an_hour_ago, an_hour_ago))
    assert not Speed.known(file).covers(BOTH)


@pytest.mark.parametrize(("others", "busy"), [(80.0, True), (3.0, False)])
def test_a_measurement_says_whether_others_were_at_work(
    file: Path, monkeypatch: pytest.MonkeyPatch, others: float, busy: bool
) -> None:
    monkeypatch.setattr("psutil.cpu_percent", lambda _seconds: others)
    monkeypatch.setattr(llama_speed, "_race", lambda *_: {GIVEN: {1: 2.0}})
    assert Speed.measure(file, [], lambda: False).covers([GIVEN])
    assert json.loads(llama_speed._file(file).read_text()) == {"busy": busy, "seconds": {GIVEN: {"1": 2.0}}}
