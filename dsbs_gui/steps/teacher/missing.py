"""What a teacher has not answered yet of some rows, and what is known already from other rows. Plain Python.

Rows are read in pages, and twice: once to see what is missing, once when they are written for the worker. What
is kept meanwhile is some hundred bytes a row, however long its texts are.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from dsbs_gui.core.files import read_jsonl
from dsbs_gui.core.jobs.folder import RunFolder
from dsbs_gui.core.store import answers, examples, runs

from . import failures, ledger, parse_rules, parsing
from .cache import request_key
from .hints import MENTIONS_HINT
from .specs import hinted_sample
from .spending import KIND
from .wording import Wording

if TYPE_CHECKING:
    from dsbs_gui.core.project import Project
    from dsbs_gui.core.store.connection import Reader
    from dsbs_gui.core.store.examples import Example
    from dsbs_gui.core.tasks import Task

    from .ledger import Key
    from .prompts import Prompt

INPUT, CACHED, SUSPECTS = "input.jsonl", "cached.jsonl", "suspects.jsonl"
_PAGE = 400


@dataclass(frozen=True, slots=True)
class Asking:
    """What is asked of each row, and how.

    Attributes:
        key, settings: see :mod:`.cache`.
        prompt: None: answers to other rows are not looked for.
        samples: the sample indexes that are wanted.
        hint: as in ``GenerateSpec``; with ``wrong``, answers that are there and wrong are asked for with the hint.
        local: whether the teacher is a local file: then asking again brings the same failure again.
        again: whether to ask again also where a failure would come again: the user wants just that.
    """

    key: str
    settings: str
    teacher: str
    prompt: Prompt | None
    task: Task
    samples: tuple[int, ...] = (0,)
    hint: str = "never"
    local: bool = False
    again: bool = False

    @property
    def settled(self) -> tuple[str, ...] | None:
        """The failures that count as answers; None: all of them."""
        if self.again:
            return ()
        return None if self.local else (*failures.COMES_AGAIN, MENTIONS_HINT)


class Item(NamedTuple):
    """What is missing of an example: samples without and with the gold label told."""

    example_id: int
    samples: tuple[int, ...]
    hinted: tuple[int, ...]


class Reused(NamedTuple):
    """A request that has been answered for another row."""

    example_id: int
    sample: int
    answer_id: int


@dataclass(slots=True)
class Missing:
    """The rows as ``input.jsonl`` holds them; iterating reads them anew, on the thread that iterates.

    Attributes:
        reused: what need not be asked, since another row's answer is the answer.
        n: answers that will come, reused ones included.
    """

    project: Project
    tell_gold: bool
    items: list[Item] = field(default_factory=list)
    reused: list[Reused] = field(default_factory=list)

    @property
    def n(self) -> int:
        return self.n_asked + len(self.reused)

    @property
    def n_asked(self) -> int:
        return sum(len(item.samples) + len(item.hinted) for item in self.items)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        db = self.project.store.reader
        for part in pages(self.items):
            found = examples.page(db, [item.example_id for item in part])
            for item in part:
                if (example := found.get(item.example_id)) is not None:
                    gold = example.label if self.tell_gold else None
                    samples, hinted = list(item.samples), list(item.hinted)
                    yield {
                        "example_id": example.id,
                        "fields": example.fields,
                        "samples": samples,
                        "hinted": hinted,
                        "gold": gold,
                    }

    def cached(self) -> Iterator[dict[str, Any]]:
        """The rows of ``cached.jsonl``: answers as they came for another row."""
        db = self.project.store.reader
        version = parsing.version(parse_rules.of_project(db))
        for hit in self.reused:
            answer = answers.get(db, hit.answer_id)
            if answer is not None:
                yield {
                    "example_id": hit.example_id,
                    "sample": hit.sample,
                    "raw": answer.raw,
                    "finish_reason": answer.finish_reason,
                    "mean_logprob": answer.mean_logprob,
                    "label_logprob": answer.label_logprob if answer.parser == version else None,
                    "hinted": answer.hinted,
                }


def find(project: Project, wanted: Iterable[int], asking: Asking) -> Missing:
    """What is to be asked about the examples ``wanted``, in their order."""
    db = project.store.reader
    missing = Missing(project, asking.hint != "never")
    elsewhere = under_way(project, asking.key)
    from_others = asking.prompt is not None and answers.has_request_keys(db, asking.teacher)
    for part in pages(wanted):
        rows = examples.page(db, part) if from_others or missing.tell_gold else {}
        known = answers.known(db, asking.key, part, asking.settled)
        items = [_left(i, rows.get(i), known, elsewhere, asking) for i in part]
        if from_others:
            items = list(_not_reused(db, items, rows, asking, missing.reused))
        missing.items += [item for item in items if item.samples or item.hinted]
    return missing


def _left(
    example_id: int, row: Example | None, known: dict[Key, bool], elsewhere: Collection[Key], asking: Asking
) -> Item:
    gold = row is not None and row.label is not None and asking.hint != "never"
    plain: list[int] = []
    hinted: list[int] = []
    for sample in asking.samples:
        honest, told = (example_id, sample), (example_id, hinted_sample(sample))
        if told in elsewhere or (gold and told in known):
            continue
        if gold and asking.hint == "always":
            hinted.append(sample)
        elif honest not in known and honest not in elsewhere:
            plain.append(sample)
        elif gold and asking.hint == "wrong" and not known.get(honest, True):
            hinted.append(sample)
    return Item(example_id, tuple(plain), tuple(hinted))


def _not_reused(
    db: Reader, items: Sequence[Item], rows: dict[int, Example], asking: Asking, reused: list[Reused]
) -> Iterator[Item]:
    """The items without what an answer is known of; such answers go into ``reused``."""
    assert asking.prompt is not None
    wording = Wording(asking.prompt, asking.task)
    keys: dict[Key, bytes] = {}
    for item in items:
        if (row := rows.get(item.example_id)) is None:
            continue
        for told, samples in ((None, item.samples), (row.label, item.hinted)):
            text = wording.text(row.fields, told) if samples else ""
            for sample in samples:
                index = hinted_sample(sample) if told else sample
                keys[item.example_id, index] = request_key(asking.settings, text, index)
    found = answers.by_request_key(db, list(keys.values()))
    hits = {key: found[digest] for key, digest in keys.items() if digest in found}
    for (example_id, index), candidates in hits.items():
        if all(answer.example_id != example_id for answer in candidates):  # else the row has it, under another key
            reused.append(Reused(example_id, index, candidates[0].id))
    for item in items:
        plain = tuple(s for s in item.samples if (item.example_id, s) not in hits)
        hinted = tuple(s for s in item.hinted if (item.example_id, hinted_sample(s)) not in hits)
        yield Item(item.example_id, plain, hinted)


def under_way(project: Project, key: str) -> set[Key]:
    """What runs that wait or go on are going to ask under this key."""
    pairs: set[Key] = set()
    for run in runs.all_runs(project.store.reader, KIND, runs.LIVE):
        if run.context.get("cache_key") == key:
            try:
                for row in read_jsonl(project.run_folder(run.id) / INPUT):
                    pairs.update((row["example_id"], sample) for sample in row["samples"])
                    pairs.update((row["example_id"], hinted_sample(sample)) for sample in row["hinted"])
            except FileNotFoundError:
                continue
    return pairs


def suspects(project: Project, key: str, *, again: bool = False) -> list[dict[str, Any]]:
    """Requests during which a worker crashed, with how often: the rows of ``suspects.jsonl``.

    A worker that was killed from outside, or stopped, accuses nobody.

    Args:
        again: the user wants quarantined ones asked once more.
    """
    counted: dict[Key, int] = {}
    for run in runs.all_runs(project.store.reader, KIND, ("interrupted", "stopped", "failed")):
        if run.context.get("cache_key") == key and crashed(project, run):
            for request in ledger.read(project.run_folder(run.id)).open:
                counted[request] = counted.get(request, 0) + 1
    most = failures.CRASHES_TO_QUARANTINE - 1 if again else max(counted.values(), default=0)
    return [{"example_id": i, "sample": sample, "crashes": min(n, most)} for (i, sample), n in counted.items()]


_DEATH_CRY = "Fatal Python error"  # what faulthandler writes on SIGSEGV, SIGABRT, SIGBUS, SIGFPE and SIGILL
_CRY_BYTES = 100_000  # it stands before the stacks of all threads


def crashed(project: Project, run: runs.Run) -> bool:
    """Whether a run's worker died by its own fault."""
    if run.state != "interrupted":
        return False
    return "crashed" in run.reason or _DEATH_CRY in RunFolder(project.run_folder(run.id)).log_tail(_CRY_BYTES)


def pages(items: Iterable[Any], n: int = _PAGE) -> Iterator[list[Any]]:
    part: list[Any] = []
    for item in items:
        part.append(item)
        if len(part) == n:
            yield part
            part = []
    if part:
        yield part
