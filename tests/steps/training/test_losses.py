"""Items M1 to M7 of the method: what the loss must be, on both kinds of student."""

from __future__ import annotations

import copy
from dataclasses import replace

import pytest
import torch
import torch.nn.functional as functional

from dsbs_gui.steps.training.methods import alpha
from dsbs_gui.steps.training.rows import Row
from dsbs_gui.steps.training.work.batches import Example, collate, encode_rows
from dsbs_gui.steps.training.work.losses import Losses, mean_loss, step_losses, token_loss_sum
from dsbs_gui.students.meta import ENCODER_DECODER
from dsbs_gui.students.student import Student
from tests.students.tiny import MAKERS, tiny_t5

ROWS = [
    Row(1, "Mia has 4 pens. How many pens has Mia?", "4", "Mia has 4 pens."),
    Row(2, "Tom has 3 more.", "a rather long label 12", "4 + 3 = 7"),
    Row(3, "red", "blue", "blue is not red, and it takes a longer sentence to say so than most others do"),
    Row(4, "How many pens has Tom, who has 3 more pens than Mia?", "7", "Mia has 4. 4 + 3 = 7."),
    Row(5, "blue", "red", "it is"),
    Row(6, "pens", "Mia has 4", "Mia has 4 pens and Tom has 3 pens."),
]


def _gradients(student: Student) -> torch.Tensor:
    return torch.cat([p.grad.flatten() for p in student.model.parameters() if p.grad is not None])


def _step(student: Student, examples: list[Example], weight: float, micro: int = 6) -> tuple[Losses, torch.Tensor]:
    student.model.zero_grad()
    losses = step_losses(student, examples, weight, micro, lambda loss: loss.backward())
    return losses, _gradients(student)


def _by_hand(student: Student, pairs: list, lengths: list[int]) -> torch.Tensor:
    """Cross-entropy one pair at a time, without batches or padding; summed, then divided by all tokens."""
    total = torch.zeros((), dtype=next(student.model.parameters()).dtype)
    for pair in pairs:
        if student.kind == ENCODER_DECODER:
            logits = student.model(input_ids=torch.tensor([pair.input]), labels=torch.tensor([pair.target])).logits[0]
        else:
            whole = torch.tensor([pair.input + pair.target])
            logits = student.model(input_ids=whole).logits[0, len(pair.input) - 1 : -1]
        total = total + functional.cross_entropy(logits, torch.tensor(pair.target), reduction="sum")
    return total / sum(lengths)


@pytest.fixture(params=MAKERS)
def student(request: pytest.FixtureRequest) -> Student:
    return MAKERS[request.param]()


@pytest.fixture
def examples(student: Student) -> list[Example]:
    return encode_rows(student, ROWS)[0]


def test_m1_the_loss_is_the_one_written_by_hand(student: Student, examples: list[Example]) -> None:
    losses, gradient = _step(student, examples, 0.7)
    student.model.zero_grad()
    label = _by_hand(student, [e.label for e in examples], [len(e.label.target) for e in examples])
    reasons = [e.rationale for e in examples]
    rationale = _by_hand(student, reasons, [len(pair.target) for pair in reasons])
    (label + 0.7 * rationale).backward()
    by_hand = _gradients(student)
    assert losses.label == pytest.approx(label.item(), rel=1e-6)
    assert losses.rationale == pytest.approx(rationale.item(), rel=1e-6)
    assert losses.total == pytest.approx((label + 0.7 * rationale).item(), rel=1e-6)
    assert torch.linalg.norm(gradient - by_hand) <= 1e-5 * torch.linalg.norm(by_hand)


def test_m2_at_lambda_0_the_rationale_pass_is_never_made(examples: list[Example], student: Student) -> None:
    calls: list[int] = []
    hook = student.model.register_forward_hook(lambda *_: calls.append(1))
    losses, gradient = _step(student, examples, 0.0)
    hook.remove()
    alone, alone_gradient = _step(student, [replace(e, rationale=None) for e in examples], 1.0)
    assert len(calls) == 1
    assert losses == alone == Losses(losses.label, None, losses.label)
    assert torch.equal(gradient, alone_gradient)


def _train(student: Student, examples: list[Example], weight: float, scale: float) -> torch.Tensor:
    optimiser = torch.optim.AdamW(student.model.parameters(), lr=1e-3, weight_decay=0.0)
    for _ in range(8):
        optimiser.zero_grad()
        step_losses(student, examples, weight, 6, lambda loss: (scale * loss).backward())
        # Below the norm of either: where only one of them is clipped, Adam's moments drift apart.
        torch.nn.utils.clip_grad_norm_(student.model.parameters(), 0.5)
        optimiser.step()
    return torch.cat([p.detach().flatten() for p in student.model.parameters()])


def test_m3_alpha_one_half_and_lambda_1_are_the_same_under_clipping() -> None:
    student = tiny_t5()
    student.model.double()
    other = replace(student, model=copy.deepcopy(student.model))
    examples = encode_rows(student, ROWS)[0]
    # α·label + (1-α)·rationale is α times label + λ·rationale.
    weights = _train(student, examples, 1.0, 1.0), _train(other, examples, 1.0, alpha(1.0))
    assert float((weights[0] - weights[1]).abs().max()) <= 1e-7


