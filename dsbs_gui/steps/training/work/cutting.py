"""How an effective batch is cut into forward passes: little padding, not too many passes, no more than fits.

Padding is computed like anything else, and so is each further pass: its kernels must be started, and its gradients
added to all weights. Rows are put in an order of length and cut where the sum of both is least. Standard library only.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

PASS_COST = {"cpu": 128}
PASS_COST_ELSEWHERE = 2048
"""Tokens that could be computed in the time that one more pass costs beside its tokens. On a CPU this is the traffic of
adding gradients (T5-small: 0.15 s beside 1.3 ms a token, forward and backward), on a GPU the starting of kernels."""

PASS_COST_PACKED = 1_000_000
"""As few passes as there is room for: packed rows compute no padding."""


class Shape(NamedTuple):
    """Tokens of an input and of its target."""

    input: int
    target: int


class Room(NamedTuple):
    """What one pass may hold, padding included.

    Attributes:
        inputs: tokens of inputs.
        targets: tokens of targets.
        joined: input and target are one text (a decoder-only student), and ``inputs`` holds both.
        packed: rows lie one behind the other: padding costs memory in attention, and hardly any time.
        pass_cost: as in :data:`PASS_COST`.
    """

    inputs: int
    targets: int
    joined: bool
    packed: bool = False
    pass_cost: int = PASS_COST_ELSEWHERE

    @classmethod
    def of(cls, shapes: Iterable[Shape], *, joined: bool, packed: bool = False, device: str = "cpu") -> Room:
        """Room for one row as long as the longest of ``shapes``."""
        longest, target = 1, 1
        for shape in shapes:
            longest = max(longest, sum(shape) if joined else shape.input)
            target = max(target, shape.target)
        cost = PASS_COST_PACKED if packed else PASS_COST.get(device, PASS_COST_ELSEWHERE)
        return cls(longest, target, joined, packed, cost)

    def times(self, rows: int) -> Room:
        """Room for so many of such rows, or for more that are shorter."""
        return self._replace(inputs=self.inputs * rows, targets=self.targets * rows)


def cut(shapes: Sequence[Shape], room: Room) -> list[list[int]]:
    """Places in ``shapes``, each once, pass by pass, the longest rows first.

    A row that is longer than the room has a pass of its own.
    """
    places = range(len(shapes))
    orders = [sorted(places, key=lambda place: (-sum(shapes[place]), place))]
    if not room.joined:  # by inputs alone is better where targets are all alike, as labels are
        orders.append(sorted(places, key=lambda place: (-shapes[place].input, -shapes[place].target, place)))
    best = min((_cheapest([shapes[place] for place in order], room), order) for order in orders)
    (_, bounds), order = best
    return [order[start:end] for start, end in pairwise(bounds)]


def _cheapest(shapes: Sequence[Shape], room: Room) -> tuple[int, list[int]]:
    """Cost in tokens of the best way to cut ``shapes`` in their order, and its bounds, from 0 to their number.

    Dynamic programming over where the last pass begins; what fits keeps the inner loop short.
    """
    costs, begins = [0], [0]
    for end in range(1, len(shapes) + 1):
        cost, begin = costs[end - 1] + room.pass_cost + sum(shapes[end - 1]), end - 1
        inputs = targets = both = 0
        for start in range(end - 1, -1, -1):
            shape = shapes[start]
            inputs, targets, both = max(inputs, shape.input), max(targets, shape.target), max(both, sum(shape))
            rows = end - start
            width = both if room.joined else inputs + targets
            if rows * (both if room.joined else inputs) > room.inputs or rows * targets > room.targets:
                break
            found = costs[start] + room.pass_cost + rows * width
            if found < cost:
                cost, begin = found, start
        costs.append(cost)
        begins.append(begin)
    bounds = [len(shapes)]
    while bounds[-1]:
        bounds.append(begins[bounds[-1]])
    return costs[-1], bounds[::-1]
