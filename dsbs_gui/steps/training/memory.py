"""How much memory a training run takes: an estimate before anything is loaded, by parts and with its formulas.

Plain Python, shown while the form is filled in. At its start the worker tries the longest rows and measures
(``work/trial.py``): that is the better figure.

Source: derived from what the forward passes of transformers 5.23 keep for the backward pass, in the way of
Korthikanti et al., *Reducing Activation Recomputation in Large Transformer Models* (2022), whose formula is for GPT
blocks in fp16. Tests hold the formulas against the tensors that autograd really keeps. The peak of whole runs on a CPU
(CQA, two steps) was met with a ratio of 0.92 to 1.35 for the starter, T5-small size and SmolLM2-135M; LoRA is
overestimated (1.7), and so are small students with hundreds of rows at once (2.2), since batches are cut where that
saves padding. No GPU was at hand.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from .shapes import BART, T5, Shape

Verdict = Literal["fits", "tight", "does not fit"]

FLOAT = 4
MOMENTS = 2
"""AdamW keeps two numbers for each trained weight."""

OVERHEAD = {"cpu": 480 << 20, "gpu": 700 << 20}
"""The process with its libraries: measured on a CPU (372 MiB when it has
loaded them, 430 to 550 MiB over a run of a tiny student; torch 2.13). On a GPU an assumption: the context and
the workspaces of its libraries are commonly 0.3 to 0.7 GB."""

BF16_SHARE = {T5: 1.0, BART: 0.85}
BF16_SHARE_ELSEWHERE = 0.7
"""Activations under bf16 autocast against fp32, the cast weights included, as measured: norms and the residual stream
stay in fp32, and T5 also keeps its ``wo`` so."""

BYTES_A_TOKEN = 3.2
"""Of UTF-8: 3.2 to 3.7 on SVAMP and CQA for the starter's and SmolLM2's tokenizers; taken is what makes more tokens."""

EXTRA_TOKENS = 5
"""Prefix, end and start of a text."""

TIGHT = 0.8
"""Share of the free memory above which it is tight: as far as the estimate is off, and others take some too."""


@dataclass(frozen=True)
class Load:
    """What is computed at once.

    Attributes:
        rows: of one forward pass.
        input, label, rationale: tokens of the longest row of a pass; ``rationale`` 0 where none is learnt.
        bf16: autocast.
        lora_rank: 0 to train all weights.
        device: ``cpu`` or ``gpu``.
    """

    rows: int
    input: int
    label: int
    rationale: int = 0
    bf16: bool = False
    lora_rank: int = 0
    device: str = "cpu"


@dataclass(frozen=True)
class Estimate:
    """Bytes by part."""

    weights: int
    gradients: int
    optimiser: int
    activations: int
    logits: int
    overhead: int

    @property
    def total(self) -> int:
        return sum(self.__dict__.values())

    def largest(self) -> str:
        """The part that one can do most about: the libraries' own is none."""
        parts = {name: value for name, value in self.__dict__.items() if name != "overhead"}
        return max(parts, key=lambda name: parts[name])

    def verdict(self, free: int) -> Verdict:
        """Against the memory that is free, in bytes."""
        return "fits" if self.total <= TIGHT * free else "tight" if self.total <= free else "does not fit"


def estimate(shape: Shape, load: Load) -> Estimate:
    """Weights in float32; with LoRA also the copy into which the adaptation is worked for each better student."""
    trained = lora_parameters(shape, load.lora_rank) if load.lora_rank else shape.parameters
    weights = shape.parameters + (shape.parameters + trained if load.lora_rank else 0)
    passes = [load.label] + ([load.rationale] if load.rationale else [])
    kept = max(_activations(shape, load, target) for target in passes)
    return Estimate(
        FLOAT * weights,
        FLOAT * trained,
        FLOAT * MOMENTS * trained,
        kept,
        _logits(shape, load, max(passes)),
        OVERHEAD[load.device],
    )


def lora_parameters(shape: Shape, rank: int) -> int:
    """peft's usual targets: the queries and values of each attention get two matrices of that rank each."""
    attentions = shape.layers + 2 * shape.decoder_layers
    return rank * attentions * (2 * shape.width + shape.inner + shape.kv)


