from __future__ import annotations

import sys
from pathlib import Path

import pytest
import torch

from dsbs_gui.core.errors import UserError
from dsbs_gui.steps.training.work.lora import adapt, merged
from dsbs_gui.students.decoding import generate
from dsbs_gui.students.loading import load_student
from tests.steps.training.toy import make_run, spec_for, stop_after, student_of, train
from tests.students.tiny import MAKERS, TEXTS, talkative

# peft 0.21 asks for a property that transformers is about to rename.
pytestmark = pytest.mark.filterwarnings("ignore:.*is_gradient_checkpointing.*:FutureWarning")


@pytest.mark.parametrize("kind", MAKERS)
def test_an_adapted_student_trains_little_and_merges_into_one_that_answers_the_same(kind: str) -> None:
    pytest.importorskip("peft")
    student = talkative(MAKERS[kind](seed=1))
    whole = sum(p.numel() for p in student.model.parameters())
    adapt(student, 4)
    trained = [p for p in student.model.parameters() if p.requires_grad]
    assert student.model.peft_config["default"].lora_alpha == 8, "twice the rank"
    assert 0 < sum(p.numel() for p in trained) < whole / 5
    with torch.no_grad():
        for p in trained:
            p.add_(0.1 * torch.randn(p.shape, generator=torch.Generator().manual_seed(0)))
    adapted = generate(student, TEXTS, "", 8)
    one = merged(student)
    assert generate(one, TEXTS, "", 8) == adapted
    assert not any("lora" in name for name, _ in one.model.named_parameters())
    assert any("lora" in name for name, _ in student.model.named_parameters())  # training goes on


def test_a_lora_run_stops_resumes_and_leaves_a_plain_student(tmp_path: Path) -> None:
    pytest.importorskip("peft")
    settings = {"lora_rank": 4, "steps": 4, "eval_every": 4}
    whole = make_run(tmp_path / "whole")
    expected = load_student(str(student_of(whole, train(spec_for(whole, **settings)))))
    first = make_run(tmp_path / "first")
    train(spec_for(first, **settings), stop_after(2))
    second = make_run(tmp_path / "second")
    found = load_student(str(student_of(second, train(spec_for(second, **settings, resume_from=str(first))))))
    for a, b in zip(found.model.parameters(), expected.model.parameters(), strict=True):
        assert torch.equal(a, b)


def test_without_peft_the_remedy_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "peft", None)
    with pytest.raises(UserError, match="needs the package peft") as error:
        adapt(MAKERS["encoder-decoder"](), 4)
    assert "pip install peft" in error.value.hint
