"""Cross-entropy in the place of the logits: torch's own numbers, value and gradient."""

from __future__ import annotations

import pytest
import torch
from torch.nn.functional import cross_entropy

from dsbs_gui.steps.training.work import cross_entropy as work
from dsbs_gui.steps.training.work.cross_entropy import summed_cross_entropy


def _both(dtype: torch.dtype, tokens: int, scale: float = 1.0) -> tuple[list[torch.Tensor], list[torch.Tensor]]:
    """Value, gradient of the hidden states and of the head; ours, then torch's."""
    torch.manual_seed(0)
    hidden, head = torch.randn(tokens, 8, dtype=dtype), torch.randn(50, 8, dtype=dtype) * scale
    targets = torch.randint(0, 50, (tokens,))
    found = []
    for loss in (summed_cross_entropy, lambda logits, right: cross_entropy(logits, right, reduction="sum")):
        one, other = hidden.clone().requires_grad_(), head.clone().requires_grad_()
        value = loss(one @ other.T, targets)
        (0.3 * value / tokens).backward()
        found.append([value.detach(), one.grad, other.grad])
    return found[0], found[1]


@pytest.mark.parametrize("tokens", [1, 16, 35])
@pytest.mark.parametrize(("dtype", "within"), [(torch.float32, 1e-6), (torch.float64, 1e-14)])
def test_value_and_gradients_are_torchs(
    tokens: int, dtype: torch.dtype, within: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work, "NUMBERS_AT_ONCE", 16 * 50)
    for ours, torchs in zip(*_both(dtype, tokens), strict=True):
        assert torch.allclose(ours, torchs, rtol=within, atol=within * float(torchs.abs().max()))


def test_large_logits_overflow_no_more_than_torchs() -> None:
    for ours, torchs in zip(*_both(torch.float32, 20, scale=1e4), strict=True):
        assert torch.isfinite(ours).all()
        assert torch.allclose(ours, torchs, rtol=1e-5, atol=1e-5 * float(torchs.abs().max()))


def test_a_number_that_is_none_stays_none() -> None:
    logits = torch.tensor([[1.0, float("nan")], [0.0, 1.0]])
    assert torch.isnan(summed_cross_entropy(logits, torch.tensor([0, 1])))


def test_it_works_without_gradients_too() -> None:
    logits = torch.randn(5, 7)
    expected = cross_entropy(logits, torch.arange(5), reduction="sum")
    with torch.no_grad():
        assert summed_cross_entropy(logits.clone(), torch.arange(5)).item() == pytest.approx(expected.item(), rel=1e-6)


def test_an_operation_that_needs_the_logits_as_they_were_fails_instead_of_computing_something_else() -> None:
    logits = torch.randn(3, 4, requires_grad=True).tanh()  # whose gradient is made from its result
    loss = summed_cross_entropy(logits, torch.arange(3))
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        loss.backward()
