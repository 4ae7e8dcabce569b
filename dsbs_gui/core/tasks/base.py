"""What every task says about its examples."""

from __future__ import annotations

import re
import string
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

Fields = Mapping[str, Any]
"""The source fields of one example: text, or for ``choices`` a sequence of texts."""

_ARTICLES = re.compile(r"\b(a|an|the)\b")
_QUOTES = string.punctuation + "“”‘’«»"
_STRIP = str.maketrans("", "", _QUOTES)


class Task:
    """One kind of problem. Stateless; subclasses override what differs.

    Attributes:
        name: as on the command line.
        title: as on the screen.
        summary: one sentence for the task chooser.
        fields: source fields an example must have, in reading order.
        list_fields: those of ``fields`` that hold several texts.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    summary: ClassVar[str]
    fields: ClassVar[tuple[str, ...]] = ("input",)
    list_fields: ClassVar[tuple[str, ...]] = ()

    def student_input(self, fields: Fields) -> str:
        """The input as the student reads it, without the task prefix."""
        return str(fields["input"])

    def problem(self, fields: Fields, label: str | None) -> str | None:
        """Why this cannot be an example, as a sentence; None if it can."""
        for name in self.fields:
            value = fields.get(name)
            if name not in self.list_fields and not (isinstance(value, str) and value.strip()):
                return f"The {name} is empty."
        return None

    def label_problem(self, fields: Fields, label: str) -> str | None:
        """Why ``label`` cannot be the answer to this example; None if it can."""
        return None

    def canonical(self, label: str, fields: Fields) -> str:
        """The spelling by which two labels are compared."""
        return " ".join(unicodedata.normalize("NFKC", label).casefold().split())

    def same(self, a: str, b: str, fields: Fields) -> bool:
        """Whether two labels mean the same answer; a blank is never a label."""
        x, y = self.canonical(a, fields), self.canonical(b, fields)
        return bool(x) and x == y

    def label_set(self, labels: Sequence[str]) -> tuple[str, ...]:
        """The closed set of labels, or () where labels are open."""
        return ()


def bare(text: str) -> str:
    """Casefolded NFKC text without articles, punctuation and quotes (SQuAD's normalisation)."""
    folded = unicodedata.normalize("NFKC", text).casefold().translate(_STRIP)
    return " ".join(_ARTICLES.sub(" ", folded).split())
