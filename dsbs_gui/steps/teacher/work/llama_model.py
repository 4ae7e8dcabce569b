"""Loading a GGUF model through llama-cpp-python's low level, after a look at the file.

Worker only. llama.cpp's chatter goes to standard error, which is the worker's log.
"""

from __future__ import annotations

import ctypes
import hashlib
import math
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from dsbs_gui.core import gguf_header
from dsbs_gui.core.errors import ResourceError, Stopped, UserError
from dsbs_gui.core.protocol import ShouldStop

# llama.cpp otherwise starts gdb on an abort and hangs. Read when its library is loaded.
os.environ.setdefault("GGML_NO_BACKTRACE", "1")

GIVEN, EXPANDED = "given", "expanded"
"""The weights as the file has them, or in half precision (:mod:`.llama_weights`)."""
_AGAIN = "Download or copy the file again, or choose another model."
_ASK_SECONDS = 0.1
_PIECE_BYTES = 64


def library() -> Any:
    """The low-level module ``llama_cpp.llama_cpp``. Raises ResourceError if it is not installed or broken."""
    try:
        import llama_cpp.llama_cpp as llama
    except ImportError as error:
        raise ResourceError(
            "Local teachers need llama-cpp-python, which is not installed here.",
            "Install it with: python -m pip install llama-cpp-python==0.3.36 (it is built from source: some 8 minutes"
            " and a C++ compiler), or use a remote teacher.",
        ) from error
    except (OSError, RuntimeError) as error:
        raise ResourceError(
            f"llama-cpp-python is installed but does not load: {error}.",
            "Install it again with: python -m pip install --force-reinstall llama-cpp-python==0.3.36",
        ) from error
    return llama


def check(path: Path) -> gguf_header.Header:
    """The header of a file that llama.cpp may be given; raises UserError for one on which it would abort."""
    from gguf.constants import GGML_QUANT_SIZES, GGMLQuantizationType

    header = gguf_header.read(path)
    blocks = header.metadata.get(f"{header.architecture}.block_count")
    if not header.architecture or "tokenizer.ggml.tokens" not in header.metadata:
        raise UserError(f"{path.name} is not a language model.", "Choose a model that generates text.")
    names = {tensor.name.rsplit(".", 2)[0] if tensor.name.startswith("blk.") else "" for tensor in header.tensors}
    if not isinstance(blocks, int) or blocks < 1 or not any(name.startswith(f"blk.{blocks - 1}") for name in names):
        raise UserError(f"{path.name} is damaged: its header claims {blocks} layers.", _AGAIN)
    for tensor in header.tensors:
        if tensor.kind not in GGML_QUANT_SIZES:
            raise UserError(f"{path.name} holds weights of an unknown kind ({tensor.kind}).", _AGAIN)
        per_block, block_bytes = GGML_QUANT_SIZES[GGMLQuantizationType(tensor.kind)]
        n_bytes = math.prod(tensor.shape) // per_block * block_bytes
        if header.data_start + tensor.offset + n_bytes > header.size:
            raise UserError(f"{path.name} is cut off: its end is missing.", _AGAIN)
    return header


def threads() -> int:
    """Physical cores that this process may use; ``OMP_NUM_THREADS`` caps it, as elsewhere."""
    import psutil

    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    cores = min(allowed, psutil.cpu_count(logical=False) or allowed)
    cap = os.environ.get("OMP_NUM_THREADS", "")
    return max(1, min(cores, int(cap)) if cap.isdigit() and int(cap) else cores)


def identity(path: Path) -> str:
    """A name for what this file and this llama.cpp make together, without reading all of it."""
    import llama_cpp

    state = path.stat()
    made_from = f"{path.resolve()}|{state.st_size}|{state.st_mtime_ns}|{llama_cpp.__version__}"
    return hashlib.sha256(made_from.encode("utf-8", "surrogateescape")).hexdigest()[:32]


