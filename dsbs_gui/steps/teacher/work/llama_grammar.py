"""A grammar in use: which tokens may come next in one answer, as llama.cpp sees it. Worker only."""

from __future__ import annotations

import ctypes
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .llama_model import LlamaModel

_CANDIDATE = np.dtype([("id", np.int32), ("logit", np.float32), ("p", np.float32)])  # llama_token_data


class Grammar:
    """Raises ValueError if ``text`` is no GBNF, or has no rule ``root``. Close it before the model."""

    def __init__(self, model: LlamaModel, text: str, root: str) -> None:
        self._llama = llama = model.llama
        self._end = int(llama.llama_vocab_eos(model.vocabulary))
        self._sampler = llama.llama_sampler_init_grammar(model.vocabulary, text.encode(), root.encode())
        if not self._sampler:
            raise ValueError("llama.cpp cannot read the grammar")

    def allows(self, tokens: NDArray[np.int32]) -> NDArray[np.bool_]:
        """Which of ``tokens`` may come next. All of a vocabulary take some 15 ms, one 0.1 ms."""
        candidates = np.zeros(len(tokens), _CANDIDATE)
        candidates["id"] = tokens
        raw = self._llama.llama_token_data_array(
            data=candidates.ctypes.data_as(ctypes.POINTER(self._llama.llama_token_data)), size=len(tokens), selected=-1
        )
        self._llama.llama_sampler_apply(self._sampler, ctypes.byref(raw))
        return np.isfinite(candidates["logit"])

    def allows_one(self, token: int) -> bool:
        return bool(self.allows(np.array([token], np.int32))[0])

    @property
    def complete(self) -> bool:
        """Whether the text may end here; never for a model without a token for that."""
        return self._end >= 0 and self.allows_one(self._end)

    def accept(self, token: int) -> None:
        """The token was written. Raises ValueError for one that is not allowed: llama.cpp would end the process."""
        if not self.allows_one(token):
            raise ValueError(f"token {token} is not allowed")
        self._llama.llama_sampler_accept(self._sampler, token)

    def close(self) -> None:
        if self._sampler:
            self._llama.llama_sampler_free(self._sampler)
            self._sampler = None
