"""Whether a GGUF file can be a student, told from its header in a tenth of a second. Standard library only.

transformers reads some architectures from GGUF, and T5 wrongly. A file that was cut within its last tensor, or holds
weights of a kind that is not known, is found out only while it is loaded.
"""

from __future__ import annotations

from pathlib import Path

from . import gguf_header
from .errors import UserError

READABLE = {
    *("llama", "mistral", "qwen2", "qwen2moe", "qwen3", "qwen3moe", "gpt-oss", "lfm2", "falcon", "phi3", "bloom"),
    *("stablelm", "gpt2", "starcoder2", "mamba", "nemotron", "gemma2", "gemma3", "gemma4", "deci", "minimax-m2"),
}
"""Decoder-only architectures, as llama.cpp calls them, that the pinned transformers reads from GGUF."""

_NO_DECODER = ("t5", "umt5", "bert", "nomic", "jina", "clip")


def check(path: Path) -> None:
    """Raises UserError unless ``path`` begins as a GGUF file that transformers can load as a decoder-only model."""
    header = gguf_header.read(path)
    architecture = header.architecture
    if architecture.startswith(_NO_DECODER):
        raise UserError(
            f"“{path.name}” holds a {architecture} model; as a student only decoder-only GGUF files can be trained.",
            "transformers reads a T5 from GGUF wrongly: use its safetensors folder or hub id.",
        )
    if architecture not in READABLE:
        raise UserError(
            f"“{path.name}” holds a model of the architecture “{architecture}”, which cannot be trained from GGUF.",
            "Use its safetensors folder or hub id.",
        )
    if "tokenizer.ggml.tokens" not in header.metadata:
        raise UserError(f"“{path.name}” has no tokenizer.", "Choose a GGUF file of a whole language model.")
    if not header.tensors or any(header.data_start + tensor.offset >= header.size for tensor in header.tensors):
        raise UserError(f"“{path.name}” is cut off: weights are missing at its end.", "Download or copy it again.")
