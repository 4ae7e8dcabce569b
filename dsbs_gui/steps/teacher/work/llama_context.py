"""A llama.cpp context with many sequences, and the batch that is decoded in it.

A thin, safe face on the C functions: what would abort the process (a batch that overflows, logits that
were not asked for) raises here. Worker only.
"""

from __future__ import annotations

import ctypes
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from dsbs_gui.core.errors import ResourceError

from .llama_model import LlamaModel

if TYPE_CHECKING:
    from numpy.typing import NDArray

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


@dataclass(frozen=True, slots=True)
class Shape:
    """How a context is laid out.

    Attributes:
        n_sequences: sequences that can be told apart.
        n_ctx: cells, one pool for all sequences. (Cells of its own for each sequence were measured to be slower: one
            query at a time is then multiplied with the keys, not all of them together.)
        n_threads: that decode.
        n_batch: the most tokens that are decoded together.
    """

    n_sequences: int
    n_ctx: int
    n_threads: int = 1
    n_batch: int = 512


class LlamaContext:
    """Key-value cells of many sequences. Raises ResourceError if they do not fit into memory."""

    def __init__(self, model: LlamaModel, shape: Shape) -> None:
        self._llama = llama = model.llama
        self._model = model
        self.shape = shape
        self._flag = _StopFlag(llama)
        parameters = llama.llama_context_default_params()
        parameters.n_ctx = shape.n_ctx
        parameters.n_batch = parameters.n_ubatch = shape.n_batch
        parameters.n_seq_max = parameters.n_outputs_max = shape.n_sequences
        parameters.n_threads = parameters.n_threads_batch = shape.n_threads
        parameters.kv_unified = True  # sequences share a prefix's cells; without it a partial copy aborts
        if not model.on_gpu:  # slower on a CPU, whose kernel takes one query after the other
            parameters.flash_attn_type = llama.LLAMA_FLASH_ATTN_TYPE_DISABLED
        parameters.abort_callback, parameters.abort_callback_data = self._flag.callback, self._flag.data
        self.context = llama.llama_init_from_model(model.model, parameters)
        if not self.context:
            raise ResourceError(
                f"There is not enough memory for a context of {shape.n_ctx} tokens.",
                "Lower the number of parallel answers, the longest answer or the number of exemplars.",
            )
        self._memory = llama.llama_get_memory(self.context)

    def decode(self, batch: Batch) -> bool:
        """Decode the batch; False if it was stopped on the way (its cells are then not to be used)."""
        status = self._llama.llama_decode(self.context, batch.raw)
        if status == _ABORTED:
            return False
        if status == _NO_SLOT:
            raise ResourceError("The teacher's context is full.", "Lower the number of parallel answers.")
        if status:
            raise ResourceError(f"llama.cpp could not decode (status {status}).", "See the job's log.")
        return True

    def stop(self) -> None:
        """From any thread: end the decode in progress, and each one from now on, until :meth:`go_on`."""
        self._flag.up()

    def go_on(self) -> None:
        self._flag.down()

    def logits(self, place: int) -> NDArray[np.float32]:
        """The logits of the batch's token at ``place``: float32 [vocabulary], valid until the next decode."""
        pointer = self._llama.llama_get_logits_ith(self.context, place)
        if not pointer:
            raise IndexError(f"no logits were asked for at {place}")
        return np.ctypeslib.as_array(pointer, (self._model.n_vocabulary,))

    def share(self, source: int, target: int, n_tokens: int) -> None:
        """Let the empty ``target`` begin with the first ``n_tokens`` of ``source``; costs no cells."""
        if n_tokens:
            self._llama.llama_memory_seq_cp(self._memory, source, target, 0, n_tokens)

    def forget(self, sequence: int) -> None:
        self._llama.llama_memory_seq_rm(self._memory, sequence, -1, -1)

    def cut(self, sequence: int, n_tokens: int) -> None:
        """Keep the first ``n_tokens`` of a sequence."""
        self._llama.llama_memory_seq_rm(self._memory, sequence, n_tokens, -1)

    def wait(self) -> None:
        """Until what was decoded is there (a GPU works on while we do)."""
        self._llama.llama_synchronize(self.context)

    def state(self, sequence: int) -> bytes:
        """The sequence's cells, for :meth:`restore` in a context of the same model."""
        size = self._llama.llama_state_seq_get_size(self.context, sequence)
        buffer = (ctypes.c_uint8 * size)()
        return bytes(buffer[: self._llama.llama_state_seq_get_data(self.context, buffer, size, sequence)])

    def restore(self, sequence: int, state: bytes) -> bool:
        """Fill the empty sequence; False if llama.cpp does not take the state."""
        buffer = (ctypes.c_uint8 * len(state)).from_buffer_copy(state)
        taken = self._llama.llama_state_seq_set_data(self.context, buffer, len(state), sequence)
        if not taken:
            self.forget(sequence)
        return bool(taken)

    def close(self) -> None:
        if self.context:
            self._llama.llama_free(self.context)
            self.context = None


class _StopFlag:
    """What llama.cpp asks at each node of its graph, some thousand times a decode: whether to stop.

    The function it calls is C's ``strlen``, and the flag a string of one character or none. A function in Python
    would wait for the interpreter's lock each time, which the lanes' threads keep from each other.
    """

    def __init__(self, llama: Any) -> None:
        c_library = ctypes.cdll.msvcrt if sys.platform == "win32" else ctypes.CDLL(None)
        self._string = ctypes.create_string_buffer(2)
        self.callback = ctypes.cast(c_library.strlen, llama.ggml_abort_callback)
        self.data = ctypes.cast(self._string, ctypes.c_void_p)

    def up(self) -> None:
        self._string[0] = b"1"

    def down(self) -> None:
        self._string[0] = b"\0"
