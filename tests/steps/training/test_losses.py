"""Items M1 to M7 of the method: what the loss must be, on each way of computing a student."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest
import torch
import torch.nn.functional as functional

from dsbs_gui.steps.training.methods import alpha, rationale_weight
from dsbs_gui.steps.training.rows import Row
from dsbs_gui.steps.training.work import batches
from dsbs_gui.steps.training.work.batches import Batch, Example, Pair, collate, encode_rows, room_of_one, target_tokens
from dsbs_gui.steps.training.work.losses import Losses, mean_loss, step_losses, token_loss_sum
from dsbs_gui.steps.training.work.optimiser import make_optimiser
from dsbs_gui.steps.training.work.packing import packing_of
from dsbs_gui.students.decoding import generate
from dsbs_gui.students.meta import ENCODER_DECODER, LABEL_PREFIX, RATIONALE_PREFIX
from dsbs_gui.students.student import Student
from tests.students.families import FAMILIES, PROVED
from tests.students.tiny import TEXTS, talkative, tiny_t5

ROWS = [
    Row(1, "Mia has 4 pens. How many pens has Mia?", "4", "Mia has 4 pens."),
    Row(2, "Tom has 3 more.", "a rather long label 12", "4 + 3 = 7"),
    Row(3, "red", "blue", "blue is not red, and it takes a longer sentence to say so than most others do"),
    Row(4, "How many pens has Tom, who has 3 more pens than Mia?", "7", "Mia has 4. 4 + 3 = 7."),
    Row(5, "blue", "red", "it is"),
    Row(6, "pens", "Mia has 4", "Mia has 4 pens and Tom has 3 pens."),
]
LOSS_WITHIN = {torch.float32: 1e-6, torch.float64: 1e-12}
GRADIENT_WITHIN = {torch.float32: 1e-5, torch.float64: 1e-10}
NATURAL = [[0, 1, 2], [3, 4, 5]]
"""As a loop without a thought for lengths would cut the six rows."""


@pytest.fixture(params=[*PROVED, "t5, packed", "t5-gated, packed"])
def student(request: pytest.FixtureRequest) -> Student:
    family, _, packed = request.param.partition(", ")
    made = FAMILIES[family]()
    if packed:
        made.packing = packing_of(made.model)
        assert made.packing is not None
    return made


def _copy(student: Student) -> Student:
    model, packing = copy.deepcopy((student.model, student.packing))
    return replace(student, model=model, packing=packing)


@pytest.fixture
def examples(student: Student) -> list[Example]:
    return encode_rows(student, ROWS)[0]


def _weights(student: Student) -> torch.Tensor:
    return torch.cat([p.detach().flatten() for p in student.model.parameters()])


def _gradients(student: Student) -> torch.Tensor:
    return torch.cat([p.grad.flatten() for p in student.model.parameters() if p.grad is not None])


def _backward(loss: torch.Tensor) -> None:
    loss.backward()


def _losses(
    student: Student, examples: Sequence[Example], weight: float, rows: int = 6, backward: Any = _backward
) -> Losses:
    room = room_of_one(student, [pair for example in examples for pair in example.pairs]).times(rows)
    return step_losses(student, examples, weight, room, backward).read()[0]


def _step(student: Student, examples: Sequence[Example], weight: float, rows: int = 6) -> tuple[Losses, torch.Tensor]:
    student.model.zero_grad()
    return _losses(student, examples, weight, rows), _gradients(student)


def _by_hand(student: Student, pairs: Sequence[Pair]) -> torch.Tensor:
    """Cross-entropy one pair at a time, without batches or padding; summed, then divided by all tokens."""
    total = torch.zeros((), dtype=student.model.dtype)
    for pair in pairs:
        if student.kind == ENCODER_DECODER:
            logits = student.model(input_ids=torch.tensor([pair.input]), labels=torch.tensor([pair.target])).logits[0]
        else:
            whole = torch.tensor([pair.input + pair.target])
            logits = student.model(input_ids=whole).logits[0, len(pair.input) - 1 : -1]
        total = total + functional.cross_entropy(logits, torch.tensor(pair.target), reduction="sum")
    return total / sum(len(pair.target) for pair in pairs)


def _near(found: torch.Tensor, wanted: torch.Tensor, within: float) -> bool:
    return bool(torch.linalg.norm(found - wanted) <= within * torch.linalg.norm(wanted))


@pytest.mark.parametrize("dtype", LOSS_WITHIN)
def test_m1_the_loss_is_the_one_written_by_hand(student: Student, examples: list[Example], dtype: torch.dtype) -> None:
    student.model.to(dtype)
    losses, gradient = _step(student, examples, 0.7)
    student.model.zero_grad()
    label = _by_hand(student, [e.label for e in examples])
    rationale = _by_hand(student, [e.rationale for e in examples if e.rationale])
    (label + 0.7 * rationale).backward()
    assert losses.label == pytest.approx(label.item(), rel=LOSS_WITHIN[dtype])
    assert losses.rationale == pytest.approx(rationale.item(), rel=LOSS_WITHIN[dtype])
    assert losses.total == pytest.approx((label + 0.7 * rationale).item(), rel=LOSS_WITHIN[dtype])
    assert _near(gradient, _gradients(student), GRADIENT_WITHIN[dtype])


def test_m1_the_head_is_asked_where_there_are_targets_and_nowhere_else(
    student: Student, examples: list[Example]
) -> None:
    asked: list[tuple[int, ...]] = []
    hook = student.model.get_output_embeddings().register_forward_hook(lambda *args: asked.append(args[-1].shape[:-1]))
    _step(student, examples, 0.7)
    hook.remove()
    pairs = [pair for example in examples for pair in example.pairs]
    assert all(len(shape) == 1 for shape in asked)
    assert sum(shape[0] for shape in asked) == target_tokens(pairs)


def _five_steps(student: Student, examples: Sequence[Example], weight: float) -> tuple[list[Losses], list[str]]:
    """The losses of five steps, and what the model was given to read in them."""
    read: list[str] = []

    def note(_: Any, __: Any, given: dict[str, Any]) -> None:
        read.append(student.tokenizer.decode(given["input_ids"].flatten().tolist()))

    hook = student.model.register_forward_pre_hook(note, with_kwargs=True)
    optimiser = make_optimiser(student.model, 1e-3, 0.0)
    losses = []
    for _ in range(5):
        losses.append(_losses(student, examples, weight))
        optimiser.step()
        optimiser.zero_grad()
    hook.remove()
    return losses, read


def test_m2_at_lambda_0_the_rationale_pass_is_never_made(student: Student, examples: list[Example]) -> None:
    other = _copy(student)
    losses, read = _five_steps(student, examples, 0.0)
    alone, alone_read = _five_steps(other, [Example(e.label, None) for e in examples], 1.0)
    assert losses == alone
    assert torch.equal(_weights(student), _weights(other))
    assert read == alone_read
    assert "".join(read).count(LABEL_PREFIX.strip()) == 5 * len(examples)
    assert RATIONALE_PREFIX.strip() not in "".join(read)
    assert losses[-1].label < losses[0].label


def test_m3_alpha_and_lambda_say_the_same() -> None:
    for weight in (0.0, 0.25, 1.0, 3.0):
        assert rationale_weight(alpha(weight)) == pytest.approx(weight, abs=1e-15)
    assert (alpha(1.0), rationale_weight(0.5)) == (0.5, 1.0)


def _clipped(student: Student, examples: Sequence[Example], weight: float, scale: float) -> float:
    """20 steps at clip 1.0; the least gradient norm before it."""
    optimiser = make_optimiser(student.model, 1e-3, 0.0)
    norms = []
    for _ in range(20):
        optimiser.zero_grad()
        _losses(student, examples, weight, backward=lambda loss: (scale * loss).backward())
        norms.append(float(torch.nn.utils.clip_grad_norm_(student.model.parameters(), 1.0)))
        optimiser.step()
    return min(norms)


def test_m3_alpha_one_half_and_lambda_1_are_the_same_under_clipping() -> None:
    student = FAMILIES["t5-gated"]()
    student.model.double()
    with torch.no_grad():
        student.model.lm_head.weight.mul_(6)  # large gradients: both are clipped in every step, as in real runs
    other = _copy(student)
    examples = encode_rows(student, ROWS)[0]
    # α·label + (1-α)·rationale is α times label + λ·rationale.
    norms = _clipped(student, examples, 1.0, 1.0), _clipped(other, examples, 1.0, alpha(1.0))
    assert min(norms) > 1.0
    assert float((_weights(student) - _weights(other)).abs().max()) <= 1e-7


def _merged(student: Student, labels: list[Pair], reasons: list[Pair], weights: torch.Tensor) -> torch.Tensor:
    """Both tasks in one batch, each row's tokens weighted by its task."""
    batch = collate(student, [*labels, *reasons])
    logits = student.model(**batch.inputs).logits.flatten(0, 1)[batch.places]
    return (functional.cross_entropy(logits, batch.targets, reduction="none") * weights).sum()


