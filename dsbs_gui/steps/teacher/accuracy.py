"""How often the teacher is right, with an interval, by parser and rung. Plain Python."""

from __future__ import annotations

from collections import Counter
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from dsbs_gui.core.errors import UserError
from dsbs_gui.core.statistics import wilson
from dsbs_gui.core.store import answers, examples

from . import parse_rules
from .parse_rules import DEFAULT
from .parsing import UNPARSED, parse, same_label

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dsbs_gui.core.store.connection import Reader
    from dsbs_gui.core.tasks import Fields, Task

    from .parse_rules import Ladder


class Answered(NamedTuple):
    """A raw teacher answer beside the gold label of its example."""

    raw: str
    gold: str
    fields: Fields


def check(rows: Iterable[Answered], task: Task, parser: str = "robust", ladder: Ladder = DEFAULT) -> dict[str, Any]:
    """Teacher accuracy over ``rows``; an answer without a label counts as wrong.

    Args:
        ladder: the rules of the ``robust`` parser.

    Returns:
        ``{"n", "parsed", "accuracy", "ci": [low, high], "by_rung": {rung: n}}``; accuracies are fractions,
        the interval is Wilson's at 95 %.
    """
    rungs: Counter[str] = Counter()
    right = 0
    for raw, gold, fields in rows:
        parsed = parse(raw, task, fields, parser, ladder=ladder)
        rungs[parsed.rung] += 1
        right += same_label(task, parsed.label, gold, fields, parser)
    n = rungs.total()
    return {
        "n": n,
        "parsed": n - rungs[UNPARSED],
        "accuracy": right / n if n else 0.0,
        "ci": list(wilson(right, n)),
        "by_rung": dict(rungs.most_common()),
    }


def of_split(
    db: Reader, task: Task, *, split: str = "train", parser: str = "robust", teacher: str | None = None
) -> dict[str, Any]:
    """How right a teacher is on a split, read anew from its raw answers (``robust``: by the project's ladder).

    Counted are examples with a gold label, each by the teacher's newest usable answer to the plain question;
    hinted answers say nothing about a teacher.

    Args:
        teacher: its name; None: the one with most answers in this split.

    Returns: as :func:`check`, and ``teacher``.
    Raises: UserError if there is no such answer.
    """
    newest = _newest(db, split)
    if not newest or (teacher is not None and teacher not in newest):
        hint = f"There are answers of {', '.join(newest)}." if newest else "Generate some, or import them."
        raise UserError(f"There are no answers of {teacher or 'a teacher'} in {split}.", hint)
    name = teacher or max(newest, key=lambda known: len(newest[known]))
    return {"teacher": name, **check(_rows(db, newest[name]), task, parser, parse_rules.of_project(db))}


def _newest(db: Reader, split: str) -> dict[str, dict[int, str]]:
    """Teacher → example → raw answer; one that failed stands only where no other does."""
    found: dict[str, dict[int, str]] = {}
    for answer in answers.each(db, split):
        if answer.sample == 0 and answer.source in ("teacher", "import") and not answer.hinted:
            known = found.setdefault(answer.teacher, {})
            if answer.failure is None or answer.example_id not in known:
                known[answer.example_id] = answer.raw
    return found


def _rows(db: Reader, raw: dict[int, str]) -> Iterator[Answered]:
    for part in batched(raw, 500):
        for example in examples.page(db, part).values():
            if example.label is not None:
                yield Answered(raw[example.id], example.label, example.fields)


def batched(items: Iterable[int], n: int) -> Iterator[list[int]]:
    """Lists of ``n`` (``itertools.batched`` is there from Python 3.12 on)."""
    iterator = iter(items)
    while part := list(islice(iterator, n)):
        yield part
