"""One answer while a local teacher writes it. Worker only."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dsbs_gui.core.errors import ResourceError

from .asking import CUT_OFF, EMPTY, Piece, Reply, Request
from .label_rule import LabelRule
from .llama_model import LlamaModel
from .sampling import Choice, Sampler
from .transcript import Transcript

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(slots=True)
class Answer:
    """An answer in progress.

    Attributes:
        pending: tokens yet to be decoded: the rest of the prompt, later the one chosen last.
        position: of the next token in the sequence.
        n_prompt: tokens of the whole prompt, the shared prefix included.
        slot: its sequence in the context; -1 before it has one.
        reserved: cells that it may come to need beside the prefix.
        rule: what its label keeps to; None: anything goes.
        place: index of its logits in the current batch; -1 if none were asked for.
        finish_reason: empty while it is being written.
    """

    request: Request
    pending: list[int]
    position: int
    n_prompt: int
    reserved: int
    max_tokens: int
    transcript: Transcript
    sampler: Sampler
    rule: LabelRule | None = None
    started: float = field(default_factory=time.monotonic)
    slot: int = -1
    n_generated: int = 0
    logprob: float = 0.0
    pieces: list[Piece] = field(default_factory=list)
    place: int = -1
    finish_reason: str = ""

    def take(self, n: int) -> list[int]:
        """Up to ``n`` pending tokens, which are then no longer pending."""
        taken, self.pending = self.pending[:n], self.pending[n:]
        return taken

    def extend(self, model: LlamaModel, logits: NDArray[np.float32]) -> None:
        """Choose the next token; sets ``finish_reason`` if the answer ends with it."""
        try:
            token, logprob = self._choose(logits)
        except FloatingPointError as error:
            raise ResourceError(
                "The teacher's weights give no finite numbers.", "The model file is damaged: copy it again."
            ) from error
        self.n_generated += 1
        self.logprob += logprob
        ended = model.is_end(token) or (self.rule is not None and self.rule.ended)
        if not ended:
            self._write(token, model.piece(token), logprob)
        if ended or self.transcript.stopped:
            self.finish_reason = "stop"
        elif self.n_generated >= self.max_tokens:
            self.finish_reason = "length"

    def close(self) -> None:
        """Give back what the rule holds."""
        if self.rule is not None:
            self.rule.close()

    def _choose(self, logits: NDArray[np.float32]) -> Choice:
        return self.sampler.choose(logits) if self.rule is None else self.rule.choose(self.sampler, logits)

    def _write(self, token: int, piece: bytes, logprob: float) -> None:
        start = len(self.transcript.text)
        self.transcript.feed(piece)
        self.pieces.append(Piece(logprob, start, self.transcript.reach))
        self.pending = [token]
        if self.rule is not None:
            self.rule.wrote(token, self.transcript.text)

    def reply(self) -> Reply:
        raw = self.transcript.finish()
        cut_off = self.finish_reason == "length"
        return Reply(
            request=self.request,
            raw=raw,
            finish_reason=self.finish_reason,
            failure="" if raw.strip() else CUT_OFF if cut_off else EMPTY,
            tokens_in=self.n_prompt,
            tokens_out=self.n_generated,
            seconds=time.monotonic() - self.started,
            mean_logprob=self.logprob / self.n_generated,
            pieces=tuple(self.pieces),
        )
