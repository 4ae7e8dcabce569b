"""Rows without padding: the same numbers, and none computed in vain. M1 to M7 hold for packed students too."""

from __future__ import annotations

import pytest
import torch

from dsbs_gui.steps.training.work.batches import collate, encode_rows
from dsbs_gui.steps.training.work.losses import token_loss_sum
from dsbs_gui.steps.training.work.packing import Side, packing_of
from dsbs_gui.students.decoding import generate
from tests.students.families import FAMILIES
from tests.students.tiny import TEXTS, talkative

from .test_losses import ROWS

T5S = ("t5", "t5-gated", "mt5")


@pytest.mark.parametrize("family", [name for name in FAMILIES if name not in T5S])
def test_only_a_t5_is_packed(family: str) -> None:
    assert packing_of(FAMILIES[family]().model) is None


@pytest.mark.parametrize("family", T5S)
def test_packed_rows_give_the_loss_of_padded_ones_and_compute_no_padding(family: str) -> None:
    student = FAMILIES[family]()
    student.model.double()
    pairs = [pair for example in encode_rows(student, ROWS)[0] for pair in example.pairs]
    expected = token_loss_sum(student, collate(student, pairs))
    student.packing = packing_of(student.model)
    seen: list[int] = []
    feeding = [module for name, module in student.model.named_modules() if name.endswith("layer.1.DenseReluDense")]
    hooks = [module.register_forward_hook(lambda *args: seen.append(args[-1].shape[:-1].numel())) for module in feeding]
    found = token_loss_sum(student, collate(student, pairs, packed=True))
    assert found.item() == pytest.approx(expected.item(), rel=1e-12)
    assert seen == [sum(len(pair.input) for pair in pairs)] * len(hooks)
    assert len(hooks) >= 2


def test_a_row_never_sees_another() -> None:
    student = FAMILIES["t5-gated"]()
    student.packing = packing_of(student.model)
    first, second, third = [e.label for e in encode_rows(student, ROWS)[0]][:3]
    alone = token_loss_sum(student, collate(student, [first], packed=True))
    for others in ([second], [third, second, third]):
        together = token_loss_sum(student, collate(student, [first, *others], packed=True))
        rest = token_loss_sum(student, collate(student, others, packed=True))
        assert (together - rest).item() == pytest.approx(alone.item(), rel=1e-5)


def test_dropout_falls_on_packed_rows_too() -> None:
    student = FAMILIES["t5"](dropout=0.3)
    student.packing = packing_of(student.model)
    batch = collate(student, [e.label for e in encode_rows(student, ROWS)[0]], packed=True)
    student.model.train()
    with torch.no_grad():
        assert token_loss_sum(student, batch).item() != token_loss_sum(student, batch).item()


def test_attention_has_dropout_of_its_own() -> None:
    student = FAMILIES["t5"]()
    student.packing = packing_of(student.model)
    for module in student.model.modules():
        if type(module).__name__ == "T5Attention":
            module.dropout = 0.5
    batch = collate(student, [e.label for e in encode_rows(student, ROWS)[0]], packed=True)
    with torch.no_grad():
        student.model.train()
        assert token_loss_sum(student, batch).item() != token_loss_sum(student, batch).item()
        student.model.eval()
        assert token_loss_sum(student, batch).item() == token_loss_sum(student, batch).item()


@pytest.mark.parametrize("family", T5S)
def test_a_student_that_was_taught_to_pack_answers_as_before(family: str) -> None:
    student = talkative(FAMILIES[family](seed=1))
    before = generate(student, TEXTS, "predict: ", 8)
    packing_of(student.model)
    assert generate(student, TEXTS, "predict: ", 8) == before


def test_a_model_that_computes_again_in_its_backward_pass_is_left_as_it_is() -> None:
    model = FAMILIES["t5"]().model
    model.activation_checkpointing_enable()
    assert packing_of(model) is None


def test_what_is_spread_comes_back_as_it_was() -> None:
    side = Side.of([3, 1, 2])
    packed = torch.randn(1, 6, 8)
    spread = side.spread(packed, heads=2)
    assert spread.shape == (3, 2, 3, 4)
    assert not spread[1, :, 1:].any()
    assert torch.equal(side.gather(spread), packed)
