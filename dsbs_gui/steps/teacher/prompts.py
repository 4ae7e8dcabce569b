"""The few-shot chain-of-thought prompt: what it consists of and how a row is put into it.

The formats are those seen in the paper's released teacher outputs. The exemplar block is the same
bytes for every row, so that an engine decodes it once and a server can cache it. Plain Python.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dsbs_gui.core.arithmetic import evaluate
from dsbs_gui.core.tasks import Fields, Task, lettered, task_named

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


_ESCAPED = str.maketrans({"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"})
_PLAIN = {"\\": "\\", "n": "\n", "r": "\r", "t": "\t"}
_ESCAPE = re.compile(r"\\(.)")


@dataclass(frozen=True, slots=True)
class Exemplar:
    """One worked example: the source fields of the task, a rationale and the label it ends in."""

    fields: Mapping[str, Any]
    rationale: str
    label: str


@dataclass(frozen=True, slots=True)
class Prompt:
    """A version of a prompt.

    Attributes:
        task: name of the task.
        instruction: stands before the exemplars; may be empty.
        question_prefix: opens a question, without trailing space: ``Q:`` or ``Premise:``.
        answer_prefix: opens an answer: ``A:`` or ``Answer:``.
        trigger: the phrase between rationale and label: ``So the answer is``.
        stop: strings at which an answer ends.
        exemplars: in the order in which they are shown.
        version: of the exemplar file.
    """

    task: str
    instruction: str
    question_prefix: str
    answer_prefix: str
    trigger: str
    stop: tuple[str, ...]
    exemplars: tuple[Exemplar, ...]
    version: str = "1"

    @property
    def hash(self) -> str:
        """The prompt's identity: a sha256 over everything that reaches the teacher."""
        body = json.dumps(self.to_json(), ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(body.encode()).hexdigest()

    def to_json(self) -> dict[str, Any]:
        body: dict[str, Any] = {name: getattr(self, name) for name in self.__slots__}
        body["stop"] = list(self.stop)
        body["exemplars"] = [
            {"fields": dict(item.fields), "rationale": item.rationale, "label": item.label} for item in self.exemplars
        ]
        return body

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Prompt:
        """The inverse of :meth:`to_json`. Raises KeyError or TypeError for anything else."""
        values = dict(body)
        values["stop"] = tuple(values["stop"])
        values["exemplars"] = tuple(Exemplar(**item) for item in values["exemplars"])
        return cls(**values)


def prefix(prompt: Prompt) -> str:
    """Instruction and exemplars, up to where the row's own question begins."""
    blocks = [prompt.instruction] if prompt.instruction else []
    blocks += [worked(prompt, exemplar) for exemplar in prompt.exemplars]
    return "".join(f"{block}\n\n" for block in blocks)


def render(prompt: Prompt, fields: Fields, hint: str = "") -> str:
    """The whole prompt for a row, ending in the answer prefix without a space after it.

    Args:
        hint: a line between question and answer, see :mod:`.hints`; empty for an honest question.
    """
    lines = [_question(prompt, fields), *([hint] if hint else []), prompt.answer_prefix]
    return prefix(prompt) + "\n".join(lines)


def worked(prompt: Prompt, exemplar: Exemplar) -> str:
    """An exemplar as the teacher reads it: question, rationale, trigger, label."""
    label = spoken_label(task_named(prompt.task), exemplar.label, exemplar.fields)
    answer = f"{prompt.answer_prefix} {exemplar.rationale} {prompt.trigger} {label}."
    return f"{_question(prompt, exemplar.fields)}\n{answer}"


def spoken_label(task: Task, label: str, fields: Fields) -> str:
    """The label as it is written after the trigger: a choice with its letter, an equation in parentheses."""
    if task.name == "choice":
        for letter, text in lettered(fields["choices"]):
            if task.same(text, label, fields):
                return f"({letter}) {text}"
    if task.name == "math" and is_equation(label) and not _enclosed(label.strip()):
        return f"({label.strip()})"
    return label.strip()


def is_equation(label: str) -> bool:
    """Whether a math label is more than one number."""
    try:
        float(label.replace(",", ""))
    except ValueError:
        return evaluate(label) is not None
    return False


def stops_as_lines(stop: Sequence[str]) -> str:
    """Stop strings for an editor, one a line; line ends, tabs and backslashes in them are written as ``\\n`` …"""
    return "\n".join(text.translate(_ESCAPED) for text in stop)


def stops_from_lines(lines: str) -> tuple[str, ...]:
    """The inverse of :func:`stops_as_lines`; empty lines are left out."""
    return tuple(_ESCAPE.sub(lambda found: _PLAIN.get(found[1], found[0]), line) for line in lines.split("\n") if line)


def _question(prompt: Prompt, fields: Fields) -> str:
    if prompt.task == "nli":
        return f"{prompt.question_prefix} {fields['premise']}\nHypothesis: {fields['hypothesis']}"
    return f"{prompt.question_prefix} {task_named(prompt.task).student_input(fields)}".rstrip()


def _enclosed(text: str) -> bool:
    """Whether one pair of parentheses spans the text."""
    depth = 0
    for place, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if depth == 0:
            return text.startswith("(") and place == len(text) - 1
    return False
