"""What one answer of a local teacher keeps to: free until a label is announced, then a label and the end.

Worker only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dsbs_gui.steps.teacher.label_grammar import BEGUN, ROOT

from .llama_grammar import Grammar

if TYPE_CHECKING:
    import re

    from numpy.typing import NDArray

    from .llama_model import LlamaModel
    from .sampling import Choice, Sampler

_BEST = 64


class LabelRule:
    """Costs nothing but a look at the text before the label is announced.

    Args:
        cue: the words that announce it.
        grammar: what may follow, see :mod:`dsbs_gui.steps.teacher.label_grammar`.

    Attributes:
        ended: the label is written and the teacher wanted to go on with something else.
    """

    def __init__(self, model: LlamaModel, cue: re.Pattern[str], grammar: str) -> None:
        self._model = model
        self._cue = cue
        self._text = grammar
        self._grammar: Grammar | None = None
        self._looked = 0
        self.ended = False

    def choose(self, sampler: Sampler, logits: NDArray[np.float32]) -> Choice:
        """The free choice where it is allowed, else one among the allowed tokens.

        Either way its log-probability is that of the free model. Raises FloatingPointError as the sampler does.
        """
        choice = sampler.choose(logits)
        if self._grammar is None or self._grammar.allows_one(choice.token):
            return choice
        allowed = None if self._grammar.complete else self._allowed(self._grammar, logits, sampler.greedy)
        if allowed is None or not allowed.size:
            self.ended = True
            return choice
        return sampler.choose(logits, allowed)

    def wrote(self, token: int, text: str) -> None:
        """Say what was chosen, and the text of the answer with it."""
        if self._grammar is not None:
            self._grammar.accept(token)
            return
        # The pattern is longer than the words: what stands further back is no part of them.
        found = self._cue.search(text, max(0, self._looked - len(self._cue.pattern)))
        self._looked = len(text)
        if found is None or text.count("<think>") > text.count("</think>"):
            return
        behind = text[found.end() :]
        if not behind.strip(": "):  # else the token that ended the words began something, which stays free
            self._grammar = Grammar(self._model, self._text, BEGUN if behind.endswith(" ") else ROOT)

    def close(self) -> None:
        if self._grammar is not None:
            self._grammar.close()
            self._grammar = None

    def _allowed(self, grammar: Grammar, logits: NDArray[np.float32], greedy: bool) -> NDArray[np.int32]:
        if greedy:  # the best one is mostly among the first few
            best = np.sort(np.argpartition(logits, -min(_BEST, len(logits)))[-_BEST:]).astype(np.int32)
            found = best[grammar.allows(best)]
            if found.size:
                return found
        every = np.arange(len(logits), dtype=np.int32)
        return every[grammar.allows(every)]
