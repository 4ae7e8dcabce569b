"""What passes between the generation job and an engine, whichever teacher stands behind it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from dsbs_gui.core.protocol import ShouldStop
from dsbs_gui.steps.teacher.failures import CUT_OFF, EMPTY, TOO_LONG

__all__ = ["CUT_OFF", "EMPTY", "TOO_LONG", "Engine", "Piece", "Reply", "Request"]


@dataclass(frozen=True, slots=True)
class Request:
    """One prompt, asked for one sample of one example.

    ``grammar`` is what its label keeps to, see :mod:`dsbs_gui.steps.teacher.label_grammar`; empty: anything.
    """

    example_id: int
    sample: int
    prompt: str
    hinted: bool = False
    grammar: str = ""


class Piece(NamedTuple):
    """A token of an answer: its log-probability in nats and the characters of the raw text that it is part of."""

    logprob: float
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back.

    Attributes:
        raw: the text as the teacher wrote it, without the stop string.
        finish_reason: ``stop`` or ``length``; empty when there is no answer.
        failure: why there is no usable text; empty when there is.
        mean_logprob: nats per generated token; None where the teacher does not say.
        pieces: the tokens of ``raw``; empty where the teacher does not say.
        estimated: the tokens are our guess: the teacher does not count them.
    """

    request: Request
    raw: str = ""
    finish_reason: str = ""
    failure: str = ""
    tokens_in: int = 0
    tokens_out: int = 0
    seconds: float = 0.0
    mean_logprob: float | None = None
    pieces: tuple[Piece, ...] = ()
    estimated: bool = False


class Engine(Protocol):
    """A teacher that can be asked. Used from the job's thread only."""

    def cost(self, request: Request) -> int:
        """The most tokens, in and out, that the request can take."""
        ...

    def answer(self, requests: Iterator[Request], should_stop: ShouldStop) -> Iterator[Reply]:
        """Replies in the order in which they are ready.

        Pulls requests only as it has room for them; ends early, leaving requests unanswered, once
        ``should_stop`` says so. Raises UserError or ResourceError when no request can be answered.
        """
        ...

    def facts(self) -> dict[str, Any]:
        """How it works here, for the job's record: JSON values."""
        ...

    def close(self) -> None:
        """Give everything back."""
        ...
