"""What a local teacher may write once it has announced a label: a grammar of the row's own labels. Plain Python.

The grammars are GBNF, llama.cpp's own form. Their labels are written as the exemplars show them, so that the
rules read them: a choice with its letter, an equation in parentheses.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from dsbs_gui.core.tasks import lettered

from .parsing import ANNOUNCED
from .prompts import is_equation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dsbs_gui.core.tasks import Fields, Task

    from .prompts import Prompt

ROOT, BEGUN = "root", "begun"
"""Rules to start from: right behind the words before the label, or where a space follows them already."""

_NUMBER = r"""
number ::= "-"? "$"? [0-9]{1,15} ("," [0-9] [0-9] [0-9]){0,4} ("." [0-9]{1,6})? "%"?
"""
_EQUATION = r"""
label ::= sum
sum ::= term (" "? [-+*/] " "? term){0,8}
term ::= number | "(" " "? sum " "? ")"
"""
_ESCAPES = {"\\": r"\\", '"': r"\"", "\n": r"\n", "\r": r"\r", "\t": r"\t"}


def cue(trigger: str) -> re.Pattern[str]:
    """The words before a label: those of the prompt, or such as the built-in rules know, whatever their case."""
    words = r"\s+".join(map(re.escape, trigger.split()))
    own = rf"(?<!\w){words}(?!\w)|" if words else ""
    return re.compile(own + ANNOUNCED, re.IGNORECASE)


def of_row(prompt: Prompt, task: Task, fields: Fields, classes: Sequence[str] = ()) -> str:
    """The grammar of a row's labels; empty where any text may be a label.

    Args:
        classes: the labels of a task that does not know them itself.
    """
    if task.name == "math":
        equations = sum(is_equation(exemplar.label) for exemplar in prompt.exemplars)
        return _begun(_EQUATION + _NUMBER if 2 * equations > len(prompt.exemplars) else "\nlabel ::= number" + _NUMBER)
    if task.name == "choice":
        labels = [f"({letter}) {text.strip()}" for letter, text in lettered(fields["choices"])]
    else:
        labels = [label.strip() for label in task.label_set(()) or classes if label.strip()]
    return _begun(f"\nlabel ::= {' | '.join(map(_literal, labels))}\n") if labels else ""


def _begun(label: str) -> str:
    return f'{ROOT} ::= ":"? " " {BEGUN}\n{BEGUN} ::= label "."?{label}'


def _literal(text: str) -> str:
    """``text`` in quotation marks. What UTF-8 cannot hold becomes a question mark."""
    sound = text.encode("utf-8", "replace").decode()
    return f'"{"".join(_ESCAPES.get(c) or (c if c.isprintable() else _number(c)) for c in sound)}"'


def _number(character: str) -> str:
    return f"\\U{ord(character):08X}"
