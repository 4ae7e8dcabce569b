"""Splitting into train, valid and test without twins across them.

Near-duplicates are examples that are equal once case, white space and numbers do not count: the *body* of a math
problem (all lines but the last, which is the question), the premise of an inference pair, the question of a
choice. By this definition 105 of the 200 SVAMP test problems have a twin in train; with the question left in,
none has. Plain Python; a million rows take some seconds.
"""

from __future__ import annotations

import hashlib
import random
import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dsbs_gui.core.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from dsbs_gui.core.tasks import Fields

NEAR_DUPLICATE = "near-duplicate"
NONE = "none"
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_BODY_FIELDS = ("premise", "question", "input")


@dataclass(frozen=True)
class SplitReport:
    """What a split came to.

    Attributes:
        counts: split to number of examples.
        groups: number of groups that were kept together.
        largest: size of the largest group.
    """

    splits: dict[int, str]
    counts: dict[str, int]
    groups: int
    largest: int


def body(fields: Fields) -> str:
    """The text by which two examples are near-duplicates, numbers masked as ``#``."""
    name = next((name for name in _BODY_FIELDS if name in fields), "")
    text = str(fields.get(name, ""))
    if name == "input" and "\n" in text.strip():
        text = text.strip().rsplit("\n", 1)[0]
    return _NUMBER.sub("#", " ".join(text.casefold().split()))


def group_key(example_id: int, fields: Fields, group_by: str) -> int:
    """A number that is equal for examples that belong together.

    Args:
        group_by: ``near-duplicate``, ``none``, or a source field such as ``premise``.
    Raises:
        UserError: if the examples have no such field.
    """
    if group_by == NONE:
        return example_id
    if group_by == NEAR_DUPLICATE:
        return _digest(body(fields))
    if group_by not in fields:
        raise UserError(
            f"The examples have no field “{group_by}”.",
            f"Group by {', '.join([NEAR_DUPLICATE, *fields, NONE])}.",
        )
    return _digest(str(fields[group_by]))


def split(
    rows: Iterable[tuple[int, Fields]], valid: float, test: float, seed: int, group_by: str = NEAR_DUPLICATE
) -> SplitReport:
    """Assign each example to train, valid or test; a group never spans two.

    The groups are shuffled by ``seed`` and dealt out until each split has its share; a group that would
    overfill one goes to train, so a share is met as closely as the sizes of the groups allow.

    Raises:
        UserError: for fractions that leave nothing to train on, or too few groups.
    """
    if not (0 <= valid < 1 and 0 <= test < 1 and valid + test < 1):
        raise UserError(
            f"The fractions valid {valid:g} and test {test:g} leave nothing to train on.",
            "Choose numbers from 0 to 1 whose sum is below 1.",
        )
    keys = [(example_id, group_key(example_id, fields, group_by)) for example_id, fields in rows]
    sizes = Counter(key for _, key in keys)
    order = list(sizes)  # in the order of first appearance: the same project gives the same split
    random.Random(seed).shuffle(order)
    homes = _deal(order, sizes, {"test": round(test * len(keys)), "valid": round(valid * len(keys))})
    splits = {example_id: homes.get(key, "train") for example_id, key in keys}
    counts = Counter(splits.values())
    _check(counts, {"valid": valid, "test": test}, len(sizes))
    return SplitReport(
        splits,
        {name: counts[name] for name in ("train", "valid", "test")},
        len(sizes),
        max(sizes.values(), default=0),
    )


def twin_keys(rows: Iterable[Fields]) -> set[int]:
    """What :func:`twins` needs to know of the examples among which twins are looked for."""
    return {_digest(body(fields)) for fields in rows}


def twins(rows: Iterable[Fields], keys: set[int]) -> int:
    """How many of ``rows`` have a near-duplicate among those of ``keys``."""
    return sum(_digest(body(fields)) in keys for fields in rows)


def _deal(order: list[int], sizes: Mapping[int, int], wanted: dict[str, int]) -> dict[int, str]:
    homes: dict[int, str] = {}
    for key in order:
        for name, missing in wanted.items():
            if sizes[key] <= missing:
                homes[key] = name
                wanted[name] = missing - sizes[key]
                break
    return homes


def _check(counts: Mapping[str, int], fractions: Mapping[str, float], groups: int) -> None:
    empty = [name for name, fraction in fractions.items() if fraction and not counts.get(name)]
    if empty or not counts.get("train"):
        raise UserError(
            f"The split {empty[0] if empty else 'train'} would be empty: there are only {groups} groups.",
            "Group by none, or choose other fractions.",
        )


def _digest(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")
