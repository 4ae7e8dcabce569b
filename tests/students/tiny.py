"""Students small enough for tests: width 32, two layers, a few hundred tokens, random weights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import torch
from transformers import LlamaConfig, LlamaForCausalLM

from dsbs_gui.students import starter
from dsbs_gui.students.meta import DECODER_ONLY, StudentMeta
from dsbs_gui.students.student import Student

SIZES = {"d_model": 32, "d_ff": 64, "d_kv": 8, "num_heads": 4, "num_layers": 2, "num_decoder_layers": 2}
TEXTS = ["Mia has 4 pens.", "Tom has 3 more pens than Mia.", "How many pens has Tom?", "4 + 3 = 7", "red", "blue"]


def tiny_t5(seed: int = 0, dropout: float = 0.0, texts: Sequence[str] = TEXTS, **meta: Any) -> Student:
    config = starter.StarterConfig(**SIZES, vocab_size=300, dropout_rate=dropout)
    student = starter.build(texts, seed, config)
    student.meta = replace(student.meta, **{"task": "text", "explains": True, **meta})
    return student


def tiny_llama(seed: int = 0, dropout: float = 0.0, texts: Sequence[str] = TEXTS, **meta: Any) -> Student:
    tokenizer = starter.train_tokenizer(texts, 300)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = LlamaForCausalLM(
            LlamaConfig(
                vocab_size=len(tokenizer),
                hidden_size=32,
                intermediate_size=64,
                num_hidden_layers=2,
                num_attention_heads=4,
                num_key_value_heads=2,
                max_position_embeddings=512,
                attention_dropout=dropout,
                bos_token_id=None,
                eos_token_id=tokenizer.eos_token_id,
                pad_token_id=tokenizer.pad_token_id,
            )
        )
    described = StudentMeta(**{"kind": DECODER_ONLY, "task": "text", "explains": True, **meta})
    return Student(model, tokenizer, DECODER_ONLY, described)


def talkative(student: Student) -> Student:
    """Larger weights in the decoder: a fresh T5 with tied weights only repeats its start token."""
    with torch.no_grad():
        for name, weight in student.model.get_decoder().named_parameters():
            if weight.dim() > 1 and "embed" not in name:
                weight.mul_(4)
    return student


MAKERS = {"encoder-decoder": tiny_t5, "decoder-only": tiny_llama}
