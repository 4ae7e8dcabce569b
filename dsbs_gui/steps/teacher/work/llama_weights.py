"""The form in which a local teacher's weights are read: as the file has them, or expanded to half precision.

llama.cpp has fast kernels for matrices times several tokens for some kinds of quantised weights on some CPUs
only; where it lacks one, many answers at once cost as much as one after the other. Expanded weights say the
same (a quantised weight is a short number, exact in half precision up to 2^-11 of its size), take more memory
and have a fast kernel everywhere. Which is faster here is measured once (:mod:`.llama_speed`). Worker only.
"""

from __future__ import annotations

import contextlib
import ctypes
import math
import os
import secrets
import shutil
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

import psutil

from dsbs_gui.core.errors import ResourceError, Stopped
from dsbs_gui.core.gguf_header import Header
from dsbs_gui.core.protocol import ShouldStop
from dsbs_gui.core.settings import cache_folder

from .llama_model import EXPANDED, GIVEN, LlamaModel, check, identity, library, threads
from .llama_prefixes import make_room
from .llama_speed import Speed

_MOST_BYTES = 4 << 30
_SHARE_OF_MEMORY = 0.25
_FULL, _UNQUANTISED = 0, (0, 1, 30)  # GGML's numbers for F32; with F16 and BF16
_ASK_SECONDS = 0.1


def model_in_best_form(path: Path, weights: str, should_stop: ShouldStop) -> tuple[LlamaModel, Speed]:
    """The loaded model and what is known of its speed.

    Args:
        weights: ``given``, ``expanded``, or ``auto``: the faster one on this machine.

    Raises:
        As :class:`LlamaModel`.
    """
    header = check(path)
    llama = library()
    speed = Speed.known(path)
    if llama.llama_supports_gpu_offload():
        return LlamaModel(path, should_stop), speed
    forms = [GIVEN, EXPANDED] if _can_expand(header) else [GIVEN]
    if weights == EXPANDED and EXPANDED in forms:
        return _loaded(path, EXPANDED, should_stop), speed
    try:
        if weights == "auto":
            if not speed.covers(forms):
                speed = _measured(path, forms, should_stop)
            if EXPANDED in forms:
                return _loaded(path, speed.best_form, should_stop), speed
    except ResourceError as error:  # no disk or memory for it: slower, but it works
        print(f"The weights stay as the file has them: {error}", file=sys.stderr)
    return LlamaModel(path, should_stop), speed


def _measured(path: Path, forms: Sequence[str], should_stop: ShouldStop) -> Speed:
    with contextlib.ExitStack() as stack:
        models = [stack.enter_context(contextlib.closing(_loaded(path, form, should_stop))) for form in forms]
        return Speed.measure(path, models, should_stop)


def _loaded(path: Path, form: str, should_stop: ShouldStop) -> LlamaModel:
    return _expanded(path, should_stop) if form == EXPANDED else LlamaModel(path, should_stop)


def _can_expand(header: Header) -> bool:
    """Whether there are quantised weights, and memory and disk for them in half precision."""
    size = _expanded_bytes(header)
    folder = next(parent for parent in (cache_folder(), *cache_folder().parents) if parent.exists())
    room = min(psutil.virtual_memory().available * _SHARE_OF_MEMORY, shutil.disk_usage(folder).free / 2, _MOST_BYTES)
    return size < room and any(tensor.kind not in _UNQUANTISED for tensor in header.tensors)


def _expanded_bytes(header: Header) -> int:
    return sum(math.prod(tensor.shape) * (4 if tensor.kind == _FULL else 2) for tensor in header.tensors)


def _expanded(path: Path, should_stop: ShouldStop) -> LlamaModel:
    """Made once and kept in the cache folder. Raises ResourceError if it cannot be written or loaded."""
    folder = cache_folder() / "teacher-weights"
    file = folder / f"{identity(path)}.gguf"
    try:
        if file.exists():
            file.touch()  # the one used longest ago goes first
        else:
            folder.mkdir(parents=True, exist_ok=True)
            make_room(folder, _MOST_BYTES)
            _expand(path, file, should_stop)
    except OSError as error:
        raise ResourceError(f"The cache of weights cannot be written: {error}.", f"Look at {folder}.") from error
    return LlamaModel(file, should_stop, form=EXPANDED)


def _expand(source: Path, target: Path, should_stop: ShouldStop) -> None:
    """Raises Stopped; ResourceError if llama.cpp cannot. llama.cpp works in a thread that ends with the process."""
    llama = library()
    parameters = llama.llama_model_quantize_default_params()
    parameters.ftype = llama.LLAMA_FTYPE_MOSTLY_F16
    parameters.allow_requantize = True
    parameters.nthread = threads()
    draft = target.with_name(f".{target.stem}-{secrets.token_hex(6)}")
    status: list[int] = []

    def work() -> None:
        status.append(llama.llama_model_quantize(os.fsencode(source), os.fsencode(draft), ctypes.byref(parameters)))

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    while thread.is_alive():
        thread.join(_ASK_SECONDS)
        if should_stop():
            raise Stopped
    if status != [0]:
        draft.unlink(missing_ok=True)
        raise ResourceError(
            f"llama.cpp could not write {source.name} in half precision.", "Look for room on the disk of the cache."
        )
    os.replace(draft, target)
