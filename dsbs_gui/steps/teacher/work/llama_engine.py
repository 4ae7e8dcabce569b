"""A local teacher: many answers at once in llama.cpp contexts (continuous batching).

What all prompts begin with is decoded once, or taken from an earlier job; each answer goes on from there.
There may be several contexts (*lanes*), each decoded by threads of its own: a core then never waits for
another one. How many, and in which form the weights are read, is measured (:mod:`.llama_layout`). Worker
only. All is called from the job's thread; only what decodes runs in a lane's own.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any

from dsbs_gui.core.protocol import ShouldStop
from dsbs_gui.steps.teacher.label_grammar import cue
from dsbs_gui.steps.teacher.specs import GenerateSpec

from . import llama_prefixes
from .asking import TOO_LONG, Reply, Request
from .label_rule import LabelRule
from .llama_answer import Answer
from .llama_chat import chat_format
from .llama_lane import Lane
from .llama_layout import Needs, checked_parallel, chosen_layout
from .llama_weights import model_in_best_form
from .sampling import Sampler
from .transcript import Transcript

_MOST_AHEAD = 64
_ASK_SECONDS = 0.1


class LlamaEngine:
    """See :class:`~.asking.Engine`.

    Args:
        spec: the job.
        prefix: the exemplar block, with which every prompt begins.
        stops: strings at which an answer ends.
        longest: the job's longest prompts, from which the contexts' size is found.
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
        self._cue = cue(str(spec.prompt.get("trigger", "")))
        self._model, speed = model_in_best_form(Path(spec.model), spec.weights, should_stop)
        self._format = chat_format(self._model) if spec.chat else None
        n_parallel = checked_parallel(self._model, spec.parallel)
        self._prefix = self._shared_prefix(prefix, longest)
        needs = Needs(len(self._prefix), self._tails(longest), spec.max_tokens, self._model.n_ctx_train, spec.n_ctx)
        self.layout = chosen_layout(self._model, needs, n_parallel, speed)
        self._lanes = [Lane(self._model, shape) for shape in self.layout.shapes]
        self._threads = ThreadPoolExecutor(len(self._lanes), thread_name_prefix="lane")
        self._ahead: list[deque[Request]] = [deque() for _ in self._lanes]
        self._turn = 0
        self._prefix_decoded = False

    def facts(self) -> dict[str, Any]:
        """How it works here, for the job's record."""
        model = self._model
        return {
            "weights": model.form,
            "layers": model.n_layers,
            "layers_on_gpu": model.layers_on_gpu,
            "gpu_build": model.gpu_build,
        } | self.layout.facts()

    def cost(self, request: Request) -> int:
        return len(self._tokens(request.prompt)) + self._spec.max_tokens

    def answer(self, requests: Iterator[Request], should_stop: ShouldStop) -> Iterator[Reply]:
        if not self._decode_prefix(should_stop):
            return
        running: dict[Future[list[Answer] | None], Lane] = {}
        try:
            while not should_stop():
                for number, lane in enumerate(self._lanes):
                    if lane not in running.values():
                        yield from self._admit(number, requests)
                        if lane.busy:
                            running[self._threads.submit(lane.step)] = lane
                if not running:
                    return
                for step in wait(running, _ASK_SECONDS, FIRST_COMPLETED).done:
                    del running[step]
                    for answer in step.result() or ():
                        yield answer.reply()
        finally:
            for lane in self._lanes:
                lane.stop()
            wait(running)
            for lane, ahead in zip(self._lanes, self._ahead, strict=True):
                lane.drop()
                ahead.clear()

    def close(self) -> None:
        self._threads.shutdown()
        for lane in self._lanes:
            lane.close()
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

    def _tails(self, prompts: Sequence[str]) -> list[int]:
        """Tokens of each prompt behind the prefix."""
        return [len(tokens) - self._shared(tokens) for tokens in map(self._tokens, prompts)]

    def _shared(self, tokens: Sequence[int]) -> int:
        """How many of the prefix's tokens a prompt shares; at least one of its own remains to be decoded."""
        return max(0, min(_common(tokens, self._prefix), len(tokens) - 1))

    def _decode_prefix(self, should_stop: ShouldStop) -> bool:
        """Have the shared prefix in every lane, once for the engine's life; False if stopped."""
        if self._prefix_decoded or not self._prefix:
            return True
        first, *others = self._lanes
        known = llama_prefixes.Prefix(self._model, self._prefix)
        state = known.load()
        if state is None or not first.take_prefix(len(self._prefix), state):
            if not self._decoded(first, should_stop):
                return False
            state = first.prefix_state()
            known.save(state)
        for lane in others:
            if not lane.take_prefix(len(self._prefix), state) and not self._decoded(lane, should_stop):
                return False
        self._prefix_decoded = True
        return True

    def _decoded(self, lane: Lane, should_stop: ShouldStop) -> bool:
        """Whether the lane has decoded the prefix; False if stopped."""
        decoding = self._threads.submit(lane.decode_prefix, self._prefix)
        while not wait([decoding], _ASK_SECONDS).done:
            if should_stop():
                lane.stop()
        lane.drop()
        return decoding.result()

    # -- requests

    def _admit(self, number: int, requests: Iterator[Request]) -> Iterator[Reply]:
        """Fill the lane with requests as long as there is room; replies to those that can never fit."""
        lane, ahead = self._lanes[number], self._ahead[number]
        while lane.free:
            request = self._next(number, requests)
            if request is None:
                return
            answer = self._begun(request)
            if not self._fits(answer.n_prompt) or not lane.can_ever_hold(answer):
                yield Reply(request, failure=TOO_LONG)
            elif not lane.admit(answer):
                ahead.appendleft(request)
                return

    def _next(self, number: int, requests: Iterator[Request]) -> Request | None:
        """The lane's next request. They are dealt out in turn, so that the same job gives the same batches again.

        Only where a lane has fallen far behind does another one take its requests.
        """
        while not self._ahead[number]:
            request = next(requests, None)
            if request is None:
                return None
            turn, self._turn = self._turn, (self._turn + 1) % len(self._lanes)
            self._ahead[turn if len(self._ahead[turn]) < _MOST_AHEAD else number].append(request)
        return self._ahead[number].popleft()

    def _begun(self, request: Request) -> Answer:
        tokens = self._tokens(request.prompt)
        shared, limit = self._shared(tokens), self._spec.max_tokens
        seed = (self._spec.seed, request.example_id, request.sample, int(request.hinted))
        return Answer(
            request=request,
            pending=tokens[shared:],
            position=shared,
            n_prompt=len(tokens),
            reserved=len(tokens) - shared + limit,
            max_tokens=limit,
            transcript=Transcript(self._stops),
            sampler=Sampler(self._spec.temperature, self._spec.top_p, seed),
            rule=LabelRule(self._model, self._cue, request.grammar) if request.grammar else None,
        )

    def _fits(self, n_prompt: int) -> bool:
        """Whether a prompt of so many tokens and its answer are within what the model was trained to see."""
        return not self._model.n_ctx_train or n_prompt + self._spec.max_tokens <= self._model.n_ctx_train


def _common(a: Sequence[int], b: Sequence[int]) -> int:
    """The length of the common beginning."""
    return next((n for n, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
