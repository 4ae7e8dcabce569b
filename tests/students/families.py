"""One tiny student of each family of architectures that can be trained: random weights, a few hundred tokens."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from transformers import (
    BartConfig,
    BartForConditionalGeneration,
    MT5Config,
    MT5ForConditionalGeneration,
    Qwen2Config,
    Qwen2ForCausalLM,
    Qwen3Config,
    Qwen3ForCausalLM,
    T5Config,
    T5ForConditionalGeneration,
)

from dsbs_gui.students import starter
from dsbs_gui.students.meta import DECODER_ONLY, ENCODER_DECODER, StudentMeta
from dsbs_gui.students.student import Student

from .tiny import SIZES, TEXTS, tiny_llama, tiny_t5

_CAUSAL = {
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 512,
}


def _student(
    model_class: Any, config_class: Any, seed: int, texts: Sequence[str], sizes: dict[str, Any], meta: dict[str, Any]
) -> Student:
    tokenizer = starter.train_tokenizer(texts, 300)
    own = {"vocab_size": len(tokenizer), "eos_token_id": tokenizer.eos_token_id, "pad_token_id": tokenizer.pad_token_id}
    config = config_class(**own, **sizes)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = model_class(config)
    kind = ENCODER_DECODER if config.is_encoder_decoder else DECODER_ONLY
    if config.model_type == "mt5" or not getattr(config, "scale_decoder_outputs", True):
        _untie(model, seed)
    return Student(
        model.eval(), tokenizer, kind, StudentMeta(**{"kind": kind, "task": "text", "explains": True, **meta})
    )


def _untie(model: Any, seed: int) -> None:
    """transformers 5 ties every T5 it makes, and loads those of the hub that have a head of their own untied."""
    weights = torch.randn(model.lm_head.weight.shape, generator=torch.Generator().manual_seed(seed + 1))
    model.lm_head.weight = torch.nn.Parameter(0.1 * weights)


def t5_gated(seed: int = 0, dropout: float = 0.0, texts: Sequence[str] = TEXTS, **meta: Any) -> Student:
    """T5 v1.1 and Flan-T5: gated feed-forward layers, a head of its own."""
    sizes = {**SIZES, "feed_forward_proj": "gated-gelu", "tie_word_embeddings": False, "decoder_start_token_id": 0}
    return _student(T5ForConditionalGeneration, T5Config, seed, texts, {**sizes, "dropout_rate": dropout}, meta)


def mt5(seed: int = 0, dropout: float = 0.0, texts: Sequence[str] = TEXTS, **meta: Any) -> Student:
    sizes = {**SIZES, "decoder_start_token_id": 0, "dropout_rate": dropout}
    return _student(MT5ForConditionalGeneration, MT5Config, seed, texts, sizes, meta)


def bart(seed: int = 0, dropout: float = 0.0, texts: Sequence[str] = TEXTS, **meta: Any) -> Student:
    layers = {f"{side}_{what}": n for side in ("encoder", "decoder") for what, n in _BART_LAYER.items()}
    sizes = {"d_model": 32, "max_position_embeddings": 512, "dropout": dropout, "decoder_start_token_id": 1}
    return _student(BartForConditionalGeneration, BartConfig, seed, texts, layers | sizes | {"init_std": 0.1}, meta)


_BART_LAYER = {"layers": 2, "attention_heads": 4, "ffn_dim": 64}


def qwen2(seed: int = 0, dropout: float = 0.0, texts: Sequence[str] = TEXTS, **meta: Any) -> Student:
    return _student(Qwen2ForCausalLM, Qwen2Config, seed, texts, _CAUSAL | {"attention_dropout": dropout}, meta)


def qwen3(seed: int = 0, dropout: float = 0.0, texts: Sequence[str] = TEXTS, **meta: Any) -> Student:
    own = {"head_dim": 8, "tie_word_embeddings": True, "attention_dropout": dropout}
    return _student(Qwen3ForCausalLM, Qwen3Config, seed, texts, _CAUSAL | own, meta)


FAMILIES: dict[str, Callable[..., Student]] = {
    "t5": tiny_t5,
    "t5-gated": t5_gated,
    "mt5": mt5,
    "bart": bart,
    "llama": tiny_llama,
    "qwen2": qwen2,
    "qwen3": qwen3,
}

PROVED = ("t5", "t5-gated", "bart", "llama")
"""Families on which each item of the method is proved: one of each way of computing."""
