"""Choosing the next token from logits, with numpy: the same choice on every machine for the same logits."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Choice(NamedTuple):
    """A token and its log-probability under the model (temperature 1), in nats."""

    token: int
    logprob: float


class Sampler:
    """One per answer. Greedy at temperature 0, else seeded sampling from the top-p nucleus.

    The random stream depends on (seed, example, sample) alone, not on the answers generated beside it. The
    logits do depend on those a little: llama.cpp rounds otherwise where a sequence lies elsewhere in the
    cache, whatever its neighbours hold. So the same job gives the same answers again; with another
    ``parallel`` an answer may part from the old one at a close call, a sampled one sooner than a greedy one.
    """

    def __init__(self, temperature: float, top_p: float, seed: tuple[int, ...]) -> None:
        self._temperature = temperature
        self._top_p = top_p
        self._random = np.random.default_rng(seed)

    @property
    def greedy(self) -> bool:
        return self._temperature <= 0

    def choose(self, logits: NDArray[np.float32], allowed: NDArray[np.int32] | None = None) -> Choice:
        """Raises FloatingPointError if the logits are not finite: the model file is damaged.

        Args:
            allowed: the tokens to choose from, at least one; None: all. The log-probability is that among all.
        """
        scores = logits if allowed is None else logits[allowed]
        place = int(scores.argmax()) if self.greedy else self._sample(scores)
        token = place if allowed is None else int(allowed[place])
        top = float(logits.max())
        total = top + float(np.log(np.exp(logits - top).sum(dtype=np.float64)))
        logprob = float(logits[token]) - total
        if not np.isfinite(logprob):
            raise FloatingPointError("the logits are not finite")
        return Choice(token, logprob)

    def _sample(self, logits: NDArray[np.float32]) -> int:
        weights = np.exp((logits - logits.max()).astype(np.float64) / self._temperature)
        order = np.argsort(-weights, kind="stable") if self._top_p < 1 else None
        if order is not None:
            mass = np.cumsum(weights[order])
            order = order[: int(np.searchsorted(mass, self._top_p * mass[-1])) + 1]
            weights = weights[order]
        mass = np.cumsum(weights)
        if not np.isfinite(mass[-1]):
            raise FloatingPointError("the logits are not finite")
        place = min(int(np.searchsorted(mass, self._random.random() * mass[-1], side="right")), len(mass) - 1)
        return int(order[place]) if order is not None else place
