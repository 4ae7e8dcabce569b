"""One context of a local teacher and the answers that are written in it. Worker only.

Each decode holds one token of every answer in progress first, then chunks of new prompts. The last sequence
keeps the prefix; each answer shares its cells. A request is admitted only if everything in progress could grow
to its limit and still fit, so that the context never overflows.
"""

from __future__ import annotations

from collections.abc import Sequence

from .llama_answer import Answer
from .llama_context import Batch, LlamaContext, Shape
from .llama_model import LlamaModel


class Lane:
    """Used by one thread at a time. Raises ResourceError if its cells do not fit into memory."""

    def __init__(self, model: LlamaModel, shape: Shape) -> None:
        self._model = model
        self._context = LlamaContext(model, shape)
        self._batch = Batch(model.llama, shape.n_batch)
        self._n_slots = self._prefix_sequence = shape.n_sequences - 1
        self._n_prefix = 0
        self._answers: dict[int, Answer] = {}

    @property
    def busy(self) -> bool:
        return bool(self._answers)

    @property
    def free(self) -> int:
        return self._n_slots - len(self._answers)

    # -- the prefix

    def decode_prefix(self, tokens: Sequence[int]) -> bool:
        """Decode what all prompts begin with; False if stopped."""
        for start in range(0, len(tokens), self._batch.capacity):
            self._batch.clear()
            for place, token in enumerate(tokens[start : start + self._batch.capacity], start):
                self._batch.add(token, place, self._prefix_sequence, logits=False)
            if not self._context.decode(self._batch):
                self._context.forget(self._prefix_sequence)
                return False
        self._n_prefix = len(tokens)
        return True

    def prefix_state(self) -> bytes:
        return self._context.state(self._prefix_sequence)

    def take_prefix(self, n_tokens: int, state: bytes) -> bool:
        """Take over a prefix that was decoded elsewhere; False if it does not fit this model."""
        if not self._context.restore(self._prefix_sequence, state):
            return False
        self._n_prefix = n_tokens
        return True

    # -- answers

    def can_ever_hold(self, answer: Answer) -> bool:
        return self._n_prefix + answer.reserved <= self._context.shape.n_ctx

    def admit(self, answer: Answer) -> bool:
        """Begin an answer; False if it must wait until others have ended."""
        committed = sum(other.reserved for other in self._answers.values())
        if self._n_prefix + committed + answer.reserved > self._context.shape.n_ctx:
            return False
        answer.slot = next(n for n in range(self._n_slots) if n not in self._answers)
        self._context.share(self._prefix_sequence, answer.slot, answer.position)
        self._answers[answer.slot] = answer
        return True

    def step(self) -> list[Answer] | None:
        """Decode one batch and choose the next tokens; the answers that ended with it, None if stopped."""
        self._fill_batch()
        if not self._context.decode(self._batch):
            return None
        ended = []
        for answer in list(self._answers.values()):
            if answer.place >= 0:
                answer.extend(self._model, self._context.logits(answer.place))
                if answer.finish_reason:
                    self._context.forget(answer.slot)
                    del self._answers[answer.slot]
                    answer.close()
                    ended.append(answer)
        return ended

    def stop(self) -> None:
        """From any thread: what is being decoded ends at once."""
        self._context.stop()

    def drop(self) -> None:
        """Give up what is in progress; ready for new answers then."""
        self._context.go_on()
        for slot, answer in self._answers.items():
            self._context.forget(slot)
            answer.close()
        self._answers.clear()

    def close(self) -> None:
        self._batch.close()
        self._context.close()

    def _fill_batch(self) -> None:
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