def test_m4_one_merged_batch_and_a_split_decoder_give_the_same_loss() -> None:
    student = tiny_t5()
    student.model.double()
    examples = encode_rows(student, ROWS)[0]
    _, two_pass = _step(student, examples, 0.5)
    labels, reasons = [e.label for e in examples], [e.rationale for e in examples]
    n_label, n_reason = (sum(len(pair.target) for pair in pairs) for pairs in (labels, reasons))

    def merged() -> torch.Tensor:
        batch = collate(student, [*labels, *reasons])
        logits = student.model(**batch.inputs).logits
        losses = functional.cross_entropy(logits.transpose(1, 2), batch.targets, reduction="none").sum(1)
        return losses[: len(labels)].sum() / n_label + 0.5 * losses[len(labels) :].sum() / n_reason

    def split_decoder() -> torch.Tensor:
        both = collate(student, [*labels, *reasons])
        encoded = student.model.encoder(both.inputs["input_ids"], both.inputs["attention_mask"]).last_hidden_state
        total = torch.zeros((), dtype=torch.float64)
        for part, pairs, weight in ((slice(0, 6), labels, 1 / n_label), (slice(6, 12), reasons, 0.5 / n_reason)):
            own = collate(student, pairs)
            logits = student.model(
                encoder_outputs=(encoded[part],),
                attention_mask=both.inputs["attention_mask"][part],
                decoder_input_ids=own.inputs["decoder_input_ids"],
            ).logits
            total = total + weight * functional.cross_entropy(
                logits.flatten(0, 1), own.targets.flatten(), reduction="sum"
            )
        return total

    for variant in (merged, split_decoder):
        student.model.zero_grad()
        variant().backward()
        assert torch.linalg.norm(_gradients(student) - two_pass) <= 1e-6 * torch.linalg.norm(two_pass)


def test_m5_padding_does_not_count(student: Student, examples: list[Example]) -> None:
    pairs = [examples[4].label, examples[1].label]
    batch = collate(student, pairs)
    padded = copy.deepcopy(batch)
    fills = {"attention_mask": 0, "input_ids": student.pad_id, "decoder_input_ids": student.pad_id}
    for name, value in batch.inputs.items():
        more = 9 if name == "decoder_input_ids" else 17
        padded.inputs[name] = functional.pad(value, (0, more), value=fills[name])
    more = 9 if student.kind == ENCODER_DECODER else 17
    padded = replace(padded, targets=functional.pad(batch.targets, (0, more), value=-100))
    with torch.no_grad():
        a, b = token_loss_sum(student.model, batch), token_loss_sum(student.model, padded)
    assert float(b) == pytest.approx(float(a), rel=1e-6)


@pytest.mark.parametrize("micro", [6, 3, 1])
def test_m6_the_micro_batch_does_not_change_the_gradient(student: Student, examples: list[Example], micro: int) -> None:
    student.model.double()
    whole, gradient = _step(student, examples, 1.0, 6)
    losses, small = _step(student, examples, 1.0, micro)
    assert torch.linalg.norm(small - gradient) <= 1e-6 * torch.linalg.norm(gradient)
    assert losses.total == pytest.approx(whole.total, rel=1e-9)


def test_m6_averaging_the_means_of_micro_batches_would_be_wrong(student: Student, examples: list[Example]) -> None:
    student.model.double()
    _, gradient = _step(student, examples, 1.0)
    student.model.zero_grad()
    for example in examples:
        step_losses(student, [example], 1.0, 1, lambda loss: (loss / len(examples)).backward())
    assert torch.linalg.norm(_gradients(student) - gradient) > 5e-2 * torch.linalg.norm(gradient)


def test_m7_rows_without_a_rationale_are_left_out_of_that_term_only(student: Student, examples: list[Example]) -> None:
    kept = [e if index in (1, 3) else replace(e, rationale=None) for index, e in enumerate(examples)]
    losses, _ = _step(student, kept, 1.0)
    subset, _ = _step(student, [examples[1], examples[3]], 1.0)
    every, _ = _step(student, examples, 1.0)
    assert losses.rationale == pytest.approx(subset.rationale, rel=1e-6)
    assert losses.label == pytest.approx(every.label, rel=1e-6)
    none, gradient = _step(student, [replace(e, rationale=None) for e in examples], 1.0)
    assert none == Losses(none.label, None, none.label)
    assert torch.isfinite(gradient).all()


def test_the_validation_loss_is_the_label_loss_without_dropout() -> None:
    student = tiny_t5(dropout=0.5)
    examples = encode_rows(student, ROWS)[0]
    student.model.train()
    loss = mean_loss(student, [e.label for e in examples], 4)
    student.model.eval()
    assert loss == pytest.approx(_step(student, examples, 0.0)[0].label, rel=1e-5)
