"""What a generation job has asked and what it cost, written as it happens: ``ledger.jsonl`` in the run's folder.

A line is put down before a request goes out and another when it is settled. So whoever comes after a
killed worker knows what it was asking at that moment, and what that may have cost at most. Lines are not
fsynced: they outlive the process, and after a power loss the answers themselves, which are, still count.
Standard library only; the worker writes, the owner reads.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

FILE = "ledger.jsonl"


class Usage(NamedTuple):
    """Tokens of prompts and of answers."""

    tokens_in: int = 0
    tokens_out: int = 0

    def plus(self, other: Usage) -> Usage:
        return Usage(self.tokens_in + other.tokens_in, self.tokens_out + other.tokens_out)

    @property
    def tokens(self) -> int:
        return self.tokens_in + self.tokens_out


Key = tuple[int, int]
"""Example and sample index as answers are stored under it (negative: the gold label was told)."""


class Ledger:
    """Appends to one run's ledger. Used by the job's thread alone; close it."""

    def __init__(self, folder: Path) -> None:
        self._file = (folder / FILE).open("a", encoding="utf-8")  # closed by close()

    def ask(self, key: Key, most: Usage) -> None:
        """A request goes out, which may take ``most``."""
        self._put("ask", key, most)

    def settle(self, key: Key, took: Usage) -> None:
        """It came back, or never will; ``took`` is what it is charged with."""
        self._put("got", key, took)

    def _put(self, what: str, key: Key, usage: Usage) -> None:
        self._file.write(json.dumps([what, *key, *usage]) + "\n")
        self._file.flush()

    def close(self) -> None:
        self._file.close()


@dataclass(slots=True)
class Account:
    """What a ledger says.

    Attributes:
        settled: what requests took that came back.
        open: requests that never came back, each with the most that it may have taken.
        lines: how many there were; 0 also where there is no ledger.
    """

    settled: Usage = field(default_factory=Usage)
    open: dict[Key, Usage] = field(default_factory=dict)
    lines: int = 0

    @property
    def at_most(self) -> Usage:
        """What the run may have cost, had everything that was open taken the most."""
        total = self.settled
        for usage in self.open.values():
            total = total.plus(usage)
        return total


def read(folder: Path) -> Account:
    """The account of a run. A line that a kill cut in half is passed over."""
    account = Account()
    for what, key, usage in _lines(folder / FILE):
        account.lines += 1
        if what == "ask":
            account.open[key] = usage
        elif what == "got":
            account.open.pop(key, None)
            account.settled = account.settled.plus(usage)
    return account


def _lines(path: Path) -> Iterator[tuple[str, Key, Usage]]:
    try:
        with path.open(encoding="utf-8", errors="replace") as lines:
            for line in lines:
                try:
                    what, example_id, sample, tokens_in, tokens_out = json.loads(line)
                except ValueError:
                    continue
                yield what, (example_id, sample), Usage(tokens_in, tokens_out)
    except FileNotFoundError:
        return
