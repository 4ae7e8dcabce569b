"""A model's own chat template, which came with the file and is therefore run in a sandbox. Worker only."""

from __future__ import annotations

from collections.abc import Callable

from dsbs_gui.core.errors import UserError

from .llama_model import LlamaModel


def chat_format(model: LlamaModel) -> Callable[[str], str]:
    """A function that wraps a prompt as one user message by the model's own, sandboxed, chat template."""
    template = model.header.chat_template
    if not template:
        raise UserError(
            f"{model.header.name or 'The model'} has no chat template.", "Switch the chat format off for this teacher."
        )
    from llama_cpp.llama_chat_format import Jinja2ChatFormatter

    end = model.llama.llama_vocab_eos(model.vocabulary)
    begin = model.llama.llama_vocab_bos(model.vocabulary)
    formatter = Jinja2ChatFormatter(template, _control(model, end), _control(model, begin))

    def format_prompt(prompt: str) -> str:
        return str(formatter(messages=[{"role": "user", "content": prompt}]).prompt)

    return format_prompt


def _control(model: LlamaModel, token: int) -> str:
    text = model.llama.llama_vocab_get_text(model.vocabulary, token) if token >= 0 else None
    return text.decode("utf-8", "replace") if text else ""
