"""Greedy decoding, the same for one input alone and in a batch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import torch
from transformers import GenerationConfig

from .encoding import decode, encode_inputs
from .meta import ENCODER_DECODER
from .student import Student


def generate(
    student: Student, inputs: Sequence[str], prefix: str, max_new_tokens: int, batch_size: int = 32
) -> list[str]:
    """The student's greedy answer to each ``prefix + input``, in the order of ``inputs``."""
    answers = [""] * len(inputs)
    for batch in generate_batches(student, inputs, prefix, max_new_tokens, batch_size):
        for index, text in batch:
            answers[index] = text
    return answers


def generate_batches(
    student: Student, inputs: Sequence[str], prefix: str, max_new_tokens: int, batch_size: int = 32, stop: str = ""
) -> Iterator[list[tuple[int, str]]]:
    """Answers as they come, ``[(index in inputs, text), …]`` a batch.

    Inputs of like length share a batch, longest first, so that too little memory shows at once.

    Args:
        stop: an answer ends where it has written this; "" for its own end alone.
    """
    ids = encode_inputs(student, inputs, prefix, student.meta.max_input).ids
    order = sorted(range(len(ids)), key=lambda index: -len(ids[index]))
    for start in range(0, len(order), batch_size):
        chosen = order[start : start + batch_size]
        outputs = generate_ids(student, [ids[index] for index in chosen], max_new_tokens, stop)
        yield [(index, decode(student, row)) for index, row in zip(chosen, outputs, strict=True)]


def generate_ids(
    student: Student, ids: Sequence[Sequence[int]], max_new_tokens: int, stop: str = ""
) -> list[list[int]]:
    """New token ids of one batch. Leaves the model in the mode (training or not) in which it was."""
    left = student.kind != ENCODER_DECODER
    input_ids, mask = pad(ids, student.pad_id, left=left)
    was_training = student.model.training
    student.model.eval()
    try:
        with torch.no_grad():
            output = student.model.generate(
                input_ids=input_ids.to(student.device),
                attention_mask=mask.to(student.device),
                generation_config=_greedy(student, max_new_tokens, stop),
                tokenizer=student.tokenizer,  # in which ``stop`` is looked for
            )
    finally:
        student.model.train(was_training)
    start = input_ids.shape[1] if left else 1  # an encoder-decoder's output begins with its start token
    return [row[start:] for row in output.tolist()]


def pad(ids: Sequence[Sequence[int]], value: int, left: bool = False) -> tuple[torch.Tensor, torch.Tensor]:
    """``ids`` as int64 [batch, longest] filled up with ``value``, and the mask of what is real."""
    longest = max(len(row) for row in ids)
    rows, masks = [], []
    for row in ids:
        fill = longest - len(row)
        rows.append([value] * fill + list(row) if left else list(row) + [value] * fill)
        masks.append([0] * fill + [1] * len(row) if left else [1] * len(row) + [0] * fill)
    return torch.tensor(rows), torch.tensor(masks)


def _greedy(student: Student, max_new_tokens: int, stop: str) -> GenerationConfig:
    """What is not set here comes from the model, whose own settings :mod:`.loading` has taken away."""
    config = student.model.config
    return GenerationConfig(
        max_new_tokens=max_new_tokens,
        do_sample=False,
        num_beams=1,
        repetition_penalty=1.0,
        no_repeat_ngram_size=0,
        stop_strings=[stop] if stop else None,
        eos_token_id=student.eos_id,
        pad_token_id=student.pad_id,
        decoder_start_token_id=getattr(config, "decoder_start_token_id", None),
    )
