"""Checkpoints: whole or passed over, rotated by step, and never without the best student that they name."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any

import pytest
import torch

from dsbs_gui.core.errors import ResourceError, UserError
from dsbs_gui.core.files import sha256
from dsbs_gui.core.protocol import CheckpointSaved, Finished, Message, Progress, StepMetrics, Warned
from dsbs_gui.steps.training import kept
from dsbs_gui.steps.training.work import checkpoints, training
from dsbs_gui.steps.training.work.checkpoints import State, newest_checkpoint, search
from dsbs_gui.students.folders import MANIFEST, is_whole
from tests.steps.training.toy import make_run, spec_for, stop_after, student_of, train, weights_hash

FILES = ("trained.safetensors", "optimiser.pt", "state.json", MANIFEST)


def stopped_at_5(folder: Path) -> Path:
    """A run of 8 steps with checkpoints of steps 4 and 5."""
    train(spec_for(make_run(folder), steps=8, eval_every=8, save_every=2), stop_after(5))
    assert [path.name for path in kept.named(folder)] == ["step-000004", "step-000005"]
    return folder


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-3])  # a manifest may do without its last line break


def edit(path: Path) -> None:
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2] ^= 1
    path.write_bytes(raw)


@pytest.fixture(scope="module")
def stopped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return stopped_at_5(tmp_path_factory.mktemp("stopped") / "run")


@pytest.fixture(scope="module")
def unbroken(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Hash of the weights after 8 steps without a stop."""
    folder = make_run(tmp_path_factory.mktemp("unbroken") / "run")
    return weights_hash(student_of(folder, train(spec_for(folder, steps=8, eval_every=8))))


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("harm", [cut, edit, Path.unlink])
def test_a_checkpoint_with_any_file_cut_edited_or_gone_is_passed_over(
    name: str, harm: object, stopped: Path, tmp_path: Path
) -> None:
    folder = shutil.copytree(stopped, tmp_path / "run")
    harm(folder / "checkpoints" / "step-000005" / name)  # type: ignore[operator]
    found, damaged = search(folder)
    assert found is not None
    assert found[1].step == 4
    assert damaged == (5,)


@pytest.mark.parametrize(
    "body",
    [[], {"step": 5, "of": "another version"}, {"step": "5"}, {"step": 9}],
    ids=["list", "keys", "text", "other"],
)
def test_a_state_that_is_none_of_ours_is_damage_also_with_a_manifest_that_agrees(
    body: object, stopped: Path, tmp_path: Path
) -> None:
    folder = shutil.copytree(stopped, tmp_path / "run")
    newest = folder / "checkpoints" / "step-000005"
    (newest / "state.json").write_text(json.dumps(body))
    entries = json.loads((newest / MANIFEST).read_text())
    state = newest / "state.json"
    entries["files"]["state.json"] = {"size": state.stat().st_size, "sha256": sha256(state)}
    (newest / MANIFEST).write_text(json.dumps(entries))
    assert is_whole(newest)
    assert search(folder).damaged == (5,)


