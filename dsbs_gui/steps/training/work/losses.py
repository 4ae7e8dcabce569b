"""L = L_label + λ·L_rationale, each normalised by the target tokens of the whole effective batch.

Averaging the means of micro-batches instead would weigh short targets more (a gradient error of
15 % on ragged targets was measured). The paper averages over examples; over tokens is what T5's own loss and the
reference code do.

The head over the vocabulary, the largest single matrix of a small student, works only where there is a target: not on
padding, nor on the prompts of a decoder-only student.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from typing import Any, NamedTuple

import torch

from dsbs_gui.students.student import Student

from .batches import Batch, Example, Pair, learnt_pairs, micro_batches, room_of_one, target_tokens
from .cross_entropy import summed_cross_entropy
from .cutting import Room

Backward = Callable[[torch.Tensor], Any]


class Losses(NamedTuple):
    """Nats per target token; ``rationale`` is None where no row of the batch has one or λ is 0."""

    label: float
    rationale: float | None
    total: float


class Terms(NamedTuple):
    """The losses of a step where they were computed: reading them makes the processor wait for the GPU.

    Attributes:
        label, rationale: tensors [], nats per target token.
        weight: λ.
    """

    label: torch.Tensor
    rationale: torch.Tensor | None
    weight: float

    def read(self, *others: torch.Tensor) -> tuple[Losses, list[float]]:
        """The losses and ``others``, single numbers too, as floats: one wait for all."""
        own = [self.label] if self.rationale is None else [self.label, self.rationale]
        label, *rest = torch.stack([value.detach().to(self.label) for value in (*own, *others)]).tolist()
        if self.rationale is None:
            return Losses(label, None, label), rest
        return Losses(label, rest[0], label + self.weight * rest[0]), rest[1:]


def token_loss_sum(student: Student, batch: Batch) -> torch.Tensor:
    """Cross-entropy summed over the target tokens: float32 (or wider) [], nats."""
    packed = student.packing.laid_out(batch.layout) if batch.layout else nullcontext()
    with packed, _head_only_at(student.model, batch.places):
        logits = student.model(**batch.inputs, use_cache=False).logits
    if logits.dtype != torch.float64:
        logits = logits.float()
    return summed_cross_entropy(logits, batch.targets)


def step_losses(
    student: Student,
    examples: Sequence[Example],
    weight: float,
    room: Room,
    backward: Backward,
    own: Callable[[Sequence[Pair]], Sequence[Pair]] = list,
) -> Terms:
    """Gradients of one effective batch, by way of ``backward``, and its losses.

    Each task has its own passes; the rationale's are never made at λ = 0. Rows without a rationale
    are left out of that term only.

    Args:
        weight: λ.
        room: of one pass; does not change the result.
        own: this process's part of a task's pairs. Both results are then its part of the sum over all.
    """
    labels, reasons = learnt_pairs(examples, weight)
    label = _term(student, labels, own(labels), 1.0, room, backward)
    if not reasons:
        return Terms(label, None, weight)
    return Terms(label, _term(student, reasons, own(reasons), weight, room, backward), weight)


@torch.no_grad()
def mean_loss(student: Student, pairs: Sequence[Pair], rows: int) -> float:
    """Loss of ``pairs`` without gradients or dropout, with room for ``rows`` of them; nats per target token."""
    student.model.eval()
    room = room_of_one(student, pairs).times(rows)
    total = sum(float(token_loss_sum(student, batch)) for batch in _on_device(student, pairs, room))
    return total / target_tokens(pairs)


def _term(
    student: Student, pairs: Sequence[Pair], own: Sequence[Pair], weight: float, room: Room, backward: Backward
) -> torch.Tensor:
    """Of ``own``, the part of ``pairs`` that is computed here, normalised by the tokens of all."""
    tokens = target_tokens(pairs)
    total: torch.Tensor | None = None
    for batch in _on_device(student, own, room):
        loss = token_loss_sum(student, batch)
        backward(weight * loss / tokens)
        total = loss.detach() if total is None else total + loss.detach()
    return torch.zeros((), device=student.device) if total is None else total / tokens


def _on_device(student: Student, pairs: Sequence[Pair], room: Room) -> Iterator[Batch]:
    return (batch.to(student.device) for batch in micro_batches(student, pairs, room))


@contextmanager
def _head_only_at(model: Any, places: torch.Tensor) -> Iterator[None]:
    """Within it the model's logits are [places, vocabulary], as if picked from [batch · length, vocabulary]."""

    def pick(_: Any, hidden: tuple[torch.Tensor, ...]) -> tuple[torch.Tensor]:
        return (hidden[0].flatten(0, 1).index_select(0, places),)

    hook = model.get_output_embeddings().register_forward_pre_hook(pick)
    try:
        yield
    finally:
        hook.remove()
