"""The whole job, in-process, with a student of a few thousand weights on a toy task."""

from __future__ import annotations

import json
import os
import random
import socket
import subprocess
import sys
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy
import pytest
import torch

from dsbs_gui.core.errors import ResourceError, UserError
from dsbs_gui.core.protocol import CheckpointSaved, Evaluated, Message, StepMetrics, Warned
from dsbs_gui.steps.training.rows import Row
from dsbs_gui.steps.training.work import batches, checkpoints, training
from dsbs_gui.steps.training.work.checkpoints import newest_checkpoint
from dsbs_gui.steps.training.work.reporting import Step
from dsbs_gui.steps.training.work.setup import training_rows
from dsbs_gui.students import decoding
from dsbs_gui.students.answering import answers
from dsbs_gui.students.encoding import Encoded
from dsbs_gui.students.folders import is_whole
from dsbs_gui.students.loading import load_student
from dsbs_gui.students.student import Student
from tests.steps.training.toy import (
    ROWS,
    STARTER,
    folder_of,
    make_run,
    spec_for,
    stop_after,
    student_of,
    train,
    weights_hash,
)
from tests.students.families import PROVED

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize(("family", "lr"), [("t5", 6e-3), ("t5-gated", 6e-3), ("bart", 3e-3), ("llama", 6e-3)])
def test_m10_six_rows_are_learnt_by_heart_and_m9_the_prefixes_give_two_tasks(
    family: str, lr: float, tmp_path: Path
) -> None:
    folder = make_run(tmp_path / "run")
    student = folder_of(family, tmp_path / "student")
    said = train(spec_for(folder, student=student, steps=180, batch_size=6, eval_every=180, lr=lr, warmup=10))
    summary = said[-1].summary
    assert summary["valid_accuracy"] == 1.0
    assert summary["rationale_loss"] < 0.05 < summary["first_rationale_loss"]
    found = answers(load_student(str(student_of(folder, said))), [row["input"] for row in ROWS], explain=True)
    assert [answer.prediction for answer in found] == [row["label"] for row in ROWS]
    assert [answer.rationale for answer in found] == [row["rationale"] for row in ROWS]
    samples = next(message for message in said if isinstance(message, Evaluated)).samples
    assert samples[0]["prediction"] == "blue"
    assert samples[0]["rationale"] == "after red comes blue"


@pytest.mark.parametrize("method", ["single-task", "label-then-rationale"])
def test_m10_both_are_learnt_by_heart_in_one_text_and_the_label_is_the_same_alone(method: str, tmp_path: Path) -> None:
    folder = make_run(tmp_path / "run")
    said = train(spec_for(folder, method=method, steps=240, batch_size=6, eval_every=240, lr=6e-3))
    assert said[-1].summary["valid_accuracy"] == 1.0
    student = load_student(str(student_of(folder, said)))
    inputs = [row["input"] for row in ROWS]
    explained = answers(student, inputs, explain=True)
    assert [answer.prediction for answer in explained] == [row["label"] for row in ROWS]
    assert [answer.rationale for answer in explained] == [row["rationale"] for row in ROWS]
    assert [answer[:2] for answer in answers(student, inputs)] == [answer[:2] for answer in explained]
    samples = next(message for message in said if isinstance(message, Evaluated)).samples
    assert samples[0]["rationale"] == "after red comes blue"


