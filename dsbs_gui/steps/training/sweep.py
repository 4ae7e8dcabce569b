"""Several runs at once: each combination of some values, without twins. Plain Python."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

from .methods import METHODS
from .options import BY_NAME, Option

MOST = 60
"""More are a mistake more often than a wish; a second sweep is always possible."""

SWEPT = ("method", "rationale_weight", "seed", "fraction")


def read(text: str, name: str) -> tuple[list[Any], str]:
    """The values of an option in a line such as `0, 0.5, 1` or, for whole numbers, `0-4`; and what is wrong with it."""
    option = BY_NAME[name]
    found: list[Any] = []
    for part in (part.strip() for part in text.replace(";", ",").split(",")):
        if not part:
            continue
        values = _values(part, option)
        if not values:
            return [], f"“{part}” is no {'number' if option.kind == 'number' else 'whole number'}"
        for value in values:
            if problem := option.problem(value):
                return [], f"{part} {problem}"
            if value not in found:
                found.append(value)
    return found, ""


def runs_of(base: Mapping[str, Any], values: Mapping[str, Sequence[Any]]) -> list[dict[str, Any]]:
    """The choices of each run: ``base`` with every combination of ``values``; what is empty stays as in ``base``.

    λ makes no difference to methods without a rationale task: they come once. A method takes its own usual labels
    where ``base`` has the usual ones of its method.
    """
    usual = base.get("labels") in (None, METHODS[base["method"]].labels)
    found: dict[tuple[Any, ...], dict[str, Any]] = {}
    for combined in product(*(list(values.get(name) or ()) or [base[name]] for name in SWEPT)):
        one = {**base, **dict(zip(SWEPT, combined, strict=True))}
        method = METHODS[one["method"]]
        if usual:
            one["labels"] = method.labels
        if not method.multitask:
            one["rationale_weight"] = base["rationale_weight"]
        found.setdefault(tuple(one[name] for name in SWEPT), one)
    return list(found.values())


def _values(part: str, option: Option) -> list[Any]:
    """[] for what is no number."""
    try:
        if option.kind == "number":
            share = part.rstrip("%").strip()
            return [float(share) / 100 if part.endswith("%") else float(part)]
        low, dash, high = part.replace("–", "-").partition("-")
        if dash and low:
            first, last = int(low), int(high)
            return list(range(first, min(last, first + MOST) + 1))
        return [int(part)]
    except ValueError:
        return []
