"""Which rows of what changed, so that pages refresh just that."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

ALL: frozenset[int | str] = frozenset({"*"})
"""Stands for "too many to name"."""


@dataclass(frozen=True, slots=True)
class Changes:
    """Noun → ids that changed.

    Nouns: examples, answers, runs, metrics, predictions, exports, project, audits, reviews.
    """

    by_noun: dict[str, frozenset[int | str]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.by_noun)

    def touches(self, *nouns: str) -> bool:
        return any(noun in self.by_noun for noun in nouns)

    def ids(self, noun: str) -> frozenset[int | str]:
        return self.by_noun.get(noun, frozenset())

    def is_all(self, noun: str) -> bool:
        return "*" in self.ids(noun)


class Collector:
    """Gathers changes while a transaction runs."""

    MOST_NAMED = 5_000

    def __init__(self) -> None:
        self._ids: dict[str, set[int | str]] = {}

    def touch(self, noun: str, ids: Iterable[int | str] | None = None) -> None:
        """``ids`` None: all rows of ``noun`` may have changed."""
        seen = self._ids.setdefault(noun, set())
        seen.update(ALL if ids is None else ids)
        if len(seen) > self.MOST_NAMED:
            self._ids[noun] = set(ALL)

    def changes(self) -> Changes:
        return Changes({noun: frozenset(ids) for noun, ids in self._ids.items()})
