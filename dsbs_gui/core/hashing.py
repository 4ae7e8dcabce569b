"""By what equal inputs, and a file that was changed, are found. Standard library only."""

from __future__ import annotations

from hashlib import blake2b
from pathlib import Path


def input_hash(text: str) -> bytes:
    """16 bytes: a worker computes it, the store keeps it. Raises UnicodeEncodeError for half a surrogate pair."""
    return blake2b(text.encode("utf-8"), digest_size=16).digest()


def text_mark(text: str) -> str:
    """16 hexadecimal signs, by which it is seen that a text has changed."""
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def stamp(path: Path) -> tuple[int, ...]:
    """Size in bytes and time of the last change in nanoseconds of a file; () for folders and what is not there."""
    try:
        found = path.stat()
    except OSError:
        return ()
    return (found.st_size, found.st_mtime_ns) if path.is_file() else ()
