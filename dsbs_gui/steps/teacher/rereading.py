"""Reading the answers that are there again, with other rules: first what would come of it, then for good.

The teacher is never asked: raw answers stay as they came. What is read anew is stored in one transaction, so
that all answers are read by the old rules or all by the new ones, whatever happens in between; another
ladder, or the old one, takes it back. What a person decided, wrote or picked stays (:mod:`.standing` of the store).
"""

from __future__ import annotations

from array import array
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from dsbs_gui.core.errors import Stopped, UserError
from dsbs_gui.core.statistics import wilson
from dsbs_gui.core.store import answers, examples, parsed, prompts

from . import parse_rules, parsing
from .intake import parse_for_import, same_place

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from dsbs_gui.core.store.answers import Answer
    from dsbs_gui.core.store.connection import Reader
    from dsbs_gui.core.store.database import Store, Transaction
    from dsbs_gui.core.tasks import Task

    from .parse_rules import Ladder

MOST_TRIED = 5_000
"""So many answers are read for a trial, evenly spread; about two seconds."""
SHOWN = 12
GAINED, LOST, CHANGED, REWORDED = "gained", "lost", "changed", "reworded"
_PARTS = ("failure", "rationale", "label", "rung", "flags", "agree")


@dataclass(frozen=True, slots=True)
class Difference:
    """An answer that is read differently: ``kind`` is gained, lost or changed (its label), or reworded."""

    kind: str
    before: Answer
    after: Answer


@dataclass(frozen=True, slots=True)
class Trial:
    """What a ladder makes of the answers that are there.

    Attributes:
        n: answers read, of ``total`` that the parser has read so far.
        by_rung: rule → answers that it reads.
        right, compared: of the answers to the plain question with a gold label; those without a label are wrong.
        right_before: the same as they stand.
        kinds: kind of difference → answers.
        slow: answers on which a rule took too long.
        shown: some of the differences, the gravest kinds first.
        outdated: answers that were read with other rules than the project's.
    """

    n: int
    total: int
    by_rung: dict[str, int]
    right: int
    right_before: int
    compared: int
    kinds: dict[str, int]
    slow: int
    shown: tuple[Difference, ...]
    outdated: int

    @property
    def accuracy(self) -> tuple[float, float, float] | None:
        """Share that means the gold label, with Wilson's interval at 95 %; None if none can be compared."""
        if not self.compared:
            return None
        return self.right / self.compared, *wilson(self.right, self.compared)

    @property
    def differs(self) -> int:
        return sum(self.kinds.values())