def shares(n_layers: int) -> Iterator[int]:
    """How many layers a GPU is offered, one after the other until they fit: all, fewer, in the end none."""
    return (n_layers * eighths // 8 for eighths in (8, 7, 6, 4, 2, 0))


class LlamaModel:
    """A loaded model and its vocabulary.

    Attributes:
        n_layers: the output's matrix counts as one, as llama.cpp counts.
        layers_on_gpu: as many as fit into its memory; 0 in a build without GPU support.

    Args:
        form: ``given``, or ``expanded`` for a file that :mod:`.llama_weights` made.

    Raises:
        Stopped: if ``should_stop``, asked while the weights are read, said so.
        UserError: for a file that is no model, or not a whole one.
        ResourceError: if llama-cpp-python is missing, or the model does not fit into memory.
    """

    def __init__(self, path: Path, should_stop: ShouldStop = lambda: False, form: str = GIVEN) -> None:
        self.header = check(path)
        self.path = path
        self.form = form
        self.llama = llama = library()
        self.identity = identity(path)
        llama.llama_backend_init()
        parameters = llama.llama_model_default_params()
        parameters.check_tensors = True  # otherwise damaged weights load and give logits that are not numbers
        loading = _Loading(should_stop)
        go_on = llama.llama_progress_callback(loading.go_on)
        parameters.progress_callback = go_on
        self.n_layers = int(self.header.metadata[f"{self.header.architecture}.block_count"]) + 1
        self.gpu_build = bool(llama.llama_supports_gpu_offload())
        for share in shares(self.n_layers) if self.gpu_build else (0,):
            parameters.n_gpu_layers = self.layers_on_gpu = share
            self.model = llama.llama_model_load_from_file(os.fsencode(path), parameters)
            if loading.stopped:
                self.close()
                raise Stopped
            if self.model:
                break
        if not self.model:
            raise ResourceError(
                f"llama.cpp does not load {path.name}.",
                "The file may be damaged, too new for this llama.cpp, or larger than the memory: see the job's log.",
            )
        self.vocabulary = llama.llama_model_get_vocab(self.model)
        self.n_vocabulary: int = llama.llama_vocab_n_tokens(self.vocabulary)
        self.n_ctx_train: int = llama.llama_model_n_ctx_train(self.model)
        # A recurrent state cannot be copied up to a place within the prefix.
        self.shares_prefixes = not (
            llama.llama_model_is_recurrent(self.model) or llama.llama_model_is_hybrid(self.model)
        )
        self._pieces: dict[int, bytes] = {}

    @property
    def on_gpu(self) -> bool:
        return self.layers_on_gpu > 0

    def tokens(self, text: str, special: bool = False) -> list[int]:
        """The tokens of ``text``.

        Args:
            special: the text is a rendered chat template: its control tokens count as such, and it begins with
                its own. Otherwise text that looks like a control token stays text.
        """
        raw = text.encode("utf-8", "replace")
        room = len(raw) + 8
        buffer = (self.llama.llama_token * room)()
        n = self.llama.llama_tokenize(self.vocabulary, raw, len(raw), buffer, room, not special, special)
        if n < 0:
            raise ResourceError("llama.cpp could not split a prompt into tokens.", "See the job's log.")
        return list(buffer[:n])

    def piece(self, token: int) -> bytes:
        """The bytes of a token; control tokens have none. A token may end within a character."""
        if token not in self._pieces:
            self._pieces[token] = self._read_piece(token)
        return self._pieces[token]

    def is_end(self, token: int) -> bool:
        return bool(self.llama.llama_vocab_is_eog(self.vocabulary, token))

    def close(self) -> None:
        if self.model:
            self.llama.llama_model_free(self.model)
            self.model = None

    def _read_piece(self, token: int) -> bytes:
        size = _PIECE_BYTES
        while True:
            buffer = ctypes.create_string_buffer(size)
            n = self.llama.llama_token_to_piece(self.vocabulary, token, buffer, size, 0, False)
            if n >= 0:
                return buffer.raw[:n]
            size = -n  # the piece is longer than the buffer


class _Loading:
    """What llama.cpp asks after each tensor that it has read, in the calling thread; now and then it is passed on."""

    def __init__(self, should_stop: ShouldStop) -> None:
        self._should_stop = should_stop
        self._asked = time.monotonic()
        self.stopped = False

    def go_on(self, _share: float, _data: object) -> bool:
        now = time.monotonic()
        if not self.stopped and now - self._asked >= _ASK_SECONDS:
            self._asked = now
            self.stopped = self._should_stop()
        return not self.stopped
