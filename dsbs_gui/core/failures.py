"""Foreign exceptions as errors that a person understands: one place for the command line, workers and the window.

Standard library only, so that a bare training worker can use it; what SQLite raises, ``store.connection`` tells.
"""

from __future__ import annotations

import errno
from collections.abc import Callable

from .errors import DsbsError, ResourceError, UserError

Recogniser = Callable[[BaseException], DsbsError | None]

_recognisers: list[Recogniser] = []

FULL = (errno.ENOSPC, errno.EDQUOT)
_REFUSED = {
    errno.EACCES: "you may not read or write it",
    errno.EPERM: "you may not read or write it",
    errno.EROFS: "its disk is read-only",
    errno.ENAMETOOLONG: "its name is too long",
    errno.ENOTDIR: "a part of its path is a file",
    errno.EISDIR: "it is a folder",
    errno.ENOENT: "it is not there",
    errno.EFBIG: "it would be larger than the disk or its quota allows",
    errno.EIO: "the disk reports an error",
    errno.ELOOP: "its links lead in a circle",
}


def known(error: BaseException) -> DsbsError | None:
    """``error`` as one of ours, with its remedy; None if it can only be a bug."""
    if isinstance(error, DsbsError):
        return error
    if isinstance(error, MemoryError):
        return ResourceError("The machine has not enough memory for this.", "Close other programs, or take less.")
    if isinstance(error, ModuleNotFoundError):
        return ResourceError(f"The package {error.name} is not installed.", "Run “python3 start.py” to install it.")
    if isinstance(error, OSError):
        return _of_the_system(error)
    return next((ours for ours in (recognise(error) for recognise in _recognisers) if ours is not None), None)


def add_recogniser(recognise: Recogniser) -> None:
    """Let a module that raises errors of its own library say what they mean; called once, on its import."""
    _recognisers.append(recognise)


def _of_the_system(error: OSError) -> DsbsError | None:
    name = error.filename if isinstance(error.filename, str) else ""
    if error.errno in FULL:
        where = f" ({name})" if name else ""
        return ResourceError(f"The disk is full{where}.", "Nothing saved was lost. Free some space, then try again.")
    why = _REFUSED.get(error.errno or 0)
    if why is None or not name:
        return None
    return UserError(f"{name} cannot be used: {why}.", "Check its permissions and its disk, or choose another place.")
