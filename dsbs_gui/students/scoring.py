"""How sure a student is of how its answer begins: the same numbers mean the same weights, tokenizer and prefix."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from .encoding import encode_inputs
from .meta import ENCODER_DECODER
from .student import Student


@torch.no_grad()
def first_scores(student: Student, inputs: Sequence[str]) -> list[float]:
    """Log-probability in nats of the likeliest first token of the label, for each input alone."""
    student.model.eval()
    scores = []
    for ids in encode_inputs(student, inputs, student.meta.label_prefix, student.meta.max_input).ids:
        asked = {"input_ids": torch.tensor([ids], device=student.device)}
        if student.kind == ENCODER_DECODER:
            start = student.model.config.decoder_start_token_id
            asked["decoder_input_ids"] = torch.tensor([[start]], device=student.device)
        logits = student.model(**asked, use_cache=False).logits[0, -1].float()
        scores.append(float(logits.log_softmax(-1).max()))
    return scores
