"""Every family of students: trained, saved, loaded and asked; with LoRA, merged in the end; in bf16."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from accelerate.state import AcceleratorState

from dsbs_gui.core.protocol import Evaluated, StepMetrics, TrainingReady
from dsbs_gui.steps.training.work import setup, training
from dsbs_gui.steps.training.work.lora import merged
from dsbs_gui.steps.training.work.losses import mean_loss
from dsbs_gui.students.answering import answers
from dsbs_gui.students.decoding import generate
from dsbs_gui.students.loading import load_student
from tests.students.families import FAMILIES
from tests.students.tiny import talkative

from .toy import ROWS, folder_of, make_run, spec_for, student_of, train
from .trajectories import _Recorder

INPUTS = [row["input"] for row in ROWS]
# peft 0.21 asks for a property that transformers is about to rename.
pytestmark = [
    pytest.mark.filterwarnings("ignore:.*is_gradient_checkpointing.*:FutureWarning"),
    pytest.mark.filterwarnings("ignore:Input and output embeddings are no longer tied:UserWarning"),
]


@pytest.fixture
def _other_precision() -> Iterator[None]:
    """accelerate has one state a process, and a worker one run; a test has several runs."""
    yield
    AcceleratorState._reset_state(reset_partial_state=True)


@pytest.mark.parametrize("family", FAMILIES)
def test_it_trains_is_saved_is_loaded_and_answers(family: str, tmp_path: Path) -> None:
    folder = make_run(tmp_path / "run")
    given = folder_of(family, tmp_path / "student")
    said = train(spec_for(folder, student=given, steps=2, eval_every=2))
    before, after = load_student(given), load_student(str(student_of(folder, said)))
    assert after.kind == before.kind
    assert type(after.model) is type(before.model)
    changed = [
        name
        for (name, new), old in zip(after.model.named_parameters(), before.model.parameters(), strict=True)
        if not torch.equal(new, old)
    ]
    assert len(changed) > len(list(before.model.parameters())) / 2
    told = next(message for message in said if isinstance(message, Evaluated)).samples
    found = answers(after, INPUTS, explain=True)
    assert [answer.prediction for answer in found] == [sample["prediction"] for sample in told]
    assert [answer.rationale for answer in found] == [sample["rationale"] for sample in told]


@pytest.mark.parametrize("family", FAMILIES)
def test_a_lora_run_leaves_a_plain_student_that_answers_as_the_adapter_does(family: str, tmp_path: Path) -> None:
    pytest.importorskip("peft")
    given = folder_of(family, tmp_path / "student")
    folder = make_run(tmp_path / "run")
    session = setup.prepare(spec_for(folder, student=given, lora_rank=4, steps=3, lr=0.05), lambda _: None)
    base = session.student.model.get_base_model()
    frozen = {name: p.detach().clone() for name, p in base.named_parameters() if not p.requires_grad}
    recorder = _Recorder()
    for _ in range(3):
        training._take_step(session, recorder, lambda _: None)  # type: ignore[arg-type]
    assert all(torch.equal(dict(base.named_parameters())[name], value) for name, value in frozen.items())
    assert any(p.abs().max() > 0 for name, p in base.named_parameters() if "lora_B" in name)
    talkative(session.student)
    adapted = generate(session.student, INPUTS, "predict: ", 8)
    training._keep_best(session, lambda _: None, lambda: False, 3)
    plain = load_student(str(folder / "checkpoints" / "best-000003"))
    assert not any("lora" in name for name, _ in plain.model.named_parameters())
    assert (
        generate(plain, INPUTS, "predict: ", 8) == adapted == generate(merged(session.student), INPUTS, "predict: ", 8)
    )
    pairs = [example.label for example in session.train]
    assert mean_loss(plain, pairs, 6) == pytest.approx(mean_loss(session.student, pairs, 6), rel=1e-4)


@pytest.mark.usefixtures("_other_precision")
@pytest.mark.parametrize("family", FAMILIES)
def test_in_bf16_losses_are_finite_and_near_those_of_fp32_and_weights_stay_in_fp32(family: str, tmp_path: Path) -> None:
    given = folder_of(family, tmp_path / "student")
    seen = {}
    for precision, told in (("auto", "fp32"), ("bf16", "bf16")):  # on a CPU
        AcceleratorState._reset_state(reset_partial_state=True)
        folder = make_run(tmp_path / precision)
        said = train(spec_for(folder, student=given, steps=3, eval_every=3, precision=precision, device="cpu"))
        assert [m.facts["precision"] for m in said if isinstance(m, TrainingReady)] == [told]
        seen[told] = said[-1].summary
        values = [value for m in said if isinstance(m, StepMetrics) for value in m.values.values()]
        assert all(map(math.isfinite, values))
        assert {p.dtype for p in load_student(str(student_of(folder, said))).model.parameters()} == {torch.float32}
    for name in ("first_label_loss", "first_rationale_loss"):
        assert seen["bf16"][name] == pytest.approx(seen["fp32"][name], rel=0.03)
        assert seen["bf16"][name] != seen["fp32"][name]
