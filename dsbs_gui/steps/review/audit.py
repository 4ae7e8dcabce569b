"""What a random sample says of the rows that nobody has read: what is wrong, and the estimate in words. No Qt."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dsbs_gui.core.statistics import remaining
from dsbs_gui.core.store import audits
from dsbs_gui.kit.words import DASH, NBSP, count, percent, plural

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dsbs_gui.core.store.audits import Audit, Drawn
    from dsbs_gui.core.store.connection import Reader
    from dsbs_gui.core.tasks import Task

USUAL = 100
"""Rows of a sample unless one asks for another number: 4 wrong of 100 say about 1 to 10 %."""

WHAT_IS_WRONG = (
    "A row counts as wrong if you reject it or give it another label. Where you only reword the rationale it counts as"
    " right, and is reported apart."
)


@dataclass(frozen=True, slots=True)
class Judged:
    """What came out of a sample.

    Attributes:
        drawn: rows of the sample.
        rejected, relabelled: wrong ones; a rejected row is not counted as relabelled too.
        reworded: right ones of which the rationale was changed.
        untouched: accepted as they were.
        renewed: rows that the teacher has answered anew since; they say nothing and count for nothing.
        swept: rows that were decided in bulk with rows outside of the sample; neither do they.
    """

    drawn: int = 0
    rejected: int = 0
    relabelled: int = 0
    reworded: int = 0
    untouched: int = 0
    renewed: int = 0
    swept: int = 0

    @property
    def wrong(self) -> int:
        return self.rejected + self.relabelled

    @property
    def judged(self) -> int:
        return self.wrong + self.reworded + self.untouched

    @property
    def left(self) -> int:
        return self.drawn - self.renewed - self.swept - self.judged


@dataclass(frozen=True, slots=True)
class Findings:
    """A sample, what came out of it, and how many rows it speaks of that still wait for a decision."""

    audit: Audit
    judged: Judged
    rest: int


def findings(db: Reader, task: Task) -> Findings | None:
    """The newest sample; None if none was drawn. Never on the window's thread."""
    audit = audits.newest(db)
    if audit is None:
        return None
    return Findings(audit, judge(audits.rows(db, audit), task), len(audits.rest(db, audit)))


def judge(drawn: Iterable[Drawn], task: Task) -> Judged:
    """Sort the rows of a sample."""
    kinds = {"rejected": 0, "relabelled": 0, "reworded": 0, "untouched": 0, "renewed": 0, "swept": 0}
    n = 0
    for row in drawn:
        n += 1
        kind = _kind(row, task)
        if kind:
            kinds[kind] += 1
    return Judged(n, **kinds)


def _kind(row: Drawn, task: Task) -> str:
    if row.renewed:
        return "renewed"
    if row.state not in ("accepted", "edited", "rejected"):
        return ""
    if row.swept:
        return "swept"
    if row.state == "rejected":
        return "rejected"
    if not _same_label(row, task):
        return "relabelled"
    return "untouched" if row.rationale == row.old_rationale else "reworded"


def _same_label(row: Drawn, task: Task) -> bool:
    """Whether the label means what it meant: *5* and *5.0* do where numbers are asked for."""
    if row.label == row.old_label:
        return True
    if not row.label or not row.old_label:
        return False
    return task.same(row.label, row.old_label, json.loads(row.fields))


@dataclass(frozen=True, slots=True)
class Rate:
    """A share of wrong rows among the rest, with its 95 % interval; fractions."""

    estimate: float
    low: float
    high: float


def rate(found: Findings) -> Rate | None:
    """The share of wrong ones among the rows that were not judged; None before the first was.

    The rows come in the order in which they were drawn, so those judged so far are a random sample themselves, as
    long as none is passed over for what it says. The interval is exact for a sample without replacement from just so
    many rows (``statistics.remaining``): where half of them were judged it is far shorter than Clopper and Pearson's.
    Rows that were decided in bulk or answered anew since are neither in the sample nor in the rest: what is left of
    the one is a random sample of what is left of the other. Who has picked the worst of the rest leaves fewer.
    """
    judged = found.judged.judged
    population = judged + found.judged.left + found.rest
    if not judged or population <= judged:
        return None
    said, others = remaining(found.judged.wrong, judged, population), population - judged
    return Rate(said.estimate / others, said.low / others, said.high / others)


def rate_words(share: Rate) -> str:
    """*about 4 % wrong (2–7 %)*."""
    places = 0 if share.high >= 0.1 else 1
    low, high = (f"{value * 100:.{places}f}" for value in (share.low, share.high))
    about = percent(share.estimate, places) if share.estimate else f"0{NBSP}%"
    return f"about {about} wrong ({low}{DASH}{high}{NBSP}%)"


def headline(found: Findings | None) -> str:
    """The sentence to act on."""
    if found is None:
        return "A random sample tells how many of the rows that nobody has read are wrong."
    judged, share = found.judged, rate(found)
    if share is None or not found.rest:
        return (
            "Nothing is left to accept." if judged.judged else f"{plural(judged.left, 'row')} to judge, in this order."
        )
    return f"Accept the rest: {rate_words(share)}."


def details(found: Findings | None) -> str:
    """How it came about."""
    if found is None:
        return WHAT_IS_WRONG
    judged, audit = found.judged, found.audit
    parts = [f"{count(judged.judged)} of {count(judged.drawn)} judged"]
    parts += [f"{count(n)} {word}" for n, word in (
        (judged.rejected, "rejected"), (judged.relabelled, "relabelled"), (judged.reworded, "only reworded"),
        (judged.renewed, "answered anew since: not counted"), (judged.swept, "decided in bulk: not counted"),
    ) if n]  # fmt: skip
    about = f" ({audit.about})" if audit.about else ""
    parts.append(f"drawn from {plural(audit.population, 'row')}{about}, seed {audit.seed}")
    return " · ".join(parts)
