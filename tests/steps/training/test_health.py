"""G1, training health: NaN, Inf, memory, divergence, tokenizer, empty class, one row, no rationale: each is named."""

from __future__ import annotations

import math
import random
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
import torch

from dsbs_gui.core.errors import ResourceError, UserError
from dsbs_gui.core.failures import known
from dsbs_gui.core.project import Project
from dsbs_gui.core.protocol import Event, Finished, Message, Warned, decode, encode
from dsbs_gui.core.store import runs
from dsbs_gui.core.store import training as stored
from dsbs_gui.steps.training import intake, points
from dsbs_gui.steps.training.work import health, training
from dsbs_gui.steps.training.work.checkpoints import newest_checkpoint
from dsbs_gui.steps.training.work.health import Watch
from dsbs_gui.students.folders import is_whole
from tests.steps.training.toy import ROWS, folder_of, make_run, spec_for, train

ROOT = Path(__file__).resolve().parents[3]


def warned(said: list[Message]) -> list[str]:
    return [message.text for message in said if isinstance(message, Warned)]


@pytest.mark.parametrize(("number", "kind"), [(math.nan, "not a number"), (math.inf, "infinite")])
@pytest.mark.parametrize("of", ["loss", "gradient"])
def test_g1_nan_and_inf_stop_at_once_keep_the_last_good_checkpoint_and_are_seen_on_the_curve(
    number: float, kind: str, of: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, said = make_run(tmp_path / "run"), []
    _spoil_step_4(number, of, monkeypatch)
    with pytest.raises(UserError) as caught:
        training.run(spec_for(folder, steps=9, eval_every=3, save_every=1), said.append, lambda: False)
    assert caught.value.message == f"The {of} at step 4 is {kind}: training has diverged."
    assert "Lower the learning rate" in caught.value.hint
    assert "the checkpoint of step 3 is kept" in caught.value.hint
    assert newest_checkpoint(folder)[1].step == 3
    assert is_whole(folder / "checkpoints" / "best-000003")
    steps, values = _stored(tmp_path, said, "loss" if of == "loss" else "grad_norm")
    assert steps[-1] == 4
    assert math.isnan(values[-1]), "a gap with a red mark"
    assert all(map(math.isfinite, values[:-1])), "no mean has taken it in"


def _spoil_step_4(number: float, of: str, monkeypatch: pytest.MonkeyPatch) -> None:
    right, steps = training._gradients, iter(range(1, 100))

    def spoilt(session, *rest):
        terms = right(session, *rest)
        if next(steps) != 4:
            return terms
        if of == "gradient":
            next(iter(session.student.model.parameters())).grad.fill_(number)
            return terms
        return terms._replace(label=torch.full_like(terms.label, number))

    monkeypatch.setattr(training, "_gradients", spoilt)


def _stored(folder: Path, said: list[Message], name: str) -> tuple[list[int], list[float]]:
    """A metric as the owner has it, after the way through the events file and the database."""
    project = Project.create(folder / "project", "text")
    try:

        def store(tx) -> str:
            run = runs.add(tx, kind="train", title="t", lane="gpu", spec={}, context={})
            for seq, message in enumerate(said, 1):
                intake.take(tx, run, decode(encode(Event(seq, 0.0, message))))
            return run.id

        run_id = project.store.write_now(store)
        _, shown = points.news(project.store.reader, run_id, {}).points[name]
        assert math.isnan(shown[-1]), "the page gets it too"
        return stored.series(project.store.reader, run_id, name)
    finally:
        project.close()


def test_g1_a_learning_rate_that_is_no_good_at_all_ends_in_that_sentence(tmp_path: Path) -> None:
    spec = spec_for(make_run(tmp_path / "run"), steps=50, clip=0.0)
    object.__setattr__(spec, "lr", 1e30)  # which no spec takes: the quickest way to no number at all
    with pytest.raises(UserError, match="training has diverged") as caught:
        train(spec)
    assert "there is no checkpoint yet" in caught.value.hint


def test_g1_divergence_is_warned_of_and_stops_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """AdamW bears any rate from the start on this toy; one that jumps throws it off."""
    monkeypatch.setattr(training, "learning_rate", lambda peak, step, *_: peak if step < 25 else 1.0)
    said = train(spec_for(make_run(tmp_path / "run"), steps=40, eval_every=40, lr=1e-2))
    found = [text for text in warned(said) if text.startswith("Training seems to diverge: at step")]
    assert 1 <= len(found) <= health.MOST_WARNINGS
    assert isinstance(said[-1], Finished)


def look_at(losses: list[float], norms: list[float] | None = None) -> list[str]:
    said: list[Message] = []
    watch = Watch(said.append)
    for step, (loss, norm) in enumerate(zip(losses, norms or [1.0] * len(losses), strict=True), 1):
        watch.look(step, loss, norm)
    return warned(said)


def test_g1_what_is_usual_is_not_taken_for_divergence() -> None:
    luck = random.Random(0)
    falling = [14 * math.exp(-step / 60) + 0.02 for step in range(900)]
    noisy = [loss * luck.uniform(0.4, 1.9) for loss in falling]
    assert look_at(noisy, [luck.lognormvariate(0, 1) for _ in noisy]) == []
    spikes = [10.0 if step % 50 in (20, 21, 22) else 1.0 for step in range(500)]
    assert look_at(spikes) == [], "a few bad batches are none"
    assert look_at([9.0, 9.5, 12.0, 9.0, 30.0, 8.0]) == [], "nothing is usual yet"


def test_g1_a_loss_or_a_gradient_that_stays_far_above_the_usual_is_told_once() -> None:
    exploded = look_at([2.0] * 40 + [9.0] * 30)
    assert exploded == [
        "Training seems to diverge: at step 45 the loss is 9, usually 2, and the gradient's norm 1, usually 1."
    ]
    rising = look_at([2.0] * 40 + [2.6] * 30, [1.0] * 40 + [25.0] * 30)
    assert len(rising) == 1
    assert look_at([2.0] * 40 + [1.5] * 30, [1.0] * 40 + [25.0] * 30) == [], "a steep way down is none"
    again = look_at(([2.0] * 40 + [9.0] * 10) * 9)
    assert len(again) == health.MOST_WARNINGS


def test_g1_a_row_that_the_tokenizer_cannot_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    right = health.encode_rows

    def picky(student, rows):
        if any("green" in row.input for row in rows):
            raise TypeError("TextInputSequence must be str\nin line 2")
        return right(student, rows)

    monkeypatch.setattr(health, "encode_rows", picky)
    with pytest.raises(UserError) as caught:
        train(spec_for(make_run(tmp_path / "run")))
    assert caught.value.message == (
        "The student's tokenizer cannot read the row of example 2: TextInputSequence must be str."
    )
    assert "Correct that row" in caught.value.hint


def test_g1_a_tokenizer_of_another_model_is_told_before_it_ends_a_gpu_process(tmp_path: Path) -> None:
    folder = make_run(tmp_path / "first")
    train(spec_for(folder, steps=1))
    student = health_student(folder / "starter", fewer_tokens=50)
    with pytest.raises(UserError, match="they do not belong together"):
        health.encode(student, training_rows_of(folder))


def health_student(source: Path, fewer_tokens: int):
    """The student of a folder whose model has lost the embeddings of its last tokens."""
    from dsbs_gui.students.loading import load_student

    student = load_student(str(source))
    known_tokens = student.model.get_input_embeddings().weight
    student.model.get_input_embeddings().weight = torch.nn.Parameter(known_tokens[:fewer_tokens].detach())
    return student


def training_rows_of(folder: Path):
    from dsbs_gui.steps.training.rows import TRAIN_FILE, read_rows

    return read_rows(folder / TRAIN_FILE)


def test_g1_a_row_of_rubbish_in_the_input_is_told(tmp_path: Path) -> None:
    folder = make_run(tmp_path / "run")
    with (folder / "input.train.jsonl").open("a") as file:
        file.write('{"example_id": 9, "input": ')
    with pytest.raises(UserError, match="not a file of training rows"):
        train(spec_for(folder))


def test_g1_a_class_that_only_the_validation_rows_have_is_warned_of(tmp_path: Path) -> None:
    rows = [row | {"label": label} for row in ROWS for label in ("yes", "no")]
    folder = make_run(tmp_path / "run", rows)
    (folder / "input.valid.jsonl").write_text((folder / "input.train.jsonl").read_text().replace('"no"', '"maybe"'))
    said = train(spec_for(folder, steps=1, method="finetune"))
    assert "No training row has the label “maybe”, which 6 of 12 validation rows have." in warned(said)


def test_g1_labels_that_are_no_classes_are_not_warned_of(tmp_path: Path) -> None:
    folder = make_run(tmp_path / "run")
    (folder / "input.valid.jsonl").write_text((folder / "input.train.jsonl").read_text().replace('"brown"', '"grey"'))
    assert warned(train(spec_for(folder, steps=1))) == []


def test_g1_one_row_alone_is_warned_of_and_learnt(tmp_path: Path) -> None:
    said = train(spec_for(make_run(tmp_path / "run", ROWS[:1]), steps=3))
    assert warned(said) == ["There is only one row to learn from."]
    assert said[-1].summary["rows"] == 1


def test_g1_a_single_rationale_cannot_be_exchanged(tmp_path: Path) -> None:
    folder = make_run(
        tmp_path / "run", [row | {"rationale": row["rationale"] if i == 2 else None} for i, row in enumerate(ROWS)]
    )
    with pytest.raises(UserError, match="none to exchange it with"):
        train(spec_for(folder, method="shuffled-rationale"))


@pytest.mark.parametrize(("family", "limit"), [("bart", "max_input"), ("bart", "max_target")])
def test_g1_texts_longer_than_the_positions_a_model_has_learnt_are_refused(
    family: str, limit: str, tmp_path: Path
) -> None:
    name = {"max_input": "input", "max_target": "rationale"}[limit]
    rows = [row | {name: "red box " * 600} for row in ROWS]
    given = folder_of(family, tmp_path / "student")
    with pytest.raises(UserError, match="reads and writes at most 512 tokens") as caught:
        train(spec_for(make_run(tmp_path / "long", rows), student=given, **{limit: 1024}))
    assert "Lower the token limits" in caught.value.hint
    train(spec_for(make_run(tmp_path / "cut", rows), student=given, steps=1, eval_every=1))


@pytest.mark.parametrize("method", ["step-by-step", "single-task", "shuffled-rationale"])
def test_g1_rows_whose_rationales_are_all_masked_are_refused(method: str, tmp_path: Path) -> None:
    folder = make_run(tmp_path / "run", [row | {"rationale": None} for row in ROWS])
    with pytest.raises(UserError, match="needs rationales, and none of the 6 rows has one"):
        train(spec_for(folder, method=method))


def test_g1_memory_that_runs_out_while_validating_costs_time_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = training.validate

    def short_of_memory(student, rows, examples, at_once, should_stop):
        if at_once > 1:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 1 GiB")
        return right(student, rows, examples, at_once, should_stop)

    monkeypatch.setattr(training, "validate", short_of_memory)
    said = train(spec_for(make_run(tmp_path / "run")))
    assert warned(said)[-1] == "Memory ran out while validating: going on with 1 row at a time."
    assert said[-1].summary["valid_accuracy"] is not None


@pytest.mark.parametrize(
    "error",
    [
        torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 MiB"),
        RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`"),
        RuntimeError("[enforce fail at alloc_cpu.cpp:121] . DefaultCPUAllocator: can't allocate memory: you tried"),
        MemoryError(),
    ],
    ids=["cuda", "cublas", "cpu", "python"],
)
def test_g1_memory_that_runs_out_anywhere_is_no_bug(error: Exception) -> None:
    assert health.out_of_memory(error)
    assert isinstance(known(error), ResourceError)
    assert not health.out_of_memory(RuntimeError("mat1 and mat2 shapes cannot be multiplied"))


REALLY_SHORT = """
    import resource, sys
    from pathlib import Path
    from dsbs_gui.core.protocol import Finished, Warned
    from dsbs_gui.steps.training.work import training
    from tests.steps.training.toy import ROWS, make_run, spec_for

    rows = [row | {"input": "red box " * 120, "example_id": i} for i, row in enumerate(ROWS * 11)][:64]
    right = training.step_losses

    def limited(*given):
        training.step_losses = right
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        limit = pages * resource.getpagesize() + 150 * 2**20
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
        return right(*given)

    training.step_losses = limited
    folder = make_run(Path(sys.argv[1]), rows)
    (folder / "input.valid.jsonl").unlink()

    def emit(message):
        if isinstance(message, Warned | Finished):
            print(message, flush=True)

    training.run(spec_for(folder, method="finetune", steps=2, batch_size=64, micro_batch=64), emit, lambda: False)
"""


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="the limit is set by what /proc says")
def test_g1_memory_that_really_runs_out_halves_the_micro_batch_and_the_run_ends_well(tmp_path: Path) -> None:
    command = [sys.executable, "-c", textwrap.dedent(REALLY_SHORT), str(tmp_path / "run")]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=100, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    assert "Memory ran out: going on with 32 rows at a time." in done.stdout
    assert "Finished(status='done'" in done.stdout
