"""What the Review page says: states, signals, progress, acts and history in words. No Qt."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dsbs_gui.core.tags import tags_of
from dsbs_gui.kit.words import about, count, duration, percent, plural
from dsbs_gui.steps.review.queueing import WORDS
from dsbs_gui.steps.review.signals.explaining import SIGNALS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dsbs_gui.core.store.answers import Answer
    from dsbs_gui.core.store.decisions import Batch, Change
    from dsbs_gui.core.store.examples import Example
    from dsbs_gui.core.store.filters import Filter

    from .facets import Facets

STATES: Mapping[str, str] = {
    "unreviewed": "Unreviewed",
    "accepted": "Accepted",
    "edited": "Edited",
    "rejected": "Rejected",
    "skipped": "Skipped",
    "empty": "No rationale",
}
SPLITS: Mapping[str, str] = {"train": "Train", "valid": "Valid", "test": "Test", "unsplit": "No split"}
AGREEMENT: Mapping[str, str] = {
    "agree": "Agrees with gold",
    "conflict": "Differs from gold",
    "unknown": "Not comparable",
}
ORIGINS: Mapping[str, str] = {"teacher": "teacher", "import": "imported", "textbook": "textbook", "person": "a person"}
RUNGS: Mapping[str, str] = {
    "json": "label from the JSON field",
    "letter": "label from the choice’s letter",
    "contained": "label is the only one that is named",
    "value": "label from the number",
    "text": "label from the words after “the answer is”",
    "last-sentence": "label guessed from the last sentence",
    "paper": "label as the paper’s code reads it",
}
VERBS: Mapping[str, str] = {"accepted": "Accept", "rejected": "Reject", "skipped": "Skip", "unreviewed": "Reopen"}
FIELDS: Mapping[str, str] = {
    "rationale": "Rationale",
    "teacher_label": "Label",
    "state": "State",
    "rating": "Rating",
    "tags": "Tags",
    "note": "Note",
}


def state_word(example: Example) -> str:
    """The state in a word or two; an example without a rationale says whether the teacher failed."""
    return "Failed" if failed(example) else STATES[example.state]


def failed(example: Example) -> bool:
    return example.state == "empty" and example.failure is not None


def failure(reason: str) -> str:
    """Why there is no rationale."""
    return f"The teacher’s answer could not be used: {reason.replace('-', ' ').replace('_', ' ').strip().rstrip('.')}."


def verdict(agree: bool | None, label: str | None, gold: str | None) -> str:
    """What stands beside the gold label."""
    if not (gold and gold.strip()):
        return "There is no gold label to compare with."
    if not (label and label.strip()):
        return "There is no label to compare."
    return "Means the same as the gold label." if agree else "Differs from gold."


def source(origin: str | None, teacher: str = "") -> str:
    """Who wrote the rationale, e.g. *teacher smollm2-135m* or *textbook*."""
    word = ORIGINS.get(origin or "", origin or "")
    return f"{word} {teacher}".strip() if origin in ("teacher", "import") else word


def signals(answer: Answer) -> list[str]:
    """What the parser and the run say about an answer, one short phrase each."""
    found = []
    if answer.rung:
        found.append(RUNGS.get(answer.rung, answer.rung.replace("-", " ")))
    if answer.label_logprob is not None and answer.failure is None:
        found.append(f"label probability {percent(math.exp(answer.label_logprob), 0)}")
    found += [flag.replace("-", " ").replace("_", " ") for flag in answer.flags]
    if answer.hinted:
        found.append("was told the gold label")
    if answer.finish_reason == "length":
        found.append("stopped at the token limit")
    if answer.tokens_out:
        found.append(plural(answer.tokens_out, "token"))
    if answer.seconds:
        found.append(duration(answer.seconds))
    return found


def progress(facets: Facets, seconds_left: float | None) -> str:
    """*287 left to review · 12 skipped · about 40 min at your pace*."""
    if not facets.reviewable:
        return "Nothing to review yet"
    parts = [f"{count(facets.left)} left to review" if facets.left else "Everything is reviewed"]
    if facets.skipped:
        parts.append(f"{count(facets.skipped)} skipped")
    if seconds_left is not None and facets.left:
        parts.append(f"{about(seconds_left)} at your pace")
    return " · ".join(parts)


def reviewed(facets: Facets, seconds_left: float | None) -> str:
    """*37 of 400 reviewed · about 12 min left at your pace*."""
    if not facets.reviewable:
        return "Nothing to review yet"
    parts = [f"{count(facets.decided)} of {count(facets.reviewable)} reviewed"]
    if facets.skipped:
        parts.append(f"{count(facets.skipped)} skipped")
    if not facets.left:
        parts.append("nothing is left")
    elif seconds_left is not None:
        parts.append(f"{about(seconds_left)} left at your pace")
    return " · ".join(parts)


def shown(n: int, total: int) -> str:
    """What the page acts on."""
    return plural(n, "example") if n == total else f"{count(n)} of {plural(total, 'example')}"


@dataclass(frozen=True, slots=True)
class Question:
    """A confirmation: title, what will happen, the verb."""

    title: str
    text: str
    action: str


def question(state: str, n: int, states: Mapping[str, int], chosen: Filter | None) -> Question:
    """Asks before ``n`` examples of these states are decided at once; ``chosen``: all that match it."""
    action = f"{VERBS[state]} {count(n)}"
    which = f"all {count(n)} examples that match" if chosen is not None else plural(n, "selected example")
    what = filter_words(chosen) if chosen is not None else ""
    lines = [f"This will {VERBS[state].lower()} {which}{f' ({what})' if what else ''}."]
    empty = states.get("empty", 0)
    if state == "accepted" and empty:
        none = (
            "1 of them has no rationale and is" if empty == 1 else f"{count(empty)} of them have no rationale and are"
        )
        lines.append(f"{none} passed over.")
    lines.append("One undo takes all of it back, also after a restart.")
    return Question(f"{action}?", " ".join(lines), action)


def remark_question(words: str, n: int, chosen: Filter | None) -> Question:
    """Asks before ``n`` examples are rated or tagged at once; ``words`` have ``{}`` where the examples are named."""
    action = words.format(plural(n, "example"))
    which = f"all {count(n)} examples that match" if chosen is not None else plural(n, "selected example")
    what = filter_words(chosen) if chosen is not None else ""
    named = f"{which} ({what})" if what else which
    text = f"This is done to {named}. One undo takes all of it back, also after a restart."
    return Question(f"{action}?", text, action)


def remarked(words: str, n: int) -> str:
    """A toast after many were rated or tagged."""
    return f"Done: {words.format(plural(n, 'example'))}" if n else "Nothing to change"


def filter_words(chosen: Filter) -> str:
    """A filter as one reads it, e.g. *unreviewed or skipped · differs from gold · “apples”*."""
    parts = [" or ".join(STATES[name].lower() for name in chosen.states)] if chosen.states else []
    if chosen.agreement:
        parts.append(" or ".join(AGREEMENT[name].lower() for name in chosen.agreement))
    if chosen.splits:
        parts.append(" or ".join(SPLITS[name].lower() for name in chosen.splits))
    if chosen.signals:
        parts.append(" or ".join(SIGNALS[name].title.lower() for name in chosen.signals))
    if chosen.failed:
        parts.append("failed")
    if chosen.ratings:
        parts.append(f"rated {' or '.join(map(str, chosen.ratings))}")
    if chosen.tags:
        parts.append(f"tagged {' or '.join(f'“{name}”' for name in chosen.tags)}")
    if chosen.noted:
        parts.append("with a note")
    if chosen.hinted:
        parts.append("told the gold label")
    if chosen.logprob_below is not None:
        parts.append(f"log-probability below {chosen.logprob_below:g}")
    if chosen.queue:
        parts.append(f"queue “{WORDS[chosen.queue].title.lower()}”")
    if chosen.offered:
        parts.append("with a new answer")
    if chosen.among is not None:
        parts.append(f"among {plural(len(chosen.among), 'similar one')}")
    if chosen.text:
        text = f"“{chosen.text if len(chosen.text) <= 40 else chosen.text[:39] + '…'}”"
        parts.append(f"pattern {text}" if chosen.mode == "regex" else text)
    return " · ".join(parts)


def state_list(states: Mapping[str, int]) -> str:
    """*5 unreviewed, 2 accepted*."""
    return ", ".join(f"{count(states[name])} {word.lower()}" for name, word in STATES.items() if states.get(name))


def decided(state: str, n: int) -> str:
    """A toast after a bulk decision."""
    past = {"accepted": "accepted", "rejected": "rejected", "skipped": "skipped", "unreviewed": "reopened"}[state]
    return f"{plural(n, 'example')} {past}" if n else "Nothing to change"


def undone(batch: Batch | None) -> tuple[str, str]:
    """What undo or redo has done, and a hint where it left something alone."""
    if batch is None:
        return "", ""
    text = f"{'Undone' if batch.undone else 'Redone'}: {batch.action}"
    if not batch.passed_over:
        return text, ""
    return text, f"{plural(batch.passed_over, 'example')} left as they are: the teacher has answered them anew since."


def change(found: Change) -> str:
    """One line of the timeline: *Label: 5 → 4*; empty for what only the program keeps."""
    if found.field not in FIELDS:
        return ""
    if found.field == "state":
        return f"State: {_state(found.before)} → {_state(found.after)}"
    if found.field == "tags":
        return f"Tags: {_tags(found.before)} → {_tags(found.after)}"
    return f"{FIELDS[found.field]}: {_value(found.before)} → {_value(found.after)}"


def _state(value: str | int | None) -> str:
    return STATES.get(str(value), str(value)).lower()


def _tags(value: str | int | None) -> str:
    return ", ".join(tags_of(str(value))) if value else "none"


def _value(value: str | int | None, longest: int = 160) -> str:
    if value is None:
        return "none"
    if isinstance(value, int):
        return count(value)
    text = " ".join(str(value).split())
    return f"“{text if len(text) <= longest else text[: longest - 1] + '…'}”"
