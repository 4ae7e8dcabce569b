"""How probable given endings of texts are under a local teacher: many pairs of texts in one context. Worker only.

What all texts begin with is decoded once and shared, and so is what the two of a pair begin with; the texts of a group
are decoded together, each in a sequence of its own. No token is chosen, so nothing is random.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dsbs_gui.core.errors import UserError

from .llama_context import Batch, LlamaContext, Shape
from .llama_model import LlamaModel, threads

if TYPE_CHECKING:
    from numpy.typing import NDArray

CELLS = 4_096
"""Tokens of one group behind the shared prefix; a longer text cannot be measured."""

SEQUENCES = 64
"""Also the most tokens of a batch whose logits are wanted: llama.cpp keeps as many."""

_PREFIX = 0


class Text(NamedTuple):
    """Tokens, and where the ending begins whose probability is asked for (at least 1)."""

    tokens: list[int]
    start: int


class Scorer:
    """One context. Raises ResourceError if it does not fit into memory, UserError for an encoder-decoder model."""

    def __init__(self, model: LlamaModel, prefix: str) -> None:
        if model.llama.llama_model_has_encoder(model.model):
            raise UserError(
                f"{model.path.name} is an encoder-decoder model, which does not go on from a text.",
                "Choose a model that generates text, such as smollm2-135m.",
            )
        self._model = model
        # The last token may read otherwise where text follows, so it is decoded with each text.
        self._prefix = model.tokens(prefix)[:-1] if prefix and model.shares_prefixes else []
        shape = Shape(SEQUENCES, len(self._prefix) + CELLS, threads())
        self._context = LlamaContext(model, shape)
        self._batch = Batch(model.llama, shape.n_batch)
        self._waiting: list[tuple[int, int, int]] = []
        self._sums: list[float] = []
        for place, token in enumerate(self._prefix):
            self._add(token, place, _PREFIX)
        self._decode()

    def text(self, before: str, ending: str) -> Text:
        """A text whose ending is to be measured: its tokens are those that ``before`` alone does not have."""
        tokens = self._model.tokens(before + ending)
        return Text(tokens, max(1, min(_common(tokens, self._model.tokens(before)), len(tokens) - 1)))

    def cells(self, longer: Text, shorter: Text) -> int:
        """How many cells a pair takes in a group; more than ``CELLS``: it cannot be measured."""
        most = self._model.n_ctx_train
        if most and max(len(longer.tokens), len(shorter.tokens)) > most:
            return CELLS + 1
        own = len(longer.tokens) - _shared(self._prefix, longer)
        return own + len(shorter.tokens) - self._shared_by(longer, shorter)

    def logprobs(self, pairs: Sequence[tuple[Text, Text]]) -> list[tuple[float, float]]:
        """Of both endings of each pair, in nats, all tokens together; NaN where the model's logits are no numbers.

        The second text of a pair goes on from where it parts from the first, which is mostly behind the question. The
        pairs must fit together: less than half of ``SEQUENCES`` of them, within ``CELLS``.
        """
        self._sums = [0.0] * (2 * len(pairs) + 1)
        for number, (longer, _) in enumerate(pairs):
            self._put(longer, 2 * number + 1, _PREFIX, _shared(self._prefix, longer))
        self._decode()
        for number, (longer, shorter) in enumerate(pairs):
            self._put(shorter, 2 * number + 2, 2 * number + 1, self._shared_by(longer, shorter))
        self._decode()
        for sequence in range(1, 2 * len(pairs) + 1):
            self._context.forget(sequence)
        return list(zip(self._sums[1::2], self._sums[2::2], strict=True))

    def close(self) -> None:
        self._batch.close()
        self._context.close()

    def _shared_by(self, longer: Text, shorter: Text) -> int:
        return _shared(longer.tokens, shorter) if self._model.shares_prefixes else 0

    def _put(self, text: Text, sequence: int, source: int, shared: int) -> None:
        """Let a sequence begin as another one does and decode the rest of the text in it."""
        self._context.share(source, sequence, shared)
        for place in range(shared, len(text.tokens) - 1):
            self._add(text.tokens[place], place, sequence, place + 1 >= text.start, text.tokens[place + 1])

    def _add(self, token: int, place: int, sequence: int, wanted: bool = False, after: int = 0) -> None:
        if not self._batch.room or (wanted and len(self._waiting) == SEQUENCES):
            self._decode()
        in_batch = self._batch.add(token, place, sequence, logits=wanted)
        if wanted:
            self._waiting.append((in_batch, sequence, after))

    def _decode(self) -> None:
        if len(self._batch):
            self._context.decode(self._batch)
        for in_batch, sequence, token in self._waiting:
            self._sums[sequence] += logprob(self._context.logits(in_batch), token)
        self._waiting.clear()
        self._batch.clear()


def logprob(logits: NDArray[np.float32], token: int) -> float:
    """Of a token, in nats; NaN if a logit is no number."""
    exact = logits.astype(np.float64)
    most = exact.max()
    if not np.isfinite(most):
        return float("nan")
    return float(exact[token] - most - np.log(np.exp(exact - most).sum()))


def _shared(begun: Sequence[int], text: Text) -> int:
    """How many tokens a text has in common with what is there; the one before its ending is always decoded."""
    return min(_common(begun, text.tokens), text.start - 1)


def _common(a: Sequence[int], b: Sequence[int]) -> int:
    """The length of the common beginning."""
    return next((n for n, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
