"""Decoded prefixes kept on disk: a job with the same model and exemplars does not decode them again. Worker only."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from dsbs_gui.core.files import write_atomically
from dsbs_gui.core.settings import cache_folder

if TYPE_CHECKING:
    from .llama_model import LlamaModel

_MOST_BYTES = 1 << 30
_DIGEST = 32


class Prefix:
    """One decoded prefix: a file named by what it was made from, with a digest before its state."""

    def __init__(self, model: LlamaModel, tokens: Sequence[int]) -> None:
        made_from = f"{model.identity}\n{','.join(map(str, tokens))}"
        self._folder = cache_folder() / "teacher-prefixes"
        self._file = self._folder / f"{hashlib.sha256(made_from.encode()).hexdigest()}.state"

    def load(self) -> bytes | None:
        """None if it is not there, or not whole: llama.cpp aborts on a damaged state."""
        with contextlib.suppress(OSError):
            content = self._file.read_bytes()
            digest, state = content[:_DIGEST], content[_DIGEST:]
            if hashlib.sha256(state).digest() == digest:
                self._file.touch()  # the one used longest ago goes first
                return state
        return None

    def save(self, state: bytes) -> None:
        """Keep it if there is room; a cache that cannot be written is no fault of the job."""
        if len(state) > _MOST_BYTES:
            return
        with contextlib.suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True)
            make_room(self._folder, _MOST_BYTES - len(state))
            write_atomically(self._file, hashlib.sha256(state).digest() + state, durable=False)


def make_room(folder: Path, most_bytes: int) -> None:
    """Delete the files used longest ago until the others take ``most_bytes`` or less."""
    files = sorted(folder.iterdir(), key=lambda path: path.stat().st_mtime, reverse=True)
    total = 0
    for path in files:
        total += path.stat().st_size
        if total > most_bytes:
            with contextlib.suppress(OSError):  # in use, where a system forbids that
                path.unlink()
