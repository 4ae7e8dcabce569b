"""How much memory a training run takes: an estimate before anything is loaded, by parts and with its formulas.

Plain Python, shown while the form is filled in. At its start the worker tries the longest rows and measures
(``work/trial.py``): that is the better figure.

Source: derived from what the forward passes of transformers 5.23 keep for the backward pass, in the way of Korthikanti
et al., *Reducing Activation Recomputation in Large Transformer Models* (2022), whose formula is for GPT blocks in fp16.
Tests hold the formulas against the tensors that autograd really keeps. The peak of whole runs on a CPU (two steps) was
met with these ratios of estimate to peak: T5s from the starter to T5-small size 0.88 (300 tokens in every input) to
1.17, on CQA to 1.25 when attention and logits still kept more; with one row 12 times as long as 63 or 399 others 0.97
to 1.08 (by the usual rows alone 0.3 to 0.6). Measured before the longest row was looked at, and not since: SmolLM2-135M
within 0.92 to 1.35, LoRA 1.7, small students with hundreds of rows at once 2.2. No GPU was at hand.
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
        input, label, rationale: tokens of a row; ``rationale`` 0 where none is learnt.
        bf16: autocast.
        lora_rank: 0 to train all weights.
        device: ``cpu`` or ``gpu``.
        widest: tokens of input and target of the one row that is longer than the others; None where they are all alike.
        processes: that compute such a pass at once in the same memory.
    """

    rows: int
    input: int
    label: int
    rationale: int = 0
    bf16: bool = False
    lora_rank: int = 0
    device: str = "cpu"
    widest: tuple[int, int] | None = None
    processes: int = 1


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
    each = (
        FLOAT * weights,
        FLOAT * trained,
        FLOAT * MOMENTS * trained,
        kept,
        _logits(shape, load, max(passes)),
        OVERHEAD[load.device],
    )
    return Estimate(*(load.processes * part for part in each))


def lora_parameters(shape: Shape, rank: int) -> int:
    """peft's usual targets: the queries and values of each attention get two matrices of that rank each."""
    attentions = shape.layers + 2 * shape.decoder_layers
    return rank * attentions * (2 * shape.width + shape.inner + shape.kv)


def _activations(shape: Shape, load: Load, target: int) -> int:
    numbers = activations(shape, load.rows, load.input, target, load.widest)
    if shape.family == T5:
        numbers += _in_passing(shape, load)
    share = (BF16_SHARE.get(shape.family, BF16_SHARE_ELSEWHERE)) if load.bf16 else 1.0
    return round(FLOAT * numbers * share)


def _in_passing(shape: Shape, load: Load) -> int:
    """What the backward pass of a T5's attention holds beside what was kept: gradients of a layer's weights before and
    behind their softmax, and of the bias, which sums over the layers. Of an encoder, whose rows are the longest."""
    longest = load.widest[0] if load.widest else load.input
    return 3 * shape.heads * load.rows * longest**2


def activations(shape: Shape, rows: int, source: int, target: int, widest: tuple[int, int] | None = None) -> int:
    """Numbers that the layers of one forward pass keep, without the logits.

    All rows but one have ``source`` and ``target`` tokens, and that one ``widest``. A T5 gives it a place among the
    others; for students that pad, it gets a pass of its own.
    """
    long, wide = widest or (source, target)
    if shape.family == T5:
        tokens = (rows - 1) * source + long, (rows - 1) * target + wide
        return t5_activations(shape, rows, tokens, (long, wide))
    return max(_padded_activations(shape, rows, source, target), _padded_activations(shape, 1, long, wide))


def t5_activations(shape: Shape, rows: int, tokens: tuple[int, int], widest: tuple[int, int]) -> int:
    """The same for rows of a T5 that lie one behind the other.

    With d the width, q that of queries, f that of the feed-forward layer, h heads, E and D ``tokens`` of inputs and
    targets, w and v those of the longest, and P = rows · w and Q = rows · v places where attention spreads the rows:

    * a layer of the encoder keeps ``E · (6d + q + f) + P · 3q + h · rows · w²``,
    * one of the decoder ``D · (9d + 2q + f) + P · 2q + Q · (4q + h) + h · rows · v²``.

    Gated there are 7f instead of f, since its GELU is made of single steps. The bias of positions is learnt, so that
    attention keeps its weights; with dropout three times, over the cross-attention too, 1d more a residual sum and 2f
    more a token.
    """
    (encoded, decoded), (long, wide) = tokens, widest
    d, q, f, h = shape.width, shape.inner, shape.ff, shape.heads
    read, written = rows * long, rows * wide
    forward = (7 if shape.gated else 1) * f + (2 * f if shape.dropout else 0)
    more = d if shape.dropout else 0
    attention = 3 if shape.dropout else 1
    crossed = 3 * read * wide if shape.dropout else written
    encoder = encoded * (6 * d + q + forward + 2 * more) + read * 3 * q + attention * h * read * long
    decoder = decoded * (9 * d + 2 * q + forward + 3 * more) + read * 2 * q + written * 4 * q
    decoder += h * (attention * written * wide + crossed)
    return shape.layers * encoder + shape.decoder_layers * decoder + 3 * d * (encoded + decoded)


def _padded_activations(shape: Shape, rows: int, source: int, target: int) -> int:
    """For students other than T5. With E = rows · source and D = rows · target, k the width of keys:

    * decoder-only: ``(E + D) · (7d + q + 2k + 4f + h + 2)``; without a gate 2f instead of 4f.
    * BART: ``E · 12d + D · 15d + (E + D) · 2f + 3h · rows · (source² + target² + source · target)``.
    """
    encoded, decoded = rows * source, rows * target
    d, f, h = shape.width, shape.ff, shape.heads
    if shape.family == BART:
        encoder = encoded * (12 * d + 2 * f) + 3 * h * encoded * source
        decoder = decoded * (15 * d + 2 * f) + 3 * h * decoded * (target + source)
        return shape.layers * encoder + shape.decoder_layers * decoder
    a_token = 7 * d + shape.inner + 2 * shape.kv + (4 if shape.gated else 2) * f + h + 2
    return (encoded + decoded) * (shape.layers * a_token + 3 * d)


def _logits(shape: Shape, load: Load, target: int) -> int:
    """Over the vocabulary, where there are targets: they become their own gradient, under bf16 once more in bf16."""
    longest = max(target, load.widest[1]) if load.widest else target
    return ((load.rows - 1) * target + longest) * shape.vocabulary * (6 if load.bf16 else 4)


@dataclass(frozen=True)
class Lengths:
    """About how many tokens the chosen rows have.

    Attributes:
        input, label, rationale: of the longest but one in a hundred.
        longest_input, longest_label, longest_rationale: of the longest; 0 where nobody knows.
    """

    input: int
    label: int
    rationale: int
    longest_input: int = 0
    longest_label: int = 0
    longest_rationale: int = 0


def lengths_of(rows: Sequence[tuple[int, int, int]]) -> Lengths:
    """From the lengths of the chosen rows' input, label and rationale in bytes of UTF-8."""
    columns = list(zip(*rows, strict=True)) or [(0,), (0,), (0,)]
    most, longest = [_long(column) for column in columns], [max(column) for column in columns]
    return Lengths(*_in_tokens(*most), *_in_tokens(*longest))


def _in_tokens(source: int, label: int, rationale: int) -> tuple[int, int, int]:
    return tokens(source), tokens(label), tokens(rationale) if rationale else 0  # there may be no rationales at all


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