def _split_decoder(student: Student, labels: list[Pair], reasons: list[Pair], weights: torch.Tensor) -> torch.Tensor:
    """One pass of the encoder over both tasks, one of the decoder for each."""
    both = collate(student, [*labels, *reasons])
    mask = both.inputs["attention_mask"]
    encoded = student.model.get_encoder()(both.inputs["input_ids"], mask).last_hidden_state
    total = torch.zeros((), dtype=student.model.dtype)
    for part, pairs, weight in ((slice(0, 6), labels, weights[0]), (slice(6, 12), reasons, weights[-1])):
        own = collate(student, pairs)
        logits = student.model(
            encoder_outputs=(encoded[part],),
            attention_mask=mask[part],
            decoder_input_ids=own.inputs["decoder_input_ids"],
        ).logits.flatten(0, 1)[own.places]
        total = total + weight * functional.cross_entropy(logits, own.targets, reduction="sum")
    return total


@pytest.mark.parametrize("dtype", LOSS_WITHIN)
@pytest.mark.parametrize("variant", [_merged, _split_decoder])
def test_m4_one_merged_batch_and_a_split_decoder_give_the_same_loss(
    student: Student, examples: list[Example], variant: Callable[..., torch.Tensor], dtype: torch.dtype
) -> None:
    if student.kind != ENCODER_DECODER and variant is _split_decoder:
        pytest.skip("a decoder-only student has no encoder to share")
    student.model.to(dtype)
    losses, two_pass = _step(student, examples, 0.5)
    labels, reasons = [e.label for e in examples], [e.rationale for e in examples if e.rationale]
    n_label, n_reason = target_tokens(labels), target_tokens(reasons)
    weights = torch.tensor([1 / n_label] * n_label + [0.5 / n_reason] * n_reason, dtype=dtype)
    student.model.zero_grad()
    loss = variant(student, labels, reasons, weights)
    loss.backward()
    assert losses.total == pytest.approx(loss.item(), rel=LOSS_WITHIN[dtype])
    assert _near(_gradients(student), two_pass, GRADIENT_WITHIN[dtype])


