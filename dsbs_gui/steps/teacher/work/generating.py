"""The generation job: ask a teacher about rows and hand on every answer as it came.

It judges an answer only where asking goes on differently: whether it was cut off, and whether a hint is
due. What the owner stores and counts is read from the raw text there (:mod:`..intake`).
"""

from __future__ import annotations

import contextlib
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any

from dsbs_gui.core.errors import Stopped, UserError
from dsbs_gui.core.files import read_jsonl
from dsbs_gui.core.gpus import nvidia_gpus
from dsbs_gui.core.protocol import Emit, Finished, Progress, ShouldStop, TeacherAnswer, TeacherReady, Warned
from dsbs_gui.core.tasks import Task, task_named
from dsbs_gui.steps.teacher import label_grammar, parsing
from dsbs_gui.steps.teacher.failures import QUARANTINED
from dsbs_gui.steps.teacher.hints import MENTIONS_HINT, mentions_hint
from dsbs_gui.steps.teacher.ledger import Ledger, Usage
from dsbs_gui.steps.teacher.marking import label_place
from dsbs_gui.steps.teacher.missing import CACHED
from dsbs_gui.steps.teacher.parse_rules import Ladder
from dsbs_gui.steps.teacher.prompts import Prompt, prefix
from dsbs_gui.steps.teacher.specs import GenerateSpec

from .asking import CUT_OFF, EMPTY, Engine, Reply, Request
from .budget import Budget, Limits
from .questions import Questions, stored_under

_PROGRESS_SECONDS = 0.2
_N_LONGEST = 8


def run(spec: GenerateSpec, emit: Emit, should_stop: ShouldStop) -> None:
    """See ``core/protocol.py`` for what a job does. Raises UserError or ResourceError if no row can be answered."""
    task = task_named(spec.task)
    prompt = Prompt.from_json(spec.prompt)
    folder = Path(spec.run_dir)
    grammar = partial(label_grammar.of_row, prompt, task, classes=spec.classes) if spec.constrain_label else None
    questions = Questions(folder, prompt, task, always_told=spec.hint == "always", grammar=grammar)
    with contextlib.closing(questions):
        n_reused = _hand_on_known(folder, emit)
        if not questions.total:
            emit(Finished("done", summary(done=n_reused, reused=n_reused)))
            return
        emit(Progress("Loading the teacher", n_reused, n_reused + questions.total, "answers"))
        try:
            engine = open_engine(spec, prompt, questions, should_stop, emit)
        except Stopped:
            emit(Finished("stopped", summary(done=n_reused, reused=n_reused, stopped_by="user")))
            return
        with contextlib.closing(engine), contextlib.closing(Ledger(folder)) as ledger:
            _tell_ready(engine, emit)
            Generation(spec, task, prompt, questions, engine, ledger, emit, n_reused).run(should_stop)


def _hand_on_known(folder: Path, emit: Emit) -> int:
    """Say again what was answered for other rows that ask the same; returns how much. It costs nothing."""
    n = 0
    with contextlib.suppress(FileNotFoundError):
        for row in read_jsonl(folder / CACHED):
            emit(TeacherAnswer(**row))
            n += 1
    return n


def open_engine(
    spec: GenerateSpec, prompt: Prompt, questions: Questions, should_stop: ShouldStop, emit: Emit
) -> Engine:
    """The engine of the spec's kind. What it needs is imported only now. Raises Stopped if stopped while loading."""
    if spec.teacher_kind == "server":
        from .server_engine import ServerEngine

        return ServerEngine(spec, prompt.stop, warn=lambda text, hint: emit(Warned(text, hint)))
    if spec.teacher_kind == "gguf":
        from .llama_engine import LlamaEngine

        return LlamaEngine(spec, prefix(prompt), prompt.stop, questions.longest(_N_LONGEST), should_stop)
    raise UserError(f"There is no teacher of kind “{spec.teacher_kind}”.", "Choose a GGUF file or a server.")


def _tell_ready(engine: Engine, emit: Emit) -> None:
    """How the teacher works here; and a warning if a GPU idles beside it, with the cure."""
    facts = engine.facts()
    emit(TeacherReady(facts))
    if facts.get("layers_on_gpu") != 0 or not (gpus := nvidia_gpus()):
        return
    why, cure = "llama.cpp was built without GPU support", "Build it with: python3 start.py --cuda"
    if facts["gpu_build"]:
        why, cure = "it does not fit into the GPU's memory", "Choose a smaller file."
    emit(Warned(f"This teacher runs on the CPU, although there is a GPU ({gpus[0]}): {why}.", cure))


def summary(
    done: int = 0,
    failed: Mapping[str, int] = MappingProxyType({}),
    tokens_in: int = 0,
    tokens_out: int = 0,
    seconds: float = 0.0,
    stopped_by: str = "",
    reused: int = 0,
) -> dict[str, Any]:
    """What the job says at its end.

    ``stopped_by`` is ``user``, ``budget`` or empty; ``reused`` of those ``done`` were known from other rows.
    """
    return {
        "done": done,
        "failed": dict(failed),
        "tokens_in": tokens_in,
        "tokens_out": tokens_out,
        "seconds": round(seconds, 3),
        "stopped_by": stopped_by,
        "reused": reused,
    }


