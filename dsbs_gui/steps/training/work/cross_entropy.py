"""Cross-entropy over a large vocabulary that needs no memory beside the logits.

torch's own keeps the logarithms of all probabilities for the backward pass, and makes their gradient in a third place.
Of a small student the logits are the largest tensor there is: here they become their own gradient, a few rows at a time
while the processor's cache has them. The numbers are the same. On two CPU cores head and loss of 2,900 tokens over
32,128 words took 10 to 19 % less time, forward and backward.
"""

from __future__ import annotations

from typing import Any

import torch

NUMBERS_AT_ONCE = 1 << 19
"""On a CPU: 2 MB, which its cache holds. A GPU takes all at once: it waits for each small step."""


def summed_cross_entropy(logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Cross-entropy summed over tokens: [], nats. ``logits`` are used up: who needs them reads them before.

    Args:
        logits: float32 or float64 [tokens, vocabulary].
        targets: int64 [tokens].
    """
    loss: torch.Tensor = _SummedCrossEntropy.apply(logits, targets)[0]
    return loss


class _SummedCrossEntropy(torch.autograd.Function):
    """Its second result are the logits as they are left, so that autograd knows that they have changed: an operation
    that would have needed them as they were fails instead of computing something else."""

    @staticmethod
    def forward(ctx: Any, logits: torch.Tensor, targets: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        loss = logits.new_zeros(())
        at_once = max(1, NUMBERS_AT_ONCE // logits.shape[1] if logits.device.type == "cpu" else len(logits))
        for rows, right in zip(logits.split(at_once), targets[:, None].split(at_once), strict=True):
            normaliser = rows.logsumexp(1, keepdim=True)
            loss += (normaliser - rows.gather(1, right)).sum()
            rows.sub_(normaliser).exp_().scatter_add_(1, right, -torch.ones_like(normaliser))
        ctx.mark_dirty(logits)
        ctx.save_for_backward(logits)
        return loss, logits

    @staticmethod
    def backward(ctx: Any, *grads: torch.Tensor) -> tuple[torch.Tensor, None]:
        (gradient,) = ctx.saved_tensors
        return gradient.mul_(grads[0]), None