@pytest.mark.parametrize("family", PROVED)
def test_m9_a_label_is_had_without_rationale_teacher_or_network(
    family: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make_run(tmp_path / "run")
    said = train(spec_for(folder, student=folder_of(family, tmp_path / "student"), steps=2, eval_every=2))

    def refused(*_: object, **__: object) -> None:
        raise AssertionError("labels alone were asked for")

    monkeypatch.setattr(socket, "socket", refused)
    monkeypatch.setattr(socket, "create_connection", refused)
    monkeypatch.setattr(batches, "encode_targets", refused)
    asked: list[str] = []
    right = decoding.encode_inputs

    def note(student: Student, inputs: list[str], prefix: str, limit: int) -> Encoded:
        asked.append(prefix)
        return right(student, inputs, prefix, limit)

    monkeypatch.setattr(decoding, "encode_inputs", note)
    student = load_student(str(student_of(folder, said)))
    assert student.meta.explains
    found = answers(student, [row["input"] for row in ROWS])
    assert len(found) == 6
    assert all(answer.rationale is None for answer in found)
    assert asked == ["predict: "]


@pytest.mark.parametrize("family", PROVED)
def test_m8_four_steps_and_four_more_are_bit_for_bit_eight(family: str, tmp_path: Path) -> None:
    given = {"student": folder_of(family, tmp_path / "student", dropout=0.1), "steps": 8, "eval_every": 8}
    whole = make_run(tmp_path / "whole")
    expected = train(spec_for(whole, **given))

    first = make_run(tmp_path / "first")
    stopped = train(spec_for(first, **given), stop_after(4))
    assert stopped[-1].status == "stopped"
    assert stopped[-1].summary["steps"] == 4
    torch.rand(7), random.random(), numpy.random.rand()  # foreign use of random numbers in between

    second = make_run(tmp_path / "second")
    said = train(spec_for(second, **given, resume_from=str(first)))
    assert next(m.step for m in said if isinstance(m, StepMetrics)) == 5
    assert said[-1].summary["steps"] == 8
    assert weights_hash(student_of(second, said)) == weights_hash(student_of(whole, expected))


def test_m8_foreign_use_of_random_numbers_in_every_step_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = {"starter": STARTER | {"dropout_rate": 0.1}}
    plain = make_run(tmp_path / "plain")
    expected = weights_hash(student_of(plain, train(spec_for(plain, **given))))
    disturbed = make_run(tmp_path / "disturbed")
    right = training.learning_rate

    def disturbing(*arguments: Any) -> float:
        torch.rand(3), random.random(), numpy.random.rand()
        return right(*arguments)

    monkeypatch.setattr(training, "learning_rate", disturbing)
    assert weights_hash(student_of(disturbed, train(spec_for(disturbed, **given)))) == expected
    other = make_run(tmp_path / "other")  # and there is dropout indeed
    assert weights_hash(student_of(other, train(spec_for(other)))) != expected


KILLED = """
import os, signal, sys
from pathlib import Path
from dsbs_gui.steps.training.specs import TrainSpec
from dsbs_gui.steps.training.work import checkpoints, training
right, saved = checkpoints.torch.save, []

def save(value, file):
    right(value, file)
    file.flush()
    saved.append(file)
    if len(saved) == 2:  # in the second checkpoint, with half a file written and no manifest yet
        os.truncate(file.name, os.path.getsize(file.name) // 2)
        os.kill(os.getpid(), signal.SIGKILL)

checkpoints.torch.save = save
training.run(TrainSpec.from_json(__import__("json").loads(sys.argv[1])), lambda _: None, lambda: False)
"""


@pytest.mark.skipif(os.name == "nt", reason="SIGKILL is of Unix")
def test_m8_a_run_killed_while_it_writes_a_checkpoint_goes_on_bit_for_bit(tmp_path: Path) -> None:
    given = {"starter": STARTER | {"dropout_rate": 0.1}, "steps": 8, "eval_every": 8, "save_every": 2}
    whole = make_run(tmp_path / "whole")
    expected = weights_hash(student_of(whole, train(spec_for(whole, **given))))
    folder = make_run(tmp_path / "run")
    spec = spec_for(folder, **given)
    ended = subprocess.run([sys.executable, "-c", KILLED, json.dumps(asdict(spec))], check=False, cwd=ROOT)
    assert ended.returncode == -9
    assert [path.name[:11] for path in (folder / "checkpoints").iterdir() if path.name.startswith(".")] == [
        ".unfinished"
    ]
    assert newest_checkpoint(folder)[1].step == 2
    said = train(replace(spec, resume_from=str(folder)))
    assert next(m.step for m in said if isinstance(m, StepMetrics)) == 3
    assert weights_hash(student_of(folder, said)) == expected


def test_m8_a_torn_checkpoint_is_passed_over_for_the_one_before(tmp_path: Path) -> None:
    folder = make_run(tmp_path / "run")
    train(spec_for(folder, steps=8, eval_every=8, save_every=2), stop_after(5))
    newest = newest_checkpoint(folder)
    assert newest is not None
    assert newest[1].step == 5
    optimiser = newest[0] / "optimiser.pt"
    optimiser.write_bytes(optimiser.read_bytes()[:-10])
    assert newest_checkpoint(folder)[1].step == 4
    said = train(spec_for(folder, steps=8, eval_every=8, resume_from=str(folder)))
    assert said[-1].summary["steps"] == 8
    assert not list(folder.glob("checkpoints/step-*"))


@pytest.mark.parametrize("steps", [4, 8])
def test_a_stop_in_the_middle_of_a_validation_leaves_it_to_the_run_that_goes_on(steps: int, tmp_path: Path) -> None:
    unbroken = train(spec_for(make_run(tmp_path / "unbroken"), steps=steps))
    folder = make_run(tmp_path / "run")
    said = train(spec_for(folder, steps=steps), stop_after(4))  # asked again within the validation after step 4
    assert said[-1].status == "stopped"
    assert not [message for message in said if isinstance(message, Evaluated)]
    again = train(spec_for(folder, steps=steps, resume_from=str(folder)))
    assert again[-1].status == "done"
    wanted = [(m.step, m.correct) for m in unbroken if isinstance(m, Evaluated)]
    assert [(m.step, m.correct) for m in again if isinstance(m, Evaluated)] == wanted
    for name in ("steps", "best_step", "valid_accuracy"):
        assert again[-1].summary[name] == unbroken[-1].summary[name]


def test_what_an_earlier_run_left_is_taken_over_whole_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    earlier, later = make_run(tmp_path / "earlier"), make_run(tmp_path / "later")
    train(spec_for(earlier, steps=8), stop_after(3))
    right, taken = checkpoints._link, []

    def killed(source: str, target: str) -> str:
        taken.append(source)
        if len(taken) == 3:
            raise KeyboardInterrupt
        return right(source, target)

    monkeypatch.setattr(checkpoints, "_link", killed)
    with pytest.raises(KeyboardInterrupt):
        checkpoints.take_over(earlier, later)
    assert not (later / "checkpoints").exists()
    monkeypatch.undo()
    checkpoints.take_over(earlier, later)
    assert newest_checkpoint(later)[1].step == 3
    assert sorted(path.name for path in later.iterdir() if path.is_dir()) == ["checkpoints", "starter"]


def test_m11_the_same_seeds_give_the_same_weights_and_others_others(tmp_path: Path) -> None:
    hashes = {}
    for name, changes in {
        "a": {},
        "b": {},
        "seed": {"seed": 1},
        "data": {"data_seed": 1, "fraction": 0.5},
        "half": {"fraction": 0.5},
    }.items():
        folder = make_run(tmp_path / name)
        hashes[name] = weights_hash(student_of(folder, train(spec_for(folder, steps=2, eval_every=2, **changes))))
    assert hashes["a"] == hashes["b"]
    assert len({hashes[name] for name in ("a", "seed", "data", "half")}) == 4


def test_m11_the_data_seed_alone_says_which_rows_and_smaller_parts_lie_within_larger_ones(tmp_path: Path) -> None:
    rows = [row | {"example_id": 6 * part + row["example_id"]} for part in range(16) for row in ROWS]
    folder = make_run(tmp_path / "run", rows)

    def taken(fraction: float, **seeds: int) -> set[int]:
        return {row.example_id for row in training_rows(spec_for(folder, fraction=fraction, **seeds), folder)}

    for data_seed in (0, 1, 2):
        parts = [taken(fraction, data_seed=data_seed) for fraction in (0.125, 0.25, 0.5, 1.0)]
        assert [len(part) for part in parts] == [12, 24, 48, 96]
        assert parts[0] < parts[1] < parts[2] < parts[3]
        assert [taken(fraction, data_seed=data_seed, seed=7) for fraction in (0.125, 0.25, 0.5, 1.0)] == parts
    assert len({frozenset(taken(0.25, data_seed=seed)) for seed in range(3)}) == 3


@pytest.mark.parametrize("method", ["finetune", "distill", "single-task", "label-then-rationale", "shuffled-rationale"])
def test_every_method_trains_and_its_student_knows_how_to_be_asked(method: str, tmp_path: Path) -> None:
    folder = make_run(tmp_path / "run")
    said = train(spec_for(folder, method=method, steps=2, eval_every=2))
    meta = load_student(str(student_of(folder, said))).meta
    multitask = method == "shuffled-rationale"
    assert meta.method == method
    assert meta.label_prefix == ("predict: " if multitask else "")
    assert meta.explains == multitask
    assert meta.single_target == (method in ("single-task", "label-then-rationale"))
    assert meta.label_first == (method == "label-then-rationale")
    assert (said[-1].summary["rationale_loss"] is None) == (not multitask)


def test_the_best_student_is_kept_and_training_stops_when_patience_runs_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scores = iter([(3, 0.5), (5, 0.9), (5, 0.7), (4, 0.1), (5, 0.8)])
    monkeypatch.setattr(training, "validate", lambda *_: training.Validation(6, *next(scores), samples=()))
    folder = make_run(tmp_path / "run")
    said = train(spec_for(folder, steps=20, eval_every=1, patience=2))
    assert said[-1].summary["best_step"] == 3  # as many right as at step 2, with a lower loss
    assert said[-1].summary["steps"] == 5
    assert said[-1].summary["stopped_early"]
    assert [m.step for m in said if isinstance(m, CheckpointSaved) and m.best] == [1, 2, 3]
    assert [path.name for path in (folder / "checkpoints").iterdir()] == ["best-000003"]
    assert is_whole(folder / "checkpoints" / "best-000003")


def test_a_loss_that_is_no_number_stops_at_once_and_keeps_the_last_checkpoint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = training.step_losses

    def wrong_at_step_3(student, examples, weight, room, backward, own):
        terms = right(student, examples, weight, room, backward, own)
        wrong_at_step_3.calls += 1
        return terms._replace(label=terms.label * float("nan")) if wrong_at_step_3.calls == 3 else terms

    wrong_at_step_3.calls = 0
    monkeypatch.setattr(training, "step_losses", wrong_at_step_3)
    folder = make_run(tmp_path / "run")
    said: list[Message] = []
    with pytest.raises(UserError, match="step 3 is not a number"):
        training.run(spec_for(folder, steps=9, eval_every=9, save_every=1), said.append, lambda: False)
    last = [message for message in said if isinstance(message, StepMetrics)][-1]
    assert last.step == 3
    assert last.values["loss"] != last.values["loss"]
    assert newest_checkpoint(folder)[1].step == 2


def test_too_little_memory_halves_the_micro_batch_and_changes_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make_run(tmp_path / "plain")
    expected = train(spec_for(folder, steps=2, eval_every=2))[-1].summary["label_loss"]
    right = training.step_losses

    rooms = []

    def short_of_memory(student, examples, weight, room, backward, own):
        rooms.append(room.inputs)
        if room.inputs * 4 > max(rooms):  # room for more than one of four rows
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 1 GiB")
        return right(student, examples, weight, room, backward, own)

    monkeypatch.setattr(training, "step_losses", short_of_memory)
    folder = make_run(tmp_path / "short")
    said = train(spec_for(folder, steps=2, eval_every=2))
    assert [m.text for m in said if isinstance(m, Warned)][-1] == "Memory ran out: going on with 1 row at a time."
    assert said[-1].summary["label_loss"] == pytest.approx(expected, rel=1e-5)

    def never_enough(*_: object) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory.")

    monkeypatch.setattr(training, "step_losses", never_enough)
    with pytest.raises(ResourceError, match="even one row"):
        train(spec_for(make_run(tmp_path / "never")))


def test_rates_count_rows_and_the_tokens_of_what_was_computed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Step] = []
    monkeypatch.setattr(training.Reporter, "step", lambda self, step: (seen.append(step), self._whole.add(step)))
    folder = make_run(tmp_path / "run", rows=[ROWS[0], ROWS[1] | {"rationale": None}])
    said = train(spec_for(folder, batch_size=2, steps=2, student=folder_of("t5", tmp_path / "student")))
    student = load_student(str(student_of(folder, said)))
    rows = [Row(1, "red box", "blue", "after red comes blue"), Row(2, "blue box", "green")]
    expected = sum(sum(pair.shape) for example in batches.encode_rows(student, rows)[0] for pair in example.pairs)
    assert [(step.number, step.examples, step.tokens) for step in seen] == [(1, 2, expected), (2, 2, expected)]
    seconds = sum(step.seconds for step in seen)
    assert said[-1].summary["tokens_per_s"] == pytest.approx(2 * expected / seconds, rel=0.01)
    assert said[-1].summary["examples_per_s"] == pytest.approx(4 / seconds, rel=0.01)


