"""A T5 that computes no padding: the rows of a pass lie one behind the other.

All of a T5 but its attention looks at one token at a time: feed-forward layers, norms, projections. Without padding
between the rows there is nothing to compute for it, whatever the lengths. Inside attention the rows are spread to
[rows, heads, width, …] and gathered again. transformers has this for attention kernels of some GPUs alone, and not for
T5's position bias; here it is for all devices. What the model computes for a token is the same.

Only training asks for it. Generation, and every other kind of student, goes the usual way.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from torch.nn.functional import scaled_dot_product_attention

ATTENTION = ("T5Attention", "MT5Attention")


@dataclass(frozen=True)
class Side:
    """Where the tokens of one stack lie.

    Attributes:
        places: int64 [tokens]: of each packed token in the flattened [rows · width].
        real: bool [rows, width]: where there is one.
    """

    places: torch.Tensor
    real: torch.Tensor

    @classmethod
    def of(cls, lengths: Sequence[int]) -> Side:
        width = max(lengths)
        real = torch.arange(width)[None, :] < torch.tensor(lengths)[:, None]
        return cls(real.flatten().nonzero().flatten(), real)

    def to(self, device: torch.device) -> Side:
        return Side(self.places.to(device, non_blocking=True), self.real.to(device, non_blocking=True))

    def spread(self, packed: torch.Tensor, heads: int) -> torch.Tensor:
        """[1, tokens, heads · size] → [rows, heads, width, size], zero where there is no token."""
        rows, width = self.real.shape
        room = packed.new_zeros(rows * width, packed.shape[-1])
        # Not index_copy_, as fast: it would keep the packed rows beside the spread ones for the backward pass.
        return room.index_put_((self.places,), packed[0]).view(rows, width, heads, -1).transpose(1, 2)

    def gather(self, spread: torch.Tensor) -> torch.Tensor:
        """The way back: [rows, heads, width, size] → [1, tokens, heads · size]."""
        return spread.transpose(1, 2).flatten(2).flatten(0, 1).index_select(0, self.places)[None]


@dataclass(frozen=True)
class Layout:
    """How the rows of one pass lie in the encoder and in the decoder."""

    read: Side
    written: Side

    def to(self, device: torch.device) -> Layout:
        return Layout(self.read.to(device), self.written.to(device))


class Packing:
    """What a model's attention asks for its layout; without one it works as transformers wrote it."""

    def __init__(self) -> None:
        self.layout: Layout | None = None

    @contextmanager
    def laid_out(self, layout: Layout) -> Iterator[None]:
        """Within it the model is given packed ids, [1, tokens], without masks."""
        self.layout = layout
        try:
            yield
        finally:
            self.layout = None


def packing_of(model: torch.nn.Module) -> Packing | None:
    """Teach a T5 to work on packed rows; None for a model of another kind."""
    found = [module for module in model.modules() if type(module).__name__ in ATTENTION]
    if not found or getattr(model, "is_activation_checkpointing", False):  # which computes again when all is laid away
        return None
    packing = Packing()
    for module in found:
        module.forward = partial(_attend, module, packing)
    return packing


def _attend(
    module: Any,
    packing: Packing,
    hidden_states: torch.Tensor,
    mask: torch.Tensor | None = None,
    key_value_states: torch.Tensor | None = None,
    position_bias: torch.Tensor | None = None,
    past_key_values: Any = None,
    **more: Any,
) -> Any:
    """In the place of ``T5Attention.forward``, whose arguments and results these are."""
    layout = packing.layout
    if layout is None:
        return type(module).forward(
            module, hidden_states, mask, key_value_states, position_bias, past_key_values, **more
        )
    own = layout.written if module.is_decoder else layout.read
    seen, source = (own, hidden_states) if key_value_states is None else (layout.read, key_value_states)
    query = own.spread(module.q(hidden_states), module.n_heads)
    key, value = (seen.spread(project(source), module.n_heads) for project in (module.k, module.v))
    if position_bias is None:  # the first layer's; it goes on to the others
        position_bias = _bias(module, own, seen, crossing=key_value_states is not None)
    dropout = module.dropout if module.training else 0.0
    bias = position_bias if position_bias.dtype == torch.bool else position_bias.to(query.dtype)
    mixed = scaled_dot_product_attention(query, key, value, bias, dropout, scale=module.scaling)
    return module.o(own.gather(mixed)), position_bias, None


def _bias(module: Any, own: Side, seen: Side, crossing: bool) -> torch.Tensor:
    """Added to the scores of a stack: T5's position bias, and -∞ but where a token is real and no later one."""
    allowed = seen.real[:, None, None, :]
    if crossing:
        return allowed
    width = own.real.shape[1]
    if module.is_decoder:
        allowed = allowed & torch.ones(width, width, dtype=torch.bool, device=own.real.device).tril()
    bias: torch.Tensor = module.compute_bias(width, width, device=own.real.device)
    return bias.masked_fill(~allowed, torch.finfo(bias.dtype).min)
