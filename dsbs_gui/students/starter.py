"""The starter student: a small T5 made from a config, with a tokenizer trained on the project's own text.

It needs no download and learns a small task in minutes on two cores. It knows no language beforehand:
its accuracy says something about the method on this data, nothing about pre-trained students.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import torch
from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import PreTrainedTokenizerFast, T5Config, T5ForConditionalGeneration

from dsbs_gui.core.errors import UserError

from .meta import ENCODER_DECODER, LABEL_PREFIX, RATIONALE_PREFIX, StudentMeta
from .student import Student

PAD, EOS, UNKNOWN = "<pad>", "</s>", "<unk>"
NAME = "starter"


@dataclass(frozen=True)
class StarterConfig:
    """Sizes of the starter student; the catalogue of models may give others."""

    d_model: int = 64
    d_ff: int = 256
    d_kv: int = 16
    num_heads: int = 4
    num_layers: int = 3
    num_decoder_layers: int = 3
    dropout_rate: float = 0.0
    feed_forward_proj: str = "relu"
    vocab_size: int = 1000

    @classmethod
    def from_mapping(cls, body: Mapping[str, Any]) -> StarterConfig:
        """Raises UserError for a size that a T5 of this kind does not have."""
        unknown = sorted(set(body) - {field.name for field in fields(cls)})
        if unknown:
            raise UserError(
                f"The starter student has no setting {', '.join(unknown)}.", "Remove it from the catalogue."
            )
        return cls(**body)


def build(texts: Sequence[str], seed: int, config: StarterConfig | None = None) -> Student:
    """A new student with random weights, the same for the same texts and seed.

    Args:
        texts: inputs, labels and rationales that the tokenizer is to be trained on.
    Raises: UserError if there is no text.
    """
    if not any(text.strip() for text in texts):
        raise UserError("There is no text to train the starter student's tokenizer on.", "Import some rows first.")
    sizes = config or StarterConfig()
    tokenizer = train_tokenizer(texts, sizes.vocab_size)
    # An own generator state: making a student does not move the caller's.
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = T5ForConditionalGeneration(_t5_config(sizes, tokenizer))
    meta = StudentMeta(kind=ENCODER_DECODER, base=NAME)
    return Student(model, tokenizer, ENCODER_DECODER, meta)


def train_tokenizer(texts: Sequence[str], vocab_size: int) -> PreTrainedTokenizerFast:
    """A byte-level BPE tokenizer: digits stand alone, and every text can be written, so nothing is unknown.

    A space belongs to the word or digit after it, and a text begins with one: a number has the same tokens
    as a label and within a rationale.
    """
    tokenizer = Tokenizer(models.BPE(unk_token=UNKNOWN))
    tokenizer.normalizer = normalizers.Prepend(" ")
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Split(Regex(" ?[0-9]"), "isolated"), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    )
    tokenizer.decoder = decoders.Sequence([decoders.ByteLevel(), decoders.Strip(" ", 1, 0)])
    trainer = trainers.BpeTrainer(
        vocab_size=vocab_size,
        special_tokens=[PAD, EOS, UNKNOWN],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    # The prefixes take part, so that they are whole words to the student.
    prefixes = [LABEL_PREFIX, RATIONALE_PREFIX] * 50
    tokenizer.train_from_iterator([*texts, *prefixes], trainer)
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"$A {EOS}", special_tokens=[(EOS, tokenizer.token_to_id(EOS))]
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token=PAD, eos_token=EOS, unk_token=UNKNOWN, clean_up_tokenization_spaces=False
    )


def _t5_config(sizes: StarterConfig, tokenizer: PreTrainedTokenizerFast) -> T5Config:
    config = T5Config(
        vocab_size=len(tokenizer),
        d_model=sizes.d_model,
        d_ff=sizes.d_ff,
        d_kv=sizes.d_kv,
        num_heads=sizes.num_heads,
        num_layers=sizes.num_layers,
        num_decoder_layers=sizes.num_decoder_layers,
        dropout_rate=sizes.dropout_rate,
        feed_forward_proj=sizes.feed_forward_proj,
        pad_token_id=tokenizer.pad_token_id,
        eos_token_id=tokenizer.eos_token_id,
    )
    config.decoder_start_token_id = tokenizer.pad_token_id
    return config
