"""What is said of one answer: how it was read, what it is worth, where it came from. Pure."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from dsbs_gui.kit.words import age, duration, percent, plural

if TYPE_CHECKING:
    from dsbs_gui.core.store.answers import Answer
    from dsbs_gui.kit.theme.tokens import Tone

_RUNGS = {
    "json": "from the JSON field",
    "letter": "from the letter of a choice",
    "contained": "the only one that is named",
    "value": "from the number after the trigger",
    "text": "from the words after the trigger",
    "last-sentence": "guessed from the last sentence",
    "paper": "as the reference code reads it",
    "unparsed": "none was found",
}


def verdict_of(answer: Answer) -> tuple[str, Tone]:
    """A word or two and its tone."""
    if answer.failure:
        return "failed", "bad"
    if answer.label is None:
        return "no label", "attention"
    if answer.agree is None:
        return "no gold label", "muted"
    return ("agrees", "good") if answer.agree else ("differs", "attention")


def how_read(answer: Answer) -> str:
    """*Label from the letter of a choice · probability 83 %*, with what a reviewer should know."""
    if answer.failure:
        said = f"Not read: {answer.failure}"
    else:
        rung = answer.rung or "unparsed"
        said = f"Label {_RUNGS.get(rung, f'by the rule “{rung}”')}"
    if answer.label_logprob is not None and not answer.failure:
        said += f" · probability {percent(math.exp(answer.label_logprob), 0)}"
    found = [flag.replace("-", " ") for flag in answer.flags if flag != "no-trigger"]
    found += ["was told the gold label"] if answer.hinted else []
    return "".join([said, *(f" · {text}" for text in found)])


def said_of(answer: Answer) -> str:
    """Teacher, length, time and age."""
    parts = [answer.teacher]
    if answer.tokens_out:
        parts.append(f"{plural(answer.tokens_out, 'token')} in {duration(answer.seconds)}")
    parts.append(age(datetime.fromtimestamp(answer.created, UTC)))
    return " · ".join(parts)
