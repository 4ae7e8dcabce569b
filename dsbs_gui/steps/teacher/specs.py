"""What a generation job is to do. Standard library only."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from dsbs_gui.core.specs import Spec

KINDS = ("gguf", "server")
PROTOCOLS = {"": "OpenAI chat", "completion": "OpenAI completions", "messages": "Anthropic messages"}
"""How a server is spoken to, with the words for it."""
HINTS = ("never", "wrong", "always")


def hinted_sample(sample: int) -> int:
    """The index under which the answer with the gold label told is kept: −1, −2, … for the samples 0, 1, …

    So it lies beside the honest answer of the same run, stands before it, and is never taken for one.
    """
    return -1 - sample


@dataclass(frozen=True)
class GenerateSpec(Spec):
    """A teacher, a prompt and how to ask.

    Attributes:
        task: name of the task.
        teacher_kind: ``gguf`` (a local file through llama.cpp) or ``server`` (an address).
        protocol: how a server is spoken to: one of ``PROTOCOLS``.
        model: path of the GGUF file, or the server's base address.
        model_name: the name under which answers are stored; for a server also the model asked for
            (empty: the only one that the server has).
        prompt: a :class:`~dsbs_gui.steps.teacher.prompts.Prompt` as JSON.
        temperature: 0 takes the most probable token each time.
        top_p: the probability mass that sampling keeps.
        max_tokens: the longest answer.
        seed: with the example and the sample index it fixes every random choice of a local teacher.
        parallel: answers in progress at the same time; 0: what suits the teacher.
        budget_tokens: the most tokens, prompts included, that the budget holds; 0: no limit.
        budget_money: the most that the budget holds, in the currency of the prices; 0: no limit.
        spent_tokens, spent_money: what earlier jobs took of the budget.
        price_in, price_out: of a million tokens of prompts and of answers; 0: unknown or free.
        n_ctx: context cells in tokens of a local teacher; 0: from the data.
        weights: the form in which a GGUF file's weights are read: ``given``, ``expanded`` to half precision, or
            ``auto``: the faster one on this machine, which is measured once.
        chat: whether to wrap the prompt as a chat message for a GGUF file; None: no.
        requests_per_minute, tokens_per_minute: the most that a server is sent; 0: no limit.
        constrain_label: whether a local teacher, once it has written the words before the label, may only go on with a
            label of the row.
        classes: the labels that there are in a project whose task does not say; with ``constrain_label`` only.
        structured: whether a server is asked for JSON that keeps to a schema, where it can do that.
        hint: whether the gold label is told: ``never``, ``wrong`` (again, where the answer was not the gold
            label) or ``always``.
        parse_rules: the project's :class:`~dsbs_gui.steps.teacher.parse_rules.Ladder` as JSON, by which the job
            sees whether a hint is due and how probable a label was; empty: the built-in one.
    """

    task: str = "text"
    teacher_kind: str = "gguf"
    model: str = ""
    model_name: str = ""
    prompt: dict[str, Any] = field(default_factory=dict)
    temperature: float = 0.0
    top_p: float = 1.0
    max_tokens: int = 128
    seed: int = 0
    parallel: int = 0
    budget_tokens: int = 0
    budget_money: float = 0.0
    spent_tokens: int = 0
    spent_money: float = 0.0
    price_in: float = 0.0
    price_out: float = 0.0
    n_ctx: int = 0
    weights: str = "auto"
    chat: bool | None = None
    hint: str = "never"
    protocol: str = ""
    requests_per_minute: int = 0
    tokens_per_minute: int = 0
    structured: bool = False
    constrain_label: bool = False
    classes: tuple[str, ...] = ()
    parse_rules: list[dict[str, Any]] = field(default_factory=list)
