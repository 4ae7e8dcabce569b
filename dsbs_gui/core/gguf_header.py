"""The header of a GGUF file, read without llama.cpp, which aborts the whole process on some bad ones.

Own code because ``gguf.GGUFReader`` makes a numpy view of every one of a hundred thousand vocabulary
entries: 4 s for the embedded model, before each job. This walks the header with bounds checked at each
step in 0.1 s. Standard library only; it reads no weights and keeps no arrays.

Format: ggml's ``docs/gguf.md``, versions 2 and 3, little-endian.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from .errors import UserError

_SCALARS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
_STRING, _ARRAY = 8, 9
_TOKENS = "tokenizer.ggml.tokens"  # llama.cpp aborts the process where two of them are the same
_MOST_ITEMS = 10_000_000
_MOST_DIMENSIONS = 4
_AGAIN = "Download or copy the file again, or choose another model."


@dataclass(frozen=True, slots=True)
class Tensor:
    """Where a tensor's data begins, counted from the start of the data, and what it holds."""

    name: str
    shape: tuple[int, ...]
    kind: int
    offset: int


@dataclass(frozen=True, slots=True)
class Header:
    """Metadata (scalars and strings; of an array its length), the tensors, where their data begins."""

    size: int
    metadata: dict[str, Any]
    tensors: tuple[Tensor, ...]
    data_start: int

    @property
    def architecture(self) -> str:
        return str(self.metadata.get("general.architecture", ""))

    @property
    def name(self) -> str:
        return str(self.metadata.get("general.name", ""))

    @property
    def context_length(self) -> int:
        """Tokens that the model was trained to see; 0 if the file does not say."""
        value = self.metadata.get(f"{self.architecture}.context_length")
        return value if isinstance(value, int) else 0

    @property
    def chat_template(self) -> str:
        value = self.metadata.get("tokenizer.chat_template")
        return value if isinstance(value, str) else ""


def read(path: Path) -> Header:
    """Raises UserError, naming what is wrong with the file."""
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            return _Reader(file, size).header(path.name)
    except FileNotFoundError:
        raise UserError(f"There is no file {path}.", "Check the path of the model.") from None
    except IsADirectoryError:
        raise UserError(f"{path} is a folder, not a GGUF file.", "Choose the .gguf file in it.") from None
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror}.", "Choose a readable file.") from error
    except EOFError:
        raise UserError(f"{path.name} is cut off: its header ends too early.", _AGAIN) from None
    except ValueError as error:
        raise UserError(f"{path.name} is damaged: {error}.", _AGAIN) from error


class _Reader:
    """Reads forward; EOFError where the file ends, ValueError where it makes no sense."""

    def __init__(self, file: BinaryIO, size: int) -> None:
        self._file = file
        self._left = size
        self._size = size

    def header(self, name: str) -> Header:
        if self._size == 0:
            raise UserError(f"{name} is empty.", _AGAIN)
        if self._size < 4 or self._bytes(4) != b"GGUF":
            raise UserError(f"{name} is not a GGUF file.", "Choose a model in GGUF format.")
        version = self._number("I")
        if version not in (2, 3):
            raise ValueError(f"it claims to be GGUF version {version}")
        n_tensors, n_values = self._count(), self._count()
        metadata: dict[str, Any] = {}
        for _ in range(n_values):
            key = self._string()
            metadata[key] = self._value(self._number("I"), distinct=key == _TOKENS)
        tensors = tuple(self._tensor() for _ in range(n_tensors))
        alignment = metadata.get("general.alignment", 32)
        if not isinstance(alignment, int) or not 0 < alignment <= 1 << 20:
            raise ValueError(f"it claims an alignment of {alignment}")
        end = self._size - self._left
        return Header(self._size, metadata, tensors, -(-end // alignment) * alignment)

    def _tensor(self) -> Tensor:
        name, dimensions = self._string(), self._number("I")
        if dimensions > _MOST_DIMENSIONS:
            raise ValueError(f"a tensor claims {dimensions} dimensions")
        shape = tuple(self._number("Q") for _ in range(dimensions))
        return Tensor(name, shape, self._number("I"), self._number("Q"))

    def _value(self, kind: int, distinct: bool) -> Any:
        if kind == _STRING:
            return self._string()
        if kind == _ARRAY:
            return self._skip_array(self._number("I"), distinct)
        if kind not in _SCALARS:
            raise ValueError(f"it holds a value of the unknown kind {kind}")
        return self._number(_SCALARS[kind])

    def _skip_array(self, kind: int, distinct: bool) -> int:
        n = self._count()
        seen: set[bytes] = set()
        if kind in _SCALARS:
            self._bytes(n * struct.calcsize(_SCALARS[kind]))
        elif kind == _STRING:
            for _ in range(n):
                text = self._bytes(self._number("Q"))
                if distinct and text in seen:
                    raise ValueError(f"its vocabulary holds {text[:20]!r} twice")
                if distinct and text:
                    seen.add(text)
        else:
            raise ValueError(f"it holds an array of the unknown kind {kind}")
        return n

    def _count(self) -> int:
        n = self._number("Q")
        if n > _MOST_ITEMS:
            raise ValueError(f"it claims {n} entries")
        return n

    def _string(self) -> str:
        return self._bytes(self._number("Q")).decode("utf-8", "replace")

    def _number(self, code: str) -> Any:
        return struct.unpack(f"<{code}", self._bytes(struct.calcsize(f"<{code}")))[0]

    def _bytes(self, n: int) -> bytes:
        if n > self._left:
            raise EOFError
        self._left -= n
        return self._file.read(n)