def _wider(student: Student, batch: Batch, inputs: int, targets: int) -> Batch:
    """``batch`` with more columns of padding."""
    widths = {"decoder_input_ids": targets}
    fills = {"attention_mask": 0}
    padded = {
        name: functional.pad(value, (0, widths.get(name, inputs)), value=fills.get(name, student.pad_id))
        for name, value in batch.inputs.items()
    }
    with_logits = "decoder_input_ids" if student.kind == ENCODER_DECODER else "input_ids"
    old, new = batch.inputs[with_logits].shape[1], padded[with_logits].shape[1]
    assert new > old
    return Batch(padded, batch.places // old * new + batch.places % old, batch.targets)


@pytest.mark.parametrize(("dtype", "within"), [(torch.float64, 1e-7), (torch.float32, 1e-6)])
def test_m5_padding_does_not_count(
    student: Student, examples: list[Example], dtype: torch.dtype, within: float
) -> None:
    student.model.to(dtype)
    pairs = [examples[4].label, examples[1].label]
    batch = collate(student, pairs)
    with torch.no_grad():
        plain, padded = (
            float(token_loss_sum(student, b)) / target_tokens(pairs) for b in (batch, _wider(student, batch, 17, 9))
        )
    assert abs(plain - padded) <= within * max(1.0, plain)


def test_m5_a_greedy_answer_is_the_same_alone_and_in_a_batch(student: Student) -> None:
    talkative(student)
    alone = [generate(student, [text], "predict: ", 12)[0] for text in TEXTS]
    assert generate(student, TEXTS, "predict: ", 12, batch_size=len(TEXTS)) == alone
    assert len(set(alone)) > 1


CUTS = {
    "1×6": lambda shapes, _: [[0, 1, 2, 3, 4, 5]],
    "3×2": lambda shapes, _: [[0, 1], [2, 3], [4, 5]],
    "6×1": lambda shapes, _: [[index] for index in range(6)],
    "2×3 sorted by length": lambda shapes, _: [
        sorted(range(6), key=lambda index: -sum(shapes[index]))[at : at + 3] for at in (0, 3)
    ],
}


@pytest.mark.parametrize("cut", [*CUTS, "ours, 1 row", "ours, 2 rows", "ours, 6 rows"])
def test_m6_how_a_batch_is_cut_does_not_change_the_gradient(
    student: Student, examples: list[Example], cut: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    student.model.double()
    student.model.zero_grad()
    by_hand = _by_hand(student, [e.label for e in examples]) + _by_hand(student, [e.rationale for e in examples])
    by_hand.backward()
    wanted = _gradients(student)
    if cut in CUTS:
        monkeypatch.setattr(batches, "cut", CUTS[cut])
    losses, found = _step(student, examples, 1.0, rows=int(cut.split()[1]) if cut.startswith("ours") else 6)
    assert _near(found, wanted, 1e-6)
    assert losses.total == pytest.approx(by_hand.item(), rel=1e-9)


def test_m6_averaging_the_means_of_micro_batches_would_be_wrong(student: Student, examples: list[Example]) -> None:
    student.model.double()
    _, gradient = _step(student, examples, 1.0)
    student.model.zero_grad()
    for part in NATURAL:
        micro = [examples[index] for index in part]
        _losses(student, micro, 1.0, backward=lambda loss: (loss / len(NATURAL)).backward())
    assert not _near(_gradients(student), gradient, 5e-2)


def test_m7_rows_without_a_rationale_are_left_out_of_that_term_only(student: Student, examples: list[Example]) -> None:
    student.model.double()
    kept = [e if index in (1, 3) else replace(e, rationale=None) for index, e in enumerate(examples)]
    losses, gradient = _step(student, kept, 1.0)
    student.model.zero_grad()
    label = _by_hand(student, [e.label for e in examples])
    rationale = _by_hand(student, [examples[1].rationale, examples[3].rationale])
    (label + rationale).backward()
    assert losses.label == pytest.approx(label.item(), rel=1e-12)
    assert losses.rationale == pytest.approx(rationale.item(), rel=1e-12)
    assert _near(gradient, _gradients(student), 1e-10)


def test_m7_where_no_row_has_a_rationale_the_label_loss_is_the_loss(student: Student, examples: list[Example]) -> None:
    none, gradient = _step(student, [replace(e, rationale=None) for e in examples], 1.0)
    alone, label_gradient = _step(student, examples, 0.0)
    assert none == alone == Losses(none.label, None, none.label)
    assert torch.equal(gradient, label_gradient)
    assert torch.isfinite(gradient).all()


def test_the_validation_loss_is_the_label_loss_without_dropout() -> None:
    student = tiny_t5(dropout=0.5)
    examples = encode_rows(student, ROWS)[0]
    student.model.train()
    loss = mean_loss(student, [e.label for e in examples], 4)
    student.model.eval()
    assert loss == pytest.approx(_step(student, examples, 0.0)[0].label, rel=1e-5)
