"""Rows to tensors: tokenised once, ordered by seed, cut into micro-batches (:mod:`.cutting`).

Only the order *within* an effective batch is changed for speed. Which rows share an optimiser step
depends on the seed alone, so how a batch is cut never changes what is learnt.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import ceil

import torch

from dsbs_gui.steps.training.rows import Row
from dsbs_gui.students import single_target
from dsbs_gui.students.decoding import pad
from dsbs_gui.students.encoding import Encoded, encode_inputs, encode_targets, shorten
from dsbs_gui.students.meta import ENCODER_DECODER
from dsbs_gui.students.student import Student

from .cutting import Room, Shape, cut
from .packing import Layout, Side


@dataclass(frozen=True)
class Pair:
    """Token ids of one input and its target, the end token included."""

    input: list[int]
    target: list[int]

    @property
    def shape(self) -> Shape:
        return Shape(len(self.input), len(self.target))


@dataclass(frozen=True)
class Example:
    """One row for both tasks.

    Attributes:
        label: the label; or label and rationale, where one target holds both.
        rationale: None where there is none to learn by itself.
        others: further rationales; or further targets in place of ``label``, where one holds both.
    """

    label: Pair
    rationale: Pair | None
    others: tuple[Pair, ...] = ()

    @property
    def pairs(self) -> tuple[Pair, ...]:
        """All that may be learnt of this row."""
        return (self.label, *filter(None, (self.rationale,)), *self.others)

    def longest(self) -> Example:
        """With the longest of those that may be drawn."""
        if not self.others:
            return self
        chosen = max((self.rationale or self.label, *self.others), key=lambda pair: sum(pair.shape))
        return Example(self.label, chosen) if self.rationale else Example(chosen, None)

    def drawn(self, seed: int, epoch: int, index: int) -> Example:
        """With one of its rationales, drawn for the epoch: a function of its arguments alone."""
        if not self.others:
            return self
        own = self.rationale or self.label
        chosen = random.Random(f"rationale {seed} {epoch} {index}").choice([own, *self.others])
        return Example(self.label, chosen) if self.rationale else Example(chosen, None)


@dataclass(frozen=True)
class Truncated:
    """How many texts were cut to the token limits."""

    inputs: int
    labels: int
    rationales: int


@dataclass(frozen=True)
class Batch:
    """One forward pass.

    Attributes:
        inputs: keyword arguments of the model: int64 [batch, length] tensors.
        places: int64 [tokens]: where in the flattened [batch · length] of the logits a target is.
        targets: int64 [tokens]: the token that is right there.
        layout: where the rows lie, if they are packed: then a batch is one row of all their tokens.
    """

    inputs: dict[str, torch.Tensor]
    places: torch.Tensor
    targets: torch.Tensor
    layout: Layout | None = None

    @property
    def rows(self) -> int:
        return len(self.layout.read.real) if self.layout else len(self.inputs["input_ids"])

    def to(self, device: torch.device) -> Batch:
        """The same on ``device``; does not wait for the copies to end."""
        moved = {name: value.to(device, non_blocking=True) for name, value in self.inputs.items()}
        places, targets = (value.to(device, non_blocking=True) for value in (self.places, self.targets))
        return Batch(moved, places, targets, self.layout.to(device) if self.layout else None)


def encode_rows(student: Student, rows: Sequence[Row]) -> tuple[list[Example], Truncated]:
    """Tokenise all rows as ``student.meta`` says it is asked."""
    meta = student.meta
    inputs = encode_inputs(student, [row.input for row in rows], meta.label_prefix, meta.max_input)
    if meta.single_target:
        return _in_one_text(student, rows, inputs)
    labels = encode_targets(student, [row.label for row in rows], meta.max_label)
    pairs = [Pair(*ids) for ids in zip(inputs.ids, labels.ids, strict=True)]
    if not meta.explains:
        return [Example(pair, None) for pair in pairs], Truncated(inputs.truncated, labels.truncated, 0)
    explained = [(i, text) for i, row in enumerate(rows) if row.rationale for text in (row.rationale, *row.others)]
    questions = encode_inputs(student, [rows[i].input for i, _ in explained], meta.rationale_prefix, meta.max_input)
    reasons = encode_targets(student, [text for _, text in explained], meta.max_target)
    found: dict[int, list[Pair]] = {}
    for (index, _), *ids in zip(explained, questions.ids, reasons.ids, strict=True):
        found.setdefault(index, []).append(Pair(*ids))
    examples = [_example(pair, found.get(index, ())) for index, pair in enumerate(pairs)]
    return examples, Truncated(inputs.truncated, labels.truncated, reasons.truncated)


def _in_one_text(student: Student, rows: Sequence[Row], inputs: Encoded) -> tuple[list[Example], Truncated]:
    """Rationale and label in one target; each is cut by itself, so that a long rationale costs no label."""
    meta = student.meta
    labels, labels_cut = shorten(student, [row.label for row in rows], meta.max_label)
    owners = [index for index, row in enumerate(rows) for _ in (row.rationale, *row.others)]
    reasons = [text or "" for row in rows for text in (row.rationale, *row.others)]
    reasons, reasons_cut = shorten(student, reasons, meta.max_target)
    whole = [single_target.write(meta, labels[index], text) for index, text in zip(owners, reasons, strict=True)]
    pairs: list[list[Pair]] = [[] for _ in rows]
    targets = encode_targets(student, whole, single_target.limit(student)).ids
    for index, reason, target in zip(owners, reasons, targets, strict=True):
        # A rationale that is missing behind its label is not learnt as an empty one: the text is left open.
        pairs[index].append(Pair(inputs.ids[index], target[:-1] if meta.label_first and not reason else target))
    return [Example(first, None, tuple(more)) for first, *more in pairs], Truncated(
        inputs.truncated, labels_cut, reasons_cut
    )


def _example(label: Pair, rationales: Sequence[Pair]) -> Example:
    first = rationales[0] if rationales else None
    return Example(label, first, tuple(rationales[1:]))


def steps_per_epoch(n: int, batch_size: int) -> int:
    return ceil(n / batch_size)


def batch_indices(n: int, batch_size: int, seed: int, step: int) -> list[int]:
    """Which rows optimiser step ``step`` (from 0) sees: a function of its arguments alone.

    Each epoch is a new permutation; its last batch may be smaller, as in the reference code.
    """
    epoch, place = divmod(step, steps_per_epoch(n, batch_size))
    return list(_order(n, seed, epoch)[place * batch_size : (place + 1) * batch_size])


@lru_cache(maxsize=2)
def _order(n: int, seed: int, epoch: int) -> tuple[int, ...]:
    """Made once an epoch: half a million rows take half a second."""
    order = list(range(n))
    random.Random(f"order {seed} {epoch}").shuffle(order)
    return tuple(order)


def micro_batches(student: Student, pairs: Sequence[Pair], room: Room) -> Iterator[Batch]:
    """Every pair once, those of like length together, in passes that fit into ``room``."""
    for places in cut([pair.shape for pair in pairs], room):
        yield collate(student, [pairs[place] for place in places], room.packed)


def room_of_one(student: Student, pairs: Iterable[Pair]) -> Room:
    """Room for the longest of ``pairs``, on the student's device."""
    joined = student.kind != ENCODER_DECODER
    packed = student.packing is not None
    return Room.of((pair.shape for pair in pairs), joined=joined, packed=packed, device=student.device.type)


