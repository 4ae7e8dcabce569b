"""A student in memory: model, tokenizer and how it wants to be asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .meta import DECODER_ONLY, ENCODER_DECODER, StudentMeta

if TYPE_CHECKING:
    import torch


@dataclass
class Student:
    """A model with its tokenizer.

    Attributes:
        model: a transformers model with a language-model head, in float32, on the device where it is to work.
        tokenizer: a fast tokenizer; has an end token.
        kind: ``encoder-decoder`` or ``decoder-only``.
        meta: prefixes, limits, task.
        source: where it was loaded from: a folder or a hub id; "" if it was made.
        packing: how its model works on rows without padding, where training has taught it to.
    """

    model: Any
    tokenizer: Any
    kind: str
    meta: StudentMeta
    source: str = ""
    packing: Any = None

    @property
    def device(self) -> torch.device:
        device: torch.device = self.model.device
        return device

    @property
    def eos_id(self) -> int:
        return int(self.tokenizer.eos_token_id)

    @property
    def pad_id(self) -> int:
        """The end token pads where a tokenizer has no padding token; masks hide it. Never resize for one."""
        pad = self.tokenizer.pad_token_id
        return self.eos_id if pad is None else int(pad)


def kind_of(config: Any) -> str:
    """``encoder-decoder`` or ``decoder-only``, from a transformers config."""
    return ENCODER_DECODER if getattr(config, "is_encoder_decoder", False) else DECODER_ONLY
