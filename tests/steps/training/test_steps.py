"""What one optimiser step is made of: its rows, random numbers and gradients; and memory that runs out within it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from dsbs_gui.core.protocol import Evaluated, Finished, Warned
from dsbs_gui.steps.training.work import losses, training
from dsbs_gui.steps.training.work.batches import Pair, batch_indices
from dsbs_gui.steps.training.work.cutting import PASS_COST_PACKED, Room
from dsbs_gui.steps.training.work.optimiser import make_optimiser
from dsbs_gui.steps.training.work.setup import Session, prepare, validation_rows
from dsbs_gui.steps.training.work.trial import _largest_pass, _longest
from dsbs_gui.students import decoding
from tests.steps.training.toy import ROWS, folder_of, make_run, spec_for, student_of, train, weights_hash


class _Recorder:
    """Takes the place of the reporter."""

    def step(self, _: object) -> None: ...

    def diverged(self, _: object) -> None: ...


def _session(tmp_path: Path, name: str = "run", rows: list[dict] | None = None, **settings: Any) -> Session:
    return prepare(spec_for(make_run(tmp_path / name, rows), **settings), lambda _: None)


def _seeds_of(session: Session, steps: int, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """With which seed each of the next steps begins."""
    seeds: list[int] = []
    right = torch.manual_seed
    with monkeypatch.context() as patch:
        patch.setattr(torch, "manual_seed", lambda seed: seeds.append(seed) or right(seed))
        for _ in range(steps):
            training._take_step(session, _Recorder(), lambda _: None)  # type: ignore[arg-type]
    return seeds


def test_dropout_differs_from_step_to_step_seed_to_seed_and_process_to_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, other = _session(tmp_path, "a"), _session(tmp_path, "b", seed=1)
    seeds = [*_seeds_of(first, 3, monkeypatch), *_seeds_of(other, 3, monkeypatch)]
    first.ranks.rank = 1
    assert len({*seeds, *_seeds_of(first, 3, monkeypatch)}) == 9


def test_the_seed_gives_the_order_of_rows_to_a_student_whose_weights_are_given(tmp_path: Path) -> None:
    student = folder_of("t5", tmp_path / "student")
    orders = []
    for seed in (0, 1):
        session = _session(tmp_path, str(seed), student=student, seed=seed, batch_size=6)
        orders.append([example.label.input for example in training._examples(session)])
    assert orders[0] != orders[1]
    assert sorted(orders[0]) == sorted(orders[1])


def test_every_epoch_draws_among_the_rationales_of_a_row(tmp_path: Path) -> None:
    rows = [ROWS[0] | {"others": ["other words", "and others yet"]}]
    session = _session(tmp_path, rows=rows, batch_size=1)
    drawn = set()
    for session.state.step in range(20):
        drawn.add(tuple(training._examples(session)[0].rationale.target))
    assert len(drawn) == 3


def test_the_order_of_an_epoch_is_made_once_and_is_no_list_that_somebody_could_change() -> None:
    whole = [batch_indices(10, 4, 3, step) for step in range(3)]
    whole[0].clear()
    assert sorted(index for step in range(3) for index in batch_indices(10, 4, 3, step)) == list(range(10))
    assert batch_indices(10, 4, 3, 3) != batch_indices(10, 4, 3, 0), "another epoch, another order"


def test_gradients_of_a_pass_before_memory_ran_out_do_not_count_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = {"steps": 1, "eval_every": 1, "lr": 1e-3}
    plain = make_run(tmp_path / "plain")
    expected = train(spec_for(plain, **settings, micro_batch=2))[-1].summary
    right, calls = losses.token_loss_sum, []

    def runs_out_in_the_second_pass(*given: Any) -> torch.Tensor:
        calls.append(1)
        if len(calls) == 2:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 1 GiB")
        return right(*given)

    monkeypatch.setattr(losses, "token_loss_sum", runs_out_in_the_second_pass)
    short = make_run(tmp_path / "short")
    said = train(spec_for(short, **settings))
    assert [m.text for m in said if isinstance(m, Warned)] == ["Memory ran out: going on with 2 rows at a time."]
    assert said[-1].summary["label_loss"] == pytest.approx(expected["label_loss"], rel=1e-6)
    assert weights_hash(student_of(short, said)) == weights_hash(plain / expected["student"])


def test_weight_decay_shrinks_weights_that_have_no_gradient() -> None:
    model = torch.nn.Linear(2, 2, bias=False)
    before = model.weight.detach().clone()
    optimiser = make_optimiser(model, lr=1e-2, weight_decay=0.5)
    model.weight.grad = torch.zeros_like(model.weight)
    optimiser.step()
    assert torch.allclose(model.weight, before * (1 - 1e-2 * 0.5))


def test_a_warm_up_as_long_as_the_run_is_warned_of(tmp_path: Path) -> None:
    told: list[Any] = []
    prepare(spec_for(make_run(tmp_path / "run"), steps=3, warmup=3), told.append)
    assert "The warm-up takes all 3 steps: the learning rate never reaches 0.003." in [
        message.text for message in told if isinstance(message, Warned)
    ]


def test_the_same_rows_validate_whatever_the_seeds(tmp_path: Path) -> None:
    folder = make_run(tmp_path / "run")
    taken = [
        [row.example_id for row in validation_rows(spec_for(folder, valid_limit=3, seed=s, data_seed=s), folder)]
        for s in range(4)
    ]
    assert taken == [taken[0]] * 4
    assert len(taken[0]) == 3


def test_memory_that_runs_out_over_the_samples_of_a_validation_costs_time_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = decoding.generate_ids

    def short_of_memory(student: Any, ids: Any, *given: Any) -> Any:
        if len(ids) > 2:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 1 GiB")
        return right(student, ids, *given)

    monkeypatch.setattr(decoding, "generate_ids", short_of_memory)
    said = train(spec_for(make_run(tmp_path / "run")))
    assert isinstance(said[-1], Finished)
    assert all(sample["rationale"] is not None for m in said if isinstance(m, Evaluated) for sample in m.samples)


def test_a_gain_gives_patience_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scores = iter([3, 2, 4, 3, 5, 4, 4])
    monkeypatch.setattr(training, "validate", lambda *_: training.Validation(6, next(scores), 0.5, samples=()))
    said = train(spec_for(make_run(tmp_path / "run"), steps=20, eval_every=1, patience=2))
    assert (said[-1].summary["steps"], said[-1].summary["best_step"]) == (7, 5)


def test_a_student_that_reasons_first_has_no_loss_of_a_label_alone(tmp_path: Path) -> None:
    drawn = {}
    for method in ("single-task", "label-then-rationale", "finetune"):
        said = train(spec_for(make_run(tmp_path / method), method=method, steps=2, eval_every=2))
        drawn[method] = any("valid_label_loss" in getattr(message, "values", {}) for message in said)
    assert drawn == {"single-task": False, "label-then-rationale": True, "finetune": True}


def test_the_trial_takes_the_pass_with_the_most_tokens() -> None:
    long, short = Pair([1] * 100, [1] * 2), Pair([1] * 10, [1] * 3)
    room = Room(inputs=200, targets=100, joined=False, packed=True, pass_cost=PASS_COST_PACKED)
    assert _largest_pass([long, *[short] * 40], room) == [short] * 20, "not the first one, which has two rows"
    assert long in _largest_pass([long, *[short] * 4], room)


def test_the_trial_takes_the_longest_of_what_may_be_drawn_and_as_many_as_a_process_has(tmp_path: Path) -> None:
    rows = [row | {"example_id": i, "others": ["red " * 30] if i == 7 else []} for i, row in enumerate(ROWS * 2)]
    session = _session(tmp_path, rows=rows, batch_size=12)
    pairs = _longest(session)
    assert len(pairs) == 12
    assert max(len(pair.target) for pair in pairs) >= 30, "a rationale that some epoch draws"
    session.ranks.world = 3
    assert len(_longest(session)) == 4, "of twelve rows each of three processes has four"
