"""A llama.cpp context with many sequences, and the batch that is decoded in it.

A thin, safe face on the C functions: what would abort the process (a batch that overflows, logits that
were not asked for) raises here. Worker only.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from dsbs_gui.core.errors import ResourceError

from .llama_model import LlamaModel, threads

if TYPE_CHECKING:
    from numpy.typing import NDArray

_ASK_SECONDS = 0.1
_NO_SLOT, _ABORTED = 1, 2


class Batch:
    """Tokens to decode together: each with its position, its sequence and whether its logits are wanted."""

    def __init__(self, llama: Any, capacity: int) -> None:
        self._llama = llama
        self.capacity = capacity
        self._raw = llama.llama_batch_init(capacity, 0, 1)

    def __len__(self) -> int:
        return int(self._raw.n_tokens)

    @property
    def room(self) -> int:
        return self.capacity - len(self)

    @property
    def raw(self) -> Any:
        return self._raw

    def add(self, token: int, position: int, sequence: int, logits: bool) -> int:
        """The token's index in the batch, by which its logits are read. Raises IndexError when full."""
        place = len(self)
        if place >= self.capacity:
            raise IndexError("the batch is full")
        self._raw.token[place] = token
        self._raw.pos[place] = position
        self._raw.n_seq_id[place] = 1
        self._raw.seq_id[place][0] = sequence
        self._raw.logits[place] = logits
        self._raw.n_tokens = place + 1
        return place

    def clear(self) -> None:
        self._raw.n_tokens = 0

    def close(self) -> None:
        self._llama.llama_batch_free(self._raw)


class LlamaContext:
    """Key-value cells shared by ``n_sequences`` sequences. Raises ResourceError if they do not fit into memory."""

    def __init__(self, model: LlamaModel, n_ctx: int, n_sequences: int, n_batch: int) -> None:
        self._llama = llama = model.llama
        self._model = model
        self.n_ctx = n_ctx
        self._stopping: Callable[[], bool] = lambda: False
        self._asked = 0.0
        # The C side keeps only a pointer: the object must live as long as the context.
        self._abort = llama.ggml_abort_callback(self._on_abort_asked)
        parameters = llama.llama_context_default_params()
        parameters.n_ctx = n_ctx
        parameters.n_batch = parameters.n_ubatch = n_batch
        parameters.n_seq_max = parameters.n_outputs_max = n_sequences
        parameters.n_threads = parameters.n_threads_batch = threads()
        # One pool of cells: sequences share those of the prefix. Without it a partial copy aborts.
        parameters.kv_unified = True
        parameters.abort_callback = self._abort
        self.context = llama.llama_init_from_model(model.model, parameters)
        if not self.context:
            raise ResourceError(
                f"There is not enough memory for a context of {n_ctx} tokens.",
                "Lower the number of parallel answers, the longest answer or the number of exemplars.",
            )
        self._memory = llama.llama_get_memory(self.context)

    def decode(self, batch: Batch, stopping: Callable[[], bool]) -> bool:
        """Decode the batch; False if it was stopped on the way (its cells are then not to be used)."""
        self._stopping, self._asked = stopping, time.monotonic()
        status = self._llama.llama_decode(self.context, batch.raw)
        if status == _ABORTED:
            return False
        if status == _NO_SLOT:
            raise ResourceError("The teacher's context is full.", "Lower the number of parallel answers.")
        if status:
            raise ResourceError(f"llama.cpp could not decode (status {status}).", "See the job's log.")
        return True

    def logits(self, place: int) -> NDArray[np.float32]:
        """The logits of the batch's token at ``place``: float32 [vocabulary], valid until the next decode."""
        pointer = self._llama.llama_get_logits_ith(self.context, place)
        if not pointer:
            raise IndexError(f"no logits were asked for at {place}")
        return np.ctypeslib.as_array(pointer, (self._model.n_vocabulary,))

    def share(self, source: int, target: int, n_tokens: int) -> None:
        """Let ``target`` begin with the first ``n_tokens`` of ``source``; costs no cells."""
        if n_tokens:
            self._llama.llama_memory_seq_cp(self._memory, source, target, 0, n_tokens)

    def forget(self, sequence: int) -> None:
        self._llama.llama_memory_seq_rm(self._memory, sequence, -1, -1)

    def close(self) -> None:
        if self.context:
            self._llama.llama_free(self.context)
            self.context = None

    def _on_abort_asked(self, _data: Any) -> bool:
        """llama.cpp asks at each node of the graph, in the calling thread; only now and then is it passed on."""
        now = time.monotonic()
        if now - self._asked < _ASK_SECONDS:
            return False
        self._asked = now
        return self._stopping()