def collate(student: Student, pairs: Sequence[Pair], packed: bool = False) -> Batch:
    """Tensors of one micro-batch; padding is masked and never counted, or, ``packed``, there is none."""
    if packed:
        return _packed(student, pairs)
    if student.kind == ENCODER_DECODER:
        return _encoder_decoder(student, pairs)
    return _decoder_only(student, pairs)


def target_tokens(pairs: Sequence[Pair]) -> int:
    """Tokens by which the loss of these pairs is normalised."""
    return sum(len(pair.target) for pair in pairs)


def learnt_pairs(examples: Sequence[Example], weight: float) -> tuple[list[Pair], list[Pair]]:
    """What a step computes of ``examples``: the label task's pairs, and at λ = ``weight`` the rationale task's."""
    reasons = [e.rationale for e in examples if e.rationale is not None] if weight > 0 else []
    return [e.label for e in examples], reasons


def _packed(student: Student, pairs: Sequence[Pair]) -> Batch:
    start = int(student.model.config.decoder_start_token_id)
    inputs = {
        "input_ids": torch.tensor([[token for pair in pairs for token in pair.input]]),
        "decoder_input_ids": torch.tensor([[token for pair in pairs for token in (start, *pair.target[:-1])]]),
    }
    targets = torch.tensor([token for pair in pairs for token in pair.target])
    layout = Layout(*(Side.of([len(getattr(pair, side)) for pair in pairs]) for side in ("input", "target")))
    return Batch(inputs, torch.arange(len(targets)), targets, layout)


def _encoder_decoder(student: Student, pairs: Sequence[Pair]) -> Batch:
    input_ids, mask = pad([pair.input for pair in pairs], student.pad_id)
    start = int(student.model.config.decoder_start_token_id)
    decoder_ids, _ = pad([[start, *pair.target[:-1]] for pair in pairs], student.pad_id)
    inputs = {"input_ids": input_ids, "attention_mask": mask, "decoder_input_ids": decoder_ids}
    return _counted(inputs, pairs, [0] * len(pairs), decoder_ids.shape[1])


def _decoder_only(student: Student, pairs: Sequence[Pair]) -> Batch:
    # The last token has nothing to predict: it is left out of the input. The prompt is not learnt.
    input_ids, mask = pad([(pair.input + pair.target)[:-1] for pair in pairs], student.pad_id)
    inputs = {"input_ids": input_ids, "attention_mask": mask}
    return _counted(inputs, pairs, [len(pair.input) - 1 for pair in pairs], input_ids.shape[1])


def _counted(inputs: dict[str, torch.Tensor], pairs: Sequence[Pair], first: Sequence[int], length: int) -> Batch:
    """``first``: where in its row of logits each target begins; ``length``: of a row."""
    places = [
        row * length + start + index
        for row, (pair, start) in enumerate(zip(pairs, first, strict=True))
        for index in range(len(pair.target))
    ]
    return Batch(inputs, torch.tensor(places), torch.tensor([token for pair in pairs for token in pair.target]))
