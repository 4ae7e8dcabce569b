"""How many contexts a local teacher gets and what is in each: from the data, the memory and what was measured."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dsbs_gui.core.errors import ResourceError, UserError

from .llama_context import Shape
from .llama_model import LlamaModel, threads
from .llama_speed import DEFAULT_PARALLEL, Speed

_CELLS_STEP = 256


@dataclass(frozen=True, slots=True)
class Needs:
    """What a job asks of the contexts, in tokens.

    Attributes:
        tails: of the longest prompts, behind the prefix.
        most: the model was trained to see; 0: unknown. Longer prompts are refused.
        n_ctx: cells that the user wants; 0: from the data.
    """

    prefix: int
    tails: Sequence[int]
    max_tokens: int
    most: int = 0
    n_ctx: int = 0

    def side_by_side(self, n_slots: int) -> int:
        """Cells for the longest prompts, one in each slot, that share the prefix.

        If there are more slots than prompts were named, the shortest of these stands for the others.
        """
        most = (self.most or sys.maxsize) - self.max_tokens - self.prefix
        tails = sorted((max(0, min(tail, most)) for tail in self.tails), reverse=True) or [0]
        tails = tails[:n_slots] + tails[-1:] * (n_slots - len(tails))
        return self.prefix + sum(tails) + n_slots * self.max_tokens


@dataclass(frozen=True, slots=True)
class Layout:
    """The contexts: one shape for each lane, and the bytes that their cells take."""

    shapes: list[Shape]
    cell_bytes: int

    @property
    def n_parallel(self) -> int:
        return sum(shape.n_sequences - 1 for shape in self.shapes)

    @property
    def n_bytes(self) -> int:
        return self.cell_bytes * sum(shape.n_ctx for shape in self.shapes)

    def facts(self) -> dict[str, Any]:
        """What a job's record says of it."""
        return {
            "lanes": len(self.shapes),
            "threads": sum(shape.n_threads for shape in self.shapes),
            "parallel": self.n_parallel,
            "context_bytes": self.n_bytes,
        }


def checked_parallel(model: LlamaModel, wanted: int) -> int:
    """How many answers are written at once. Raises UserError if llama.cpp cannot write so many."""
    n = wanted or DEFAULT_PARALLEL
    most = int(model.llama.llama_max_parallel_sequences()) - 1
    if n > most:
        raise UserError(f"llama.cpp cannot write {n} answers at once.", f"Choose at most {most}.")
    return n


def chosen_layout(model: LlamaModel, needs: Needs, n_parallel: int, speed: Speed) -> Layout:
    """Raises ResourceError if the cells do not fit into the memory that is free."""
    import psutil

    n_lanes = max(1, min(speed.lanes(model.form), n_parallel))
    slots = [n_parallel // n_lanes + (lane < n_parallel % n_lanes) for lane in range(n_lanes)]
    free = int(psutil.virtual_memory().available)
    layout = Layout([_shape(needs, n, threads() // n_lanes) for n in slots], _cell_bytes(model))
    if not model.on_gpu and layout.n_bytes > free:
        raise ResourceError(
            f"The teacher's context needs {layout.n_bytes / 1e9:.1f} GB of memory and {free / 1e9:.1f} GB are free.",
            "Lower the number of parallel answers, the longest answer or the number of exemplars.",
        )
    return layout


def _shape(needs: Needs, n_slots: int, n_threads: int) -> Shape:
    n_ctx = needs.n_ctx or -(-needs.side_by_side(n_slots) // _CELLS_STEP) * _CELLS_STEP
    return Shape(n_slots + 1, n_ctx, n_threads)


def _cell_bytes(model: LlamaModel) -> int:
    """Keys and values of one token in all layers, in half precision."""
    llama, raw = model.llama, model.model
    head = llama.llama_model_n_embd(raw) // max(1, llama.llama_model_n_head(raw))
    metadata, architecture = model.header.metadata, model.header.architecture
    sizes = [metadata.get(f"{architecture}.attention.{name}_length", head) for name in ("key", "value")]
    per_head = sum(size if isinstance(size, int) else head for size in sizes)
    return int(2 * llama.llama_model_n_layer(raw) * llama.llama_model_n_head_kv(raw) * per_head)