def _activations(shape: Shape, load: Load, target: int) -> int:
    numbers = activations(shape, load.rows, load.input, target)
    share = (BF16_SHARE.get(shape.family, BF16_SHARE_ELSEWHERE)) if load.bf16 else 1.0
    return round(FLOAT * numbers * share)


def activations(shape: Shape, rows: int, source: int, target: int) -> int:
    """Numbers that the layers of one forward pass keep, without the logits.

    With d the width, q and k those of queries and keys, f that of the feed-forward layer, h heads, and tokens
    E = rows · source and D = rows · target, a layer keeps:

    * decoder-only: ``(E + D) · (7d + q + 2k + 4f + h + 2)``; without a gate 2f instead of 4f.
    * T5: ``E · (6d + 6q + f) + D · (9d + 6q + f) + h · (rows · (source² + target²) + D)`` for one layer of encoder and
      decoder; gated 7f instead of f, since its GELU is made of single steps. The bias of positions is learnt, so that
      attention keeps its weights; with dropout three times, over the cross-attention too, 1d more a residual sum
      and 2f more a token.
    * BART: ``E · 12d + D · 15d + (E + D) · 2f + 3h · rows · (source² + target² + source · target)``.
    """
    encoded, decoded = rows * source, rows * target
    d, f, h = shape.width, shape.ff, shape.heads
    if shape.family not in (T5, BART):
        a_token = 7 * d + shape.inner + 2 * shape.kv + (4 if shape.gated else 2) * f + h + 2
        return (encoded + decoded) * (shape.layers * a_token + 3 * d)
    squares = rows * source**2, rows * target**2, rows * source * target
    if shape.family == BART:
        encoder = encoded * (12 * d + 2 * f) + 3 * h * squares[0]
        decoder = decoded * (15 * d + 2 * f) + 3 * h * (squares[1] + squares[2])
        return shape.layers * encoder + shape.decoder_layers * decoder
    wide = (7 if shape.gated else 1) * f + (2 * f if shape.dropout else 0)
    more = d if shape.dropout else 0
    attention = 3 if shape.dropout else 1
    crossed = 3 * squares[2] if shape.dropout else decoded
    encoder = encoded * (6 * d + 4 * shape.inner + wide + 2 * more) + attention * h * squares[0]
    keys = encoded * 2 * shape.inner  # of each cross-attention
    decoder = keys + decoded * (9 * d + 6 * shape.inner + wide + 3 * more) + h * (attention * squares[1] + crossed)
    return shape.layers * encoder + shape.decoder_layers * decoder + 3 * d * (encoded + decoded)


def _logits(shape: Shape, load: Load, target: int) -> int:
    """Over the vocabulary, where there are targets: the logarithms of the probabilities, and their gradient.

    Under bf16 the gradient is there in bf16 too.
    """
    return load.rows * target * shape.vocabulary * (10 if load.bf16 else 8)


@dataclass(frozen=True)
class Lengths:
    """About how many tokens the longest but one in a hundred of the chosen rows have."""

    input: int
    label: int
    rationale: int


def lengths_of(rows: Sequence[tuple[int, int, int]]) -> Lengths:
    """From the lengths of the chosen rows' input, label and rationale in bytes of UTF-8."""
    inputs, labels, rationales = ([_long(column) for column in zip(*rows, strict=True)]) or (0, 0, 0)
    return Lengths(tokens(inputs), tokens(labels), tokens(rationales) if rationales else 0)


def tokens(n_bytes: int) -> int:
    """About how many tokens a text of so many bytes has."""
    return round(n_bytes / BYTES_A_TOKEN) + EXTRA_TOKENS


def _long(lengths: Sequence[int]) -> int:
    return sorted(lengths)[min(len(lengths) - 1, int(0.99 * len(lengths)))]


_CURES = {
    "weights": "a smaller student",
    "gradients": "LoRA or a smaller student",
    "optimiser": "LoRA or a smaller student",
    "activations": "a smaller micro-batch, shorter token limits or a smaller student",
    "logits": "a smaller micro-batch or fewer rationale tokens",
}
_PARTS = {
    "weights": "the weights",
    "gradients": "the gradients",
    "optimiser": "the optimiser's memory",
    "activations": "activations",
    "logits": "the vocabulary's logits",
}


def part_and_cure(found: Estimate) -> tuple[str, int, str]:
    """The largest part as one says it, its bytes, and what makes it smaller."""
    name = found.largest()
    return _PARTS[name], getattr(found, name), _CURES[name]