def test_cut_texts_are_warned_of(tmp_path: Path) -> None:
    folder = make_run(tmp_path / "run")
    said = train(spec_for(folder, steps=1, max_input=3, max_target=3))
    assert {m.text for m in said if isinstance(m, Warned)} == {
        "6 inputs were cut to 3 tokens.",
        "6 rationales were cut to 3 tokens.",
    }


def test_without_validation_rows_the_last_student_is_kept(tmp_path: Path) -> None:
    folder = make_run(tmp_path / "run")
    (folder / "input.valid.jsonl").unlink()
    said = train(spec_for(folder, steps=3))
    assert said[-1].summary["valid_accuracy"] is None
    assert student_of(folder, said).name == "best-000003"


def test_nothing_to_learn_and_nothing_to_resume_are_refused(tmp_path: Path) -> None:
    folder = make_run(tmp_path / "run", rows=[ROWS[0] | {"rationale": None}])
    with pytest.raises(UserError, match="needs rationales"):
        train(spec_for(folder))
    with pytest.raises(UserError, match="no whole checkpoint"):
        train(spec_for(folder, method="finetune", resume_from=str(folder)))
    (folder / "input.train.jsonl").unlink()
    with pytest.raises(UserError, match="no rows to train on"):
        train(spec_for(folder))