class Generation:
    """Asking, telling and counting, for any engine."""

    def __init__(
        self,
        spec: GenerateSpec,
        task: Task,
        prompt: Prompt,
        questions: Questions,
        engine: Engine,
        ledger: Ledger,
        emit: Emit,
        n_reused: int = 0,
    ) -> None:
        self._spec = spec
        self._task = task
        self._prompt = prompt
        self._ladder = Ladder.from_json(spec.parse_rules)
        self._questions = questions
        self._engine = engine
        self._ledger = ledger
        self._emit = emit
        self._budget = Budget(Limits.of(spec), self._most)
        self._failed: Counter[str] = Counter()
        self._done = self._n_reused = n_reused
        self._total = n_reused + questions.total
        self._tokens_in = self._tokens_out = 0
        self._started = self._told = time.monotonic()

    def run(self, should_stop: ShouldStop) -> None:
        """Plain questions first, then those to be asked again with the gold label told, last the dangerous ones."""
        stopped = self._ask(self._questions.plain(), should_stop)
        stopped = stopped or self._ask(self._questions.hinted(), should_stop)
        stopped = stopped or self._ask_accused(should_stop)
        self._tell_progress()
        stopped_by = "user" if stopped else "budget" if self._budget.exhausted else ""
        counted = summary(
            done=self._done,
            failed=self._failed,
            tokens_in=self._tokens_in,
            tokens_out=self._tokens_out,
            seconds=time.monotonic() - self._started,
            stopped_by=stopped_by,
            reused=self._n_reused,
        )
        counted["engine"] = self._engine.facts()
        self._emit(Finished("stopped" if stopped_by else "done", counted))

    def _ask(self, requests: Iterator[Request], should_stop: ShouldStop) -> bool:
        """Returns whether the user stopped it."""
        stopping = False

        def stop() -> bool:
            nonlocal stopping
            stopping = stopping or should_stop()
            return stopping

        while not self._budget.exhausted:
            for reply in self._engine.answer(self._noted(requests), stop):
                took = self._budget.settle(reply)
                self._take(self._judged(reply))
                self._ledger.settle(stored_under(reply.request), took)
            if stop() or not self._budget.waiting:
                break
        return stopping

    def _ask_accused(self, should_stop: ShouldStop) -> bool:
        """Requests during which a worker crashed: alone, so that a second crash names the one; then never again."""
        for request, too_often in self._questions.accused():
            if too_often:
                self._take(Reply(request, failure=QUARANTINED))
            elif self._ask(iter([request]), should_stop):
                return True
        return self._ask(self._questions.hinted(), should_stop)

    def _noted(self, requests: Iterator[Request]) -> Iterator[Request]:
        """Requests that the budget lets through, each put down before it goes out."""
        for request, most in self._budget.let_through(requests):
            self._ledger.ask(stored_under(request), most)
            yield request

    def _most(self, request: Request) -> Usage:
        cost = self._engine.cost(request)
        return Usage(max(0, cost - self._spec.max_tokens), min(cost, self._spec.max_tokens))

    def _judged(self, reply: Reply) -> Reply:
        """The reply, failed if its text is of no use."""
        if reply.failure:
            return reply
        if reply.finish_reason == "length" and parsing.cut_off(reply.raw, self._task, self._prompt.stop):
            return replace(reply, failure=CUT_OFF)
        if reply.request.hinted and mentions_hint(parsing.cut(reply.raw, self._task, self._prompt.stop)):
            return replace(reply, failure=MENTIONS_HINT)
        return reply

    def _take(self, reply: Reply) -> None:
        """Hand a reply on to every row that asked the same. Its tokens are counted once."""
        request = reply.request
        label_logprob = self._label_logprob(reply)
        for place, example_id in enumerate(self._questions.answered_by(request)):
            first = place == 0
            self._emit(
                TeacherAnswer(
                    example_id=example_id,
                    sample=stored_under(request)[1],
                    raw=reply.raw,
                    finish_reason=reply.finish_reason,
                    failure=reply.failure,
                    tokens_in=reply.tokens_in if first else 0,
                    tokens_out=reply.tokens_out if first else 0,
                    seconds=round(reply.seconds, 3) if first else 0.0,
                    mean_logprob=None if reply.mean_logprob is None else round(reply.mean_logprob, 5),
                    label_logprob=label_logprob,
                    hinted=request.hinted,
                )
            )
            self._count(reply, example_id)
        self._tokens_in += reply.tokens_in
        self._tokens_out += reply.tokens_out
        if time.monotonic() - self._told >= _PROGRESS_SECONDS:
            self._tell_progress()

    def _count(self, reply: Reply, example_id: int) -> None:
        if reply.failure:
            self._failed[reply.failure] += 1
        else:
            self._done += 1
        if self._spec.hint == "wrong" and not reply.request.hinted and self._is_wrong(reply, example_id):
            self._total += self._questions.add_hinted(example_id, reply.request.sample)

    def _label_logprob(self, reply: Reply) -> float | None:
        """Of all tokens that the label's own text is part of, in nats; None if there is none, or nobody knows."""
        if reply.failure or not reply.pieces:
            return None
        fields, stop = self._questions.row(reply.request.example_id).fields, self._prompt.stop
        parsed = parsing.parse(reply.raw, self._task, fields, stop=stop, ladder=self._ladder)
        place = label_place(reply.raw, parsed.rationale, parsed.label, parsed.rung, self._task, stop)
        if place is None:
            return None
        return round(sum(p.logprob for p in reply.pieces if p.start < place[1] and p.end > place[0]), 5)

    def _is_wrong(self, reply: Reply, example_id: int) -> bool:
        row = self._questions.row(example_id)
        if not row.gold or reply.failure:
            return bool(row.gold) and reply.failure in (CUT_OFF, EMPTY)
        parsed = parsing.parse(reply.raw, self._task, row.fields, stop=self._prompt.stop, ladder=self._ladder)
        return not parsing.same_label(self._task, parsed.label, row.gold, row.fields)

    def _tell_progress(self) -> None:
        self._told = time.monotonic()
        answered = self._done + self._failed.total()
        self._emit(Progress("Generating", answered, self._total, "answers"))
