"""What the Review page says of several answers to one example: votes, comparing, asking again. No Qt."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from dsbs_gui.kit.words import count, plural
from dsbs_gui.steps.review.hidden import reveal
from dsbs_gui.steps.review.sentences import ORIGINS, Question

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dsbs_gui.core.store.answers import Answer
    from dsbs_gui.core.store.lifts import Lift
    from dsbs_gui.core.votes import Vote

_MOST_PARTIES = 3
_LONGEST_LABEL = 60


def take_question(n: int, reviewed: int) -> Question:
    """Asks before the new answers of ``n`` examples are taken, of which ``reviewed`` were reviewed."""
    taken = n - reviewed
    lines = [f"The new answers take the place of the rationales and labels of {plural(taken, 'example')}."]
    if reviewed:
        stay = (
            "1 that you have reviewed stays as it is" if reviewed == 1 else f"{count(reviewed)} that you have reviewed"
        )
        lines.append(f"{stay}." if reviewed == 1 else f"{stay} stay as they are.")
    lines.append("One undo takes all of it back, also after a restart.")
    return Question(f"Take {plural(taken, 'new answer')}?", " ".join(lines), f"Take {count(taken)}")


def keep_question(n: int, reviewed: int) -> Question:
    """Asks before the new answers of ``n`` examples are put aside."""
    text = "The new answers stay in the list of answers. One undo takes all of it back, also after a restart."
    return Question(f"Keep {plural(n, 'rationale')} as they are?", text, f"Keep {count(n)}")


def taken(n: int) -> str:
    """A toast after new answers were taken."""
    return f"{plural(n, 'new answer')} taken" if n else "Nothing to take: what was reviewed stays"


def kept(n: int) -> str:
    """A toast after new answers were refused."""
    return f"{plural(n, 'rationale')} kept as before"


def again_title(ids: Sequence[int]) -> str:
    """What the Teacher page says of rows that are to be asked again."""
    return f"№ {count(ids[0])}" if len(ids) == 1 else f"{plural(len(ids), 'row')} from Review"


def answer_name(answer: Answer) -> str:
    """*Sample 2 of smollm2-135m*, or who else wrote it."""
    number = -answer.sample if answer.hinted else answer.sample + 1
    return f"Sample {number} of {answer.teacher}" if answer.source == "teacher" else ORIGINS[answer.source].capitalize()


def shown_label(label: str | None) -> str:
    """A label in one line; “none” where there is none."""
    if not label:
        return "none"
    text = reveal(label).text
    return text if len(text) <= _LONGEST_LABEL else text[: _LONGEST_LABEL - 1] + "…"


def vote(held: Vote) -> str:
    """*Vote: 42 by 3 of 5 samples; 41 by 1; 1 without a label*, and how a tie was broken."""
    n = sum(party.votes for party in held.parties) + len(held.abstained)
    if not held.parties:
        return f"None of {plural(n, 'sample')} has a label."
    first, *others = held.parties
    said = [f"Vote: {shown_label(first.label)} by {first.votes} of {plural(n, 'sample')}"]
    said += [f"{shown_label(party.label)} by {party.votes}" for party in others[:_MOST_PARTIES]]
    if len(others) > _MOST_PARTIES:
        said.append(plural(len(others) - _MOST_PARTIES, "further label"))
    if held.abstained:
        said.append(f"{len(held.abstained)} without a label")
    return "; ".join(said) + (". A tie: the more probable label stands." if held.tied else ".")


_MOST_TIMES = 1_000


def lift(found: Lift) -> str:
    """How much more probable a teacher finds the gold label with the rationale than without it."""
    figures = f"log-probability {found.given:.2f} instead of {found.without:.2f}".replace(" -", " −")
    if found.nats <= 0:
        return f"To {found.teacher} the gold label is no more probable with the rationale than without it ({figures})."
    many = found.nats >= math.log(_MOST_TIMES)
    said = f"more than {count(_MOST_TIMES)}" if many else f"{math.exp(found.nats):.1f}"
    return f"To {found.teacher} the gold label is {said} times as probable with the rationale ({figures})."
