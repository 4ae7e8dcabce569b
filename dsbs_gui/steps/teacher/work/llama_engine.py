"""A local teacher: many answers at once in one llama.cpp context (continuous batching).

The exemplar block, the same for all rows, is decoded once under a sequence of its own; each answer shares
its cells. A request is admitted only if everything in progress could grow to its limit and still fit, so
that the context never overflows. Each decode holds one token of every answer in progress first, then
chunks of new prompts. Worker only, the job's thread only.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from dsbs_gui.core.errors import UserError
from dsbs_gui.core.protocol import ShouldStop
from dsbs_gui.steps.teacher.specs import GenerateSpec

from .asking import TOO_LONG, Reply, Request
from .llama_answer import Answer
from .llama_chat import chat_format
from .llama_context import Batch, LlamaContext
from .llama_model import LlamaModel
from .sampling import Sampler
from .transcript import Transcript

DEFAULT_PARALLEL = 8
_N_BATCH = 512
_CELLS_STEP = 256


class LlamaEngine:
    """See :class:`~.asking.Engine`.

    Args:
        spec: the job.
        prefix: the exemplar block, with which every prompt begins.
        stops: strings at which an answer ends.
        longest: the job's longest prompts, from which the context's size is found.
        should_stop: asked while the model is loaded.

    Raises:
        Stopped: if it was stopped while loading.
        UserError: for a file that is no model, too many answers at once, or a context that is too small.
        ResourceError: if llama-cpp-python is missing or memory does not suffice.
    """

    def __init__(
        self,
        spec: GenerateSpec,
        prefix: str,
        stops: Sequence[str],
        longest: Sequence[str],
        should_stop: ShouldStop = lambda: False,
    ) -> None:
        self._spec = spec
        self._stops = stops
        self._model = LlamaModel(Path(spec.model), should_stop)
        self._format = chat_format(self._model) if spec.chat else None
        self._n_slots = self._checked_parallel(spec.parallel or DEFAULT_PARALLEL)
        self._prefix = self._shared_prefix(prefix, longest)
        n_ctx = spec.n_ctx or self._needed_cells(longest)
        self._context = LlamaContext(self._model, n_ctx, self._n_slots + 1, _N_BATCH)
        self._batch = Batch(self._model.llama, _N_BATCH)
        self._answers: dict[int, Answer] = {}
        self._prefix_decoded = False

    def cost(self, request: Request) -> int:
        return len(self._tokens(request.prompt)) + self._spec.max_tokens

    def answer(self, requests: Iterator[Request], should_stop: ShouldStop) -> Iterator[Reply]:
        held: Request | None = None
        try:
            if not self._decode_prefix(should_stop):
                return
            while not should_stop():
                while len(self._answers) < self._n_slots:
                    held = held or next(requests, None)
                    if held is None:
                        break
                    outcome = self._admit(held)
                    if outcome is None:
                        break
                    held = None
                    if isinstance(outcome, Reply):
                        yield outcome
                if not self._answers:
                    return
                self._fill_batch()
                if not self._context.decode(self._batch, should_stop):
                    return
                yield from self._read_tokens()
        finally:
            for slot in self._answers:
                self._context.forget(slot)
            self._answers.clear()

    def close(self) -> None:
        self._batch.close()
        self._context.close()
        self._model.close()

    # -- prompts

    def _tokens(self, prompt: str) -> list[int]:
        if self._format:
            return self._model.tokens(self._format(prompt), special=True)
        return self._model.tokens(prompt)

    def _shared_prefix(self, prefix: str, longest: Sequence[str]) -> list[int]:
        """The tokens with which prompts begin; the border may move where text follows, so prompts have a say."""
        if not prefix or not longest or not self._model.shares_prefixes:
            return []
        tokens = self._tokens(longest[0])
        return tokens[: _common(tokens, self._tokens(prefix))]

    def _needed_cells(self, longest: Sequence[str]) -> int:
        """Cells for the longest prompts side by side, one in each slot, with the longest answers.

        A prompt counts only up to what the model was trained to see: beyond that it is refused. If there are
        more slots than prompts were named, the shortest of these stands for the others.
        """
        most = (self._model.n_ctx_train or sys.maxsize) - self._spec.max_tokens
        tokenised = [self._tokens(prompt) for prompt in longest]
        tails = sorted((max(0, min(len(t), most) - self._shared(t)) for t in tokenised), reverse=True) or [0]
        tails = tails[: self._n_slots] + tails[-1:] * (self._n_slots - len(tails))
        cells = len(self._prefix) + sum(tails) + self._n_slots * self._spec.max_tokens
        return -(-cells // _CELLS_STEP) * _CELLS_STEP

    def _shared(self, tokens: Sequence[int]) -> int:
        """How many of the prefix's tokens a prompt shares; at least one of its own remains to be decoded."""
        return max(0, min(_common(tokens, self._prefix), len(tokens) - 1))

    def _checked_parallel(self, n: int) -> int:
        most = int(self._model.llama.llama_max_parallel_sequences()) - 1
        if n > most:
            raise UserError(f"llama.cpp cannot write {n} answers at once.", f"Choose at most {most}.")
        return n

    # -- the loop's parts

    def _decode_prefix(self, should_stop: ShouldStop) -> bool:
        """Decode the shared prefix once for the engine's life; False if stopped."""
        if self._prefix_decoded:
            return True
        for start in range(0, len(self._prefix), self._batch.capacity):
            self._batch.clear()
            for place, token in enumerate(self._prefix[start : start + self._batch.capacity], start):
                self._batch.add(token, place, self._n_slots, logits=False)
            if not self._context.decode(self._batch, should_stop):
                self._context.forget(self._n_slots)
                return False
        self._prefix_decoded = True
        return True

    def _admit(self, request: Request) -> Reply | Answer | None:
        """Put the request into a slot; None if it must wait, a failed reply if it can never fit."""
        tokens = self._tokens(request.prompt)
        shared = self._shared(tokens)
        tail, limit = tokens[shared:], self._spec.max_tokens
        alone = len(self._prefix) + len(tail) + limit
        if alone > self._context.n_ctx or not self._fits(len(tokens)):
            return Reply(request, failure=TOO_LONG)
        committed = sum(answer.reserved for answer in self._answers.values())
        if committed + alone > self._context.n_ctx:
            return None
        slot = next(n for n in range(self._n_slots) if n not in self._answers)
        self._context.share(self._n_slots, slot, shared)
        seed = (self._spec.seed, request.example_id, request.sample, int(request.hinted))
        self._answers[slot] = answer = Answer(
            request=request,
            slot=slot,
            pending=tail,
            position=shared,
            n_prompt=len(tokens),
            reserved=len(tail) + limit,
            max_tokens=limit,
            transcript=Transcript(self._stops),
            sampler=Sampler(self._spec.temperature, self._spec.top_p, seed),
        )
        return answer

    def _fits(self, n_prompt: int) -> bool:
        """Whether a prompt of so many tokens and its answer are within what the model was trained to see."""
        return not self._model.n_ctx_train or n_prompt + self._spec.max_tokens <= self._model.n_ctx_train

    def _fill_batch(self) -> None:
        """One token of each answer that is being written, then as much of new prompts as there is room."""
        self._batch.clear()
        by_phase = sorted(self._answers.values(), key=lambda answer: answer.n_generated == 0)
        for answer in by_phase:
            chunk = answer.take(self._batch.room)
            answer.place = -1
            for n, token in enumerate(chunk, 1):
                last = n == len(chunk) and not answer.pending
                place = self._batch.add(token, answer.position, answer.slot, logits=last)
                answer.position += 1
                answer.place = place if last else -1

    def _read_tokens(self) -> Iterator[Reply]:
        """Choose the next token of every answer whose logits are there; reply to those that end with it."""
        for answer in list(self._answers.values()):
            if answer.place >= 0:
                answer.extend(self._model, self._context.logits(answer.place))
                if answer.finish_reason:
                    self._context.forget(answer.slot)
                    del self._answers[answer.slot]
                    yield answer.reply()


def _common(a: Sequence[int], b: Sequence[int]) -> int:
    """The length of the common beginning."""
    return next((n for n, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
