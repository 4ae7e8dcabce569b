"""The kinds of error that a person meets, told apart at each boundary.

Anything that is none of these is a bug and gets a copyable report. Standard library only.
"""

from __future__ import annotations


class DsbsError(Exception):
    """An error whose message and hint are shown to the user as they are."""

    kind = "bug"

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class UserError(DsbsError):
    """The user can put it right: a missing column, an empty file, a wrong name."""

    kind = "user"


class ResourceError(DsbsError):
    """The machine or the network is at fault: memory, disk, a server that does not answer."""

    kind = "resource"


class Stopped(Exception):
    """The user wanted it to stop: a state, not an error."""


class WorkerDied(ResourceError):
    """A worker process ended without saying so.

    Attributes:
        log_tail: the last lines of its log.
    """

    kind = "worker"

    def __init__(self, message: str, hint: str = "", log_tail: str = "") -> None:
        super().__init__(message, hint)
        self.log_tail = log_tail