def trial(
    db: Reader,
    task: Task,
    ladder: Ladder,
    should_stop: Callable[[], bool] = lambda: False,
    most: int | None = MOST_TRIED,
) -> Trial:
    """Read the answers with ``ladder`` and store nothing; at most ``most`` of them (None: all). Raises Stopped."""
    total, outdated = parsed.count(db), parsed.count(db, parsing.version(parse_rules.of_project(db)))
    rungs: Counter[str] = Counter()
    kinds: Counter[str] = Counter()
    shown: dict[str, list[Difference]] = {}
    n = right = before = compared = slow = 0
    for answer, after, gold in _read(db, task, ladder, 1 if most is None else max(1, -(-total // most))):
        if should_stop():
            raise Stopped
        n += 1
        rungs[after.rung or parsing.UNPARSED] += 1
        slow += parsing.TOO_SLOW in after.flags
        if gold and not answer.hinted:
            compared += 1
            right, before = right + bool(after.agree), before + bool(answer.agree)
        kind = _kind(answer, after)
        if kind:
            kinds[kind] += 1
            if len(shown.setdefault(kind, [])) < SHOWN:
                shown[kind].append(Difference(kind, answer, after))
    examples_shown = [difference for kind in (LOST, CHANGED, GAINED, REWORDED) for difference in shown.get(kind, [])]
    return Trial(
        n, total, dict(rungs.most_common()), right, before, compared, dict(kinds), slow, tuple(examples_shown), outdated
    )  # fmt: skip


def read_again(store: Store, task: Task, ladder: Ladder) -> int:
    """Keep ``ladder`` in the project and read every answer with it; returns how many are read differently.

    In the background: all answers are read first, then what differs is written in one transaction.

    Raises:
        UserError: if a rule of one's own takes too long on an answer.
    """
    differing, last = array("q"), 0
    for answer, after, _ in _read(store.reader, task, ladder):
        if parsing.TOO_SLOW in after.flags:
            raise UserError(
                f"A rule takes too long on answer {answer.id}.", "Write its pattern more simply, or switch it off."
            )
        last = answer.id
        if _differs(answer, after):
            differing.append(answer.id)
    return store.write_now(lambda tx: _write(tx, task, ladder, differing, last))


def _write(tx: Transaction, task: Task, ladder: Ladder, differing: array[int], last: int) -> int:
    parse_rules.put(tx, ladder)
    readers = _Readers(tx, task, ladder)
    changed = 0
    for answer in _these(tx, differing):
        changed += _store(tx, answer, readers)
    for answer in parsed.each(tx, after=last):  # what came in meanwhile
        changed += _store(tx, answer, readers)
    parsed.mark(tx, parsing.version(ladder))
    return changed


def _store(tx: Transaction, answer: Answer, readers: _Readers) -> bool:
    after = readers.read(answer)[0]
    if not _differs(answer, after):
        return False
    answers.reparse(tx, after)
    return True


def _these(db: Reader, ids: array[int]) -> Iterator[Answer]:
    for answer_id in ids:
        answer = answers.get(db, answer_id)
        if answer is not None:
            yield answer


def _read(db: Reader, task: Task, ladder: Ladder, every: int = 1) -> Iterator[tuple[Answer, Answer, str | None]]:
    """Each answer that the parser has read, as it stands and as ``ladder`` reads it, and the gold label."""
    readers = _Readers(db, task, ladder)
    for answer in parsed.each(db, every=every):
        yield answer, *readers.read(answer)


class _Readers:
    """Reads answers anew; remembers the prompts' stop strings and the page of examples it is at."""

    def __init__(self, db: Reader, task: Task, ladder: Ladder) -> None:
        self._db, self._task, self._ladder = db, task, ladder
        self._stops: dict[int, tuple[str, ...]] = {}
        self._examples: dict[int, examples.Example] = {}

    def read(self, answer: Answer) -> tuple[Answer, str | None]:
        """The answer as the ladder reads it, and the gold label of its example."""
        example = self._example(answer.example_id)
        stop = self._stop(answer.prompt_id)
        parts = parse_for_import(answer.raw, self._task, example.fields, example.label, stop, self._ladder)
        if answer.label_logprob is not None:
            before = {name: getattr(answer, name) for name in _PARTS}
            if not same_place(answer.raw, before, parts, self._task, stop):
                parts["label_logprob"] = None
        return replace(answer, **parts), example.label

    def _example(self, example_id: int) -> examples.Example:
        found = self._examples.get(example_id)
        if found is None:
            # Answers come mostly in the order of their examples.
            self._examples = examples.page(self._db, range(example_id, example_id + 500))
            found = self._examples[example_id]
        return found

    def _stop(self, prompt_id: int | None) -> tuple[str, ...]:
        if prompt_id is None:
            return ()
        if prompt_id not in self._stops:
            body: dict[str, Any] = prompts.used_body(self._db, prompt_id) or {}
            self._stops[prompt_id] = tuple(body.get("stop", ()))
        return self._stops[prompt_id]


def _kind(before: Answer, after: Answer) -> str:
    """What becomes of the label; empty if nothing a person would see changes."""
    if before.label != after.label:
        return GAINED if before.label is None else LOST if after.label is None else CHANGED
    return REWORDED if before.rationale != after.rationale or before.failure != after.failure else ""


def _differs(before: Answer, after: Answer) -> bool:
    return any(getattr(before, name) != getattr(after, name) for name in _PARTS)
