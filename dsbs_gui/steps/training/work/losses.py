"""L = L_label + λ·L_rationale, each normalised by the target tokens of the whole effective batch.

Averaging the means of micro-batches instead would weigh short targets more (a gradient error of
15 % on ragged targets was measured). The paper averages over examples; over tokens is what T5's own loss and the
reference code do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import torch
import torch.nn.functional as functional

from dsbs_gui.students.student import Student

from .batches import IGNORED, Batch, Example, Pair, micro_batches, target_tokens

Backward = Callable[[torch.Tensor], Any]


class Losses(NamedTuple):
    """Nats per target token; ``rationale`` is None where no row of the batch has one or λ is 0."""

    label: float
    rationale: float | None
    total: float


def token_loss_sum(model: Any, batch: Batch) -> torch.Tensor:
    """Cross-entropy summed over the target tokens that count: float32 (or wider) [], nats."""
    logits = model(**batch.inputs, use_cache=False).logits
    if logits.dtype != torch.float64:
        logits = logits.float()
    return functional.cross_entropy(
        logits.flatten(0, 1), batch.targets.flatten(), ignore_index=IGNORED, reduction="sum"
    )


def step_losses(student: Student, examples: Sequence[Example], weight: float, micro: int, backward: Backward) -> Losses:
    """Gradients of one effective batch, by way of ``backward``, and its losses.

    Two forward passes, one a task; the rationale's is never made at λ = 0. Rows without a rationale
    are left out of that term only.

    Args:
        weight: λ.
        micro: pairs computed at once; does not change the result.
    """
    label = _term(student, [e.label for e in examples], 1.0, micro, backward)
    reasons = [e.rationale for e in examples if e.rationale is not None] if weight > 0 else []
    if not reasons:
        return Losses(label, None, label)
    rationale = _term(student, reasons, weight, micro, backward)
    return Losses(label, rationale, label + weight * rationale)


@torch.no_grad()
def mean_loss(student: Student, pairs: Sequence[Pair], micro: int) -> float:
    """Loss of ``pairs`` without gradients or dropout; nats per target token."""
    student.model.eval()
    total = sum(float(token_loss_sum(student.model, batch)) for batch in _on_device(student, pairs, micro))
    return total / target_tokens(pairs)


def _term(student: Student, pairs: Sequence[Pair], weight: float, micro: int, backward: Backward) -> float:
    tokens = target_tokens(pairs)
    total = torch.zeros((), device=student.device, dtype=torch.float64)
    for batch in _on_device(student, pairs, micro):
        loss = token_loss_sum(student.model, batch)
        backward(weight * loss / tokens)
        total += loss.detach()
    return float(total) / tokens


def _on_device(student: Student, pairs: Sequence[Pair], micro: int) -> Iterator[Batch]:
    return (batch.to(student.device) for batch in micro_batches(student, pairs, micro))