def test_a_manifest_that_leaves_a_file_out_is_damage(stopped: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(stopped, tmp_path / "run")
    manifest = folder / "checkpoints" / "step-000005" / MANIFEST
    entries = json.loads(manifest.read_text())
    del entries["files"]["optimiser.pt"]
    manifest.write_text(json.dumps(entries))
    assert search(folder).damaged == (5,)


def test_a_damaged_one_is_named_the_run_goes_on_from_the_one_before_and_ends_bit_for_bit_the_same(
    stopped: Path, unbroken: str, tmp_path: Path
) -> None:
    earlier = shutil.copytree(stopped, tmp_path / "earlier")
    edit(earlier / "checkpoints" / "step-000005" / "trained.safetensors")
    folder = make_run(tmp_path / "run")
    said = train(spec_for(folder, steps=8, eval_every=8, resume_from=str(earlier)))
    warned = next(message for message in said if isinstance(message, Warned))
    assert warned == Warned(
        "The checkpoint of step 5 is damaged: going on from the one of step 4.", "1 step is done again."
    )
    assert next(m.step for m in said if isinstance(m, StepMetrics)) == 5
    assert weights_hash(student_of(folder, said)) == unbroken


def test_with_none_that_is_whole_the_refusal_names_the_damaged_ones(stopped: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(stopped, tmp_path / "run")
    for path in kept.named(folder):
        edit(path / "optimiser.pt")
    with pytest.raises(UserError, match=r"no whole checkpoint to resume from \(damaged: steps 5 and 4\)"):
        train(spec_for(folder, steps=8, resume_from=str(folder)))


def test_the_newest_is_the_one_of_the_highest_step_whatever_its_name_sorts_like(tmp_path: Path) -> None:
    for step in (999_999, 1_000_000, 20):
        (tmp_path / "checkpoints" / f"step-{step:06d}").mkdir(parents=True)
    (tmp_path / "checkpoints" / "step-new").mkdir()
    assert [kept.step_of(path) for path in kept.named(tmp_path)] == [20, 999_999, 1_000_000]
    assert kept.newest_step(tmp_path) == 1_000_000
    checkpoints._thin_steps(tmp_path, 1_000_000)
    assert [kept.step_of(path) for path in kept.named(tmp_path)] == [999_999, 1_000_000]


def test_the_best_student_of_every_checkpoint_is_there_at_every_moment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scores = iter([1, 2, 2, 3, 1, 4, 5, 5, 6, 2])
    monkeypatch.setattr(training, "validate", lambda *_: training.Validation(6, next(scores), 0.5, samples=()))
    folder = make_run(tmp_path / "run")
    looked: list[int] = []

    def emit(message: Message) -> None:
        if isinstance(message, CheckpointSaved | Finished):
            for path in kept.named(folder):
                state = checkpoints._state_of(path)
                assert state is not None
                assert state.best_step == 0 or is_whole(folder / checkpoints.best_path(state.best_step))
                looked.append(state.step)

    training.run(spec_for(folder, steps=10, eval_every=1, save_every=3), emit, lambda: False)
    assert {3, 6, 9} <= set(looked), "a worker killed before its last word leaves a run that can go on"
    assert [path.name for path in (folder / "checkpoints").iterdir()] == ["best-000009"]


def test_a_student_better_than_the_state_knows_is_made_again(tmp_path: Path) -> None:
    folder = stopped_at_5(tmp_path / "run")
    later = folder / "checkpoints" / "best-000007"
    later.mkdir()
    checkpoints.forget_after(folder, State(step=5))
    assert not later.exists()
    assert newest_checkpoint(folder)[1].step == 5


@contextmanager
def full_disk() -> Iterator[None]:
    """torch writes to the device that is always full."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(checkpoints, "_OPTIMISER", "/dev/full")
        yield


@contextmanager
def quota() -> Iterator[None]:
    """No file may be larger than this: met by safetensors, whose file is the first to be."""
    import resource  # POSIX only, as /dev/full is

    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.skipif(not Path("/dev/full").is_char_device(), reason="there is no /dev/full, which is always full")
@pytest.mark.parametrize(
    ("trouble", "why"),
    [(full_disk, "the disk is full"), (quota, "it would be larger than the disk or its quota allows")],
)
def test_a_disk_that_is_full_in_the_midst_of_a_save_is_named_and_the_run_can_go_on(
    trouble: Callable[[], AbstractContextManager[None]],
    why: str,
    unbroken: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder = make_run(tmp_path / "run")
    right = checkpoints.save_checkpoint
    full = []

    def full_at_4(run_dir: Path, model: torch.nn.Module, optimiser: torch.optim.Optimizer, state: State) -> Path:
        full.extend([True] * (state.step == 4))
        with trouble() if state.step == 4 else nullcontext():
            return right(run_dir, model, optimiser, state)

    monkeypatch.setattr(training, "save_checkpoint", full_at_4)
    with pytest.raises(ResourceError) as caught:  # where it is full the run waits, until somebody stops it
        train(spec_for(folder, steps=8, eval_every=8, save_every=2), lambda: bool(full))
    assert caught.value.message == f"The checkpoint of step 4 could not be written: {why}."
    assert caught.value.hint.endswith("then resume: the checkpoint of step 2 is intact.")
    monkeypatch.undo()
    assert [path.name for path in (folder / "checkpoints").iterdir()] == ["step-000002"]
    said = train(spec_for(folder, steps=8, eval_every=8, resume_from=str(folder)))
    assert weights_hash(student_of(folder, said)) == unbroken


@pytest.mark.skipif(not Path("/dev/full").is_char_device(), reason="there is no /dev/full, which is always full")
def test_a_run_waits_for_room_on_a_full_disk_and_ends_as_if_there_had_been_some(
    unbroken: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, right, tries = make_run(tmp_path / "run"), checkpoints.save_checkpoint, []

    def twice_full(run_dir: Path, *given: Any) -> Path:
        tries.append(run_dir)
        with full_disk() if len(tries) < 3 else nullcontext():
            return right(run_dir, *given)

    monkeypatch.setattr(training, "FULL_DISK_S", 0.0)
    monkeypatch.setattr(training, "save_checkpoint", twice_full)
    said = train(spec_for(folder, steps=8, eval_every=8, save_every=4))
    told = [m.text for m in said if isinstance(m, Warned)]
    assert told == ["The checkpoint of step 4 could not be written: the disk is full. Training waits."]
    assert "Waiting for room on the disk" in [m.phase for m in said if isinstance(m, Progress)]
    assert weights_hash(student_of(folder, said)) == unbroken


def test_what_was_saved_on_a_gpu_goes_on_without_one(
    unbroken: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file says so of a run on a GPU; here a run on the CPU says it of itself."""
    with monkeypatch.context() as patch:
        patch.setattr(torch.serialization, "location_tag", lambda _: "cuda:0")
        first = stopped_at_5(tmp_path / "train-1")
    said = train(spec_for(make_run(tmp_path / "train-2"), steps=8, eval_every=8, resume_from=str(first)))
    assert weights_hash(student_of(tmp_path / "train-2", said)) == unbroken


def test_a_run_killed_before_it_had_taken_anything_over_goes_on_from_the_one_before_it(tmp_path: Path) -> None:
    first = stopped_at_5(tmp_path / "train-1")
    second = make_run(tmp_path / "train-2")
    body = {"kind": "train", "spec": {"resume_from": "/where/the/project/was/runs/train-1"}}
    (second / "spec.json").write_text(json.dumps(body))
    assert kept.holder(second) == first
    assert kept.newest_step(second) == 5
    said = train(spec_for(make_run(tmp_path / "train-3"), steps=8, eval_every=8, resume_from=str(second)))
    assert said[-1].summary["steps"] == 8


def test_slow_steps_are_saved_after_a_while_unless_the_user_has_said_when(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training, "LONGEST_UNSAVED_S", 0.0)
    saved = {}
    for save_every in (0, 3):
        folder = make_run(tmp_path / str(save_every))
        said = train(spec_for(folder, steps=4, eval_every=4, save_every=save_every))
        saved[save_every] = [m.step for m in said if isinstance(m, CheckpointSaved) and not m.best]
    assert saved == {0: [1, 2, 3], 3: [3]}


def _scores(monkeypatch: pytest.MonkeyPatch, *right: int) -> None:
    """What the next validations find, of six rows."""
    found = iter(right)
    monkeypatch.setattr(training, "validate", lambda *_: training.Validation(6, next(found), 0.5, samples=()))


def test_patience_and_the_best_student_go_on_where_a_run_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = {"steps": 12, "eval_every": 1, "patience": 2}
    _scores(monkeypatch, 4, 5, 3)
    train(spec_for(make_run(tmp_path / "train-1"), **settings), stop_after(3))
    _scores(monkeypatch, 4, 4)
    second = make_run(tmp_path / "train-2")
    said = train(spec_for(second, **settings, resume_from=str(tmp_path / "train-1")))
    assert said[-1].summary["stopped_early"]
    assert (said[-1].summary["steps"], said[-1].summary["best_step"]) == (4, 2)
    assert said[-1].summary["valid_accuracy"] == 5 / 6
    first_kept = next(message for message in said if isinstance(message, CheckpointSaved))
    assert (first_kept.best, first_kept.step) == (True, 2), "a student can be had before the next validation"
    assert is_whole(second / "checkpoints" / "best-000002")


def test_a_run_killed_after_its_patience_had_run_out_does_not_train_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = {"steps": 12, "eval_every": 1, "patience": 1, "save_every": 1}
    _scores(monkeypatch, 4, 3)
    folder = make_run(tmp_path / "run")
    monkeypatch.setattr(training, "_end", lambda *_: None)  # it is killed before its last word
    train(spec_for(folder, **settings))
    monkeypatch.undo()
    _scores(monkeypatch)
    said = train(spec_for(folder, **settings, resume_from=str(folder)))
    assert (said[-1].summary["steps"], said[-1].summary["best_step"]) == (2, 1)
    assert said[-1].summary["stopped_early"]


def test_a_best_student_that_was_damaged_gives_way_to_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = {"steps": 4, "eval_every": 1}
    _scores(monkeypatch, 5, 3)
    folder = make_run(tmp_path / "run")
    train(spec_for(folder, **settings), stop_after(2))
    edit(folder / "checkpoints" / "best-000001" / "model.safetensors")
    _scores(monkeypatch, 2, 1)
    said = train(spec_for(folder, **settings, resume_from=str(folder)))
    assert said[-1].summary["best_step"] == 3
    assert is_whole(folder / "checkpoints" / "best-000003")


def test_a_checkpoint_at_the_step_of_the_best_student_does_not_take_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _scores(monkeypatch, 5, 3, 2)
    said = train(spec_for(make_run(tmp_path / "run"), steps=6, eval_every=2, save_every=2))
    told = [(m.step, m.best) for m in said if isinstance(m, CheckpointSaved)]
    assert told == [(2, True), (4, False)]


def test_slow_steps_are_saved_from_one_checkpoint_to_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A step takes 250 s by this clock: three of them are more than ten minutes."""
    clock = {"now": time.monotonic()}
    right = training._take_step

    def slow(*given: Any) -> None:
        right(*given)
        clock["now"] += 250

    monkeypatch.setattr(training, "_take_step", slow)
    monkeypatch.setattr(time, "monotonic", lambda: clock["now"])
    said = train(spec_for(make_run(tmp_path / "run"), steps=10, eval_every=10))
    assert [m.step for m in said if isinstance(m, CheckpointSaved) and not m.best] == [3, 6, 9]


def test_what_lies_half_replaced_in_an_earlier_run_comes_along_whole(tmp_path: Path) -> None:
    first = stopped_at_5(tmp_path / "train-1")
    newest = first / "checkpoints" / "step-000005"
    newest.rename(newest.with_name(".replaced-step-000005-ab"))
    second = make_run(tmp_path / "train-2")
    checkpoints.take_over(first, second)
    assert [path.name for path in kept.named(second)] == ["step-000004", "step-000005"]
