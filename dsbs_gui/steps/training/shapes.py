"""How large a student is, told without loading it: by its config.json, a GGUF header or the catalogue.

Plain Python. A shape is what :mod:`~.memory` needs; where it cannot be told there is None, and no guess.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any

from dsbs_gui.core import catalogue, gguf_header
from dsbs_gui.core.errors import UserError
from dsbs_gui.core.files import read_json

from .choice import StudentChoice

T5, BART, DECODER = "t5", "bart", "decoder-only"
_BART_KIND = ("bart", "mbart", "pegasus", "marian", "m2m_100", "blenderbot")
_STARTER = {
    **{"model_type": "t5", "d_model": 64, "d_ff": 256, "d_kv": 16, "num_heads": 4, "num_layers": 3},
    **{"dropout_rate": 0.0, "feed_forward_proj": "relu", "vocab_size": 1000},
}
_MOST_HEADER = 100_000_000  # safetensors itself refuses longer ones


@dataclass(frozen=True)
class Shape:
    """Sizes of a transformer.

    Attributes:
        family: ``t5``, ``bart`` or ``decoder-only``: which of the formulas holds.
        width: of the hidden states.
        inner, kv: width of the queries, and of keys and values, over all heads.
        ff: width of the feed-forward layer.
        layers: of the encoder, or of a decoder-only model; ``decoder_layers`` of an encoder-decoder's decoder.
        gated: the feed-forward layer has two matrices in parallel.
        dropout: it drops activations while it trains.
        parameters: weights in all, shared ones once.
    """

    family: str
    width: int
    inner: int
    kv: int
    ff: int
    heads: int
    layers: int
    decoder_layers: int
    vocabulary: int
    gated: bool
    dropout: bool
    parameters: int


def shape_of(choice: StudentChoice) -> Shape | None:
    """The shape of a student that is on this machine or in the catalogue; None where it cannot be told."""
    path = Path(choice.source)
    try:
        if path.suffix.lower() == ".gguf":
            return _of_gguf(path)
        if path.is_dir():
            return _of_folder(path)
    except (UserError, OSError, ValueError, KeyError, TypeError):
        return None
    entry = next((entry for entry in catalogue.entries() if entry.id == choice.name), None)
    if entry is not None and entry.kind == "config":
        return from_config(_STARTER | choice.sizes)
    cached = _cached(choice.source)
    if cached is not None:
        return _of_folder(cached)
    return from_config(entry.shape) if entry is not None and entry.shape else None


def from_config(config: Mapping[str, Any], parameters: int = 0) -> Shape | None:
    """From the values of a ``config.json``, as transformers names them.

    Args:
        parameters: as counted; 0 to work them out from the sizes.
    """
    try:
        kind = str(config.get("model_type", ""))
        made = _t5(config) if "d_kv" in config else _bart(config) if kind in _BART_KIND else _decoder(config)
    except (KeyError, TypeError, ValueError):
        return None
    tied = bool(config.get("tie_word_embeddings", kind not in ("llama", "qwen3", "mistral")))
    return _with(made, parameters or count_parameters(made, tied))


def _t5(c: Mapping[str, Any]) -> Shape:
    inner, layers = c["d_kv"] * c["num_heads"], c["num_layers"]
    return Shape(
        T5, c["d_model"], inner, inner, c["d_ff"], c["num_heads"], layers, c.get("num_decoder_layers") or layers,
        c["vocab_size"], "gated" in str(c.get("feed_forward_proj", "relu")), c.get("dropout_rate", 0.1) > 0, 0,
    )  # fmt: skip


def _bart(c: Mapping[str, Any]) -> Shape:
    return Shape(
        BART, c["d_model"], c["d_model"], c["d_model"], c["encoder_ffn_dim"], c["encoder_attention_heads"],
        c["encoder_layers"], c["decoder_layers"], c["vocab_size"], False, c.get("dropout", 0.1) > 0, 0,
    )  # fmt: skip


def _decoder(c: Mapping[str, Any]) -> Shape:
    width, heads = c.get("hidden_size") or c["n_embd"], c.get("num_attention_heads") or c["n_head"]
    head = c.get("head_dim") or width // heads
    gated = "intermediate_size" in c
    ff = c.get("intermediate_size") or c.get("n_inner") or 4 * width
    layers = c.get("num_hidden_layers") or c["n_layer"]
    kv = head * (c.get("num_key_value_heads") or heads)
    dropout = max(c.get("resid_pdrop") or 0, c.get("attention_dropout") or 0) > 0
    return Shape(DECODER, width, head * heads, kv, ff, heads, layers, 0, c["vocab_size"], gated, dropout, 0)


def _with(shape: Shape, parameters: int) -> Shape:
    return Shape(**{**shape.__dict__, "parameters": parameters})


def count_parameters(shape: Shape, tied: bool) -> int:
    """Weights that the sizes make, up to biases and position tables: within 2 % for the models of the catalogue."""
    d, ff = shape.width, shape.ff
    attention = 2 * d * (shape.inner + shape.kv)
    forward = (3 if shape.gated else 2) * d * ff
    encoder = shape.layers * (attention + forward + 2 * d)
    decoder = shape.decoder_layers * (2 * attention + forward + 3 * d)
    return encoder + decoder + shape.vocabulary * d * (1 if tied else 2)


def _of_folder(folder: Path) -> Shape | None:
    config = read_json(folder / "config.json")
    return from_config(config, _in_safetensors(folder)) if isinstance(config, dict) else None


def _in_safetensors(folder: Path) -> int:
    """Weights in the folder's safetensors files, from their headers alone; 0 where there are none or one is damaged."""
    total = 0
    for path in folder.glob("*.safetensors"):
        try:
            with path.open("rb") as file:
                length = int.from_bytes(file.read(8), "little")
                if length > _MOST_HEADER:
                    return 0
                header = json.loads(file.read(length))
            total += sum(prod(body["shape"]) for name, body in header.items() if name != "__metadata__")
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return 0
    return total


def _of_gguf(path: Path) -> Shape | None:
    header = gguf_header.read(path)
    at = {key.removeprefix(f"{header.architecture}."): value for key, value in header.metadata.items()}
    heads = at["attention.head_count"]
    width = at["embedding_length"]
    head = at.get("attention.key_length") or width // heads
    kv = head * (at.get("attention.head_count_kv") or heads)
    vocabulary = at["tokenizer.ggml.tokens"]
    gated = any(".ffn_gate" in tensor.name for tensor in header.tensors)
    parameters = sum(prod(tensor.shape) for tensor in header.tensors)
    return Shape(
        DECODER, width, head * heads, kv, at["feed_forward_length"], heads, at["block_count"], 0, vocabulary,
        gated, False, parameters,
    )  # fmt: skip


def _cached(hub_id: str) -> Path | None:
    """Where the hub's cache keeps this model, if somebody has fetched it."""
    home = Path(os.environ.get("HF_HOME") or Path.home() / ".cache" / "huggingface").expanduser()
    hub = Path(os.environ.get("HF_HUB_CACHE") or home / "hub").expanduser()
    found = sorted((hub / f"models--{hub_id.replace('/', '--')}" / "snapshots").glob("*/config.json"))
    return found[-1].parent if found else None
