from __future__ import annotations

import random
from itertools import combinations, pairwise

import pytest

from dsbs_gui.steps.training.work.cutting import Room, Shape, cut


def _shapes(n: int, seed: int = 0) -> list[Shape]:
    drawn = random.Random(seed)
    return [Shape(drawn.randint(5, 60), drawn.randint(2, 40)) for _ in range(n)]


def _cells(shapes: list[Shape], joined: bool) -> int:
    if joined:
        return len(shapes) * max(map(sum, shapes))
    return len(shapes) * (max(shape.input for shape in shapes) + max(shape.target for shape in shapes))


def _cost(shapes: list[Shape], passes: list[list[int]], room: Room) -> int:
    return sum(room.pass_cost + _cells([shapes[place] for place in places], room.joined) for places in passes)


@pytest.mark.parametrize("joined", [False, True])
@pytest.mark.parametrize("device", ["cpu", "cuda"])
def test_every_row_is_in_one_pass_and_every_pass_fits(joined: bool, device: str) -> None:
    shapes = _shapes(100)
    room = Room.of(shapes, joined=joined, device=device).times(8)
    passes = cut(shapes, room)
    assert sorted(place for places in passes for place in places) == list(range(100))
    for places in passes:
        own = [shapes[place] for place in places]
        widths = [sum(shape) if joined else shape.input for shape in own]
        assert len(own) * max(widths) <= room.inputs
        assert len(own) * max(shape.target for shape in own) <= room.targets
    assert max(map(len, passes)) > 8  # shorter rows are more at once
    assert passes == cut(shapes, room)


@pytest.mark.parametrize("joined", [False, True])
def test_no_other_way_to_cut_rows_in_order_of_length_is_cheaper(joined: bool) -> None:
    shapes = sorted(_shapes(9), key=lambda shape: -sum(shape))
    room = Room(10_000, 10_000, joined, pass_cost=40)
    every = [
        [list(range(start, end)) for start, end in pairwise((0, *inner, 9))]
        for n in range(9)
        for inner in combinations(range(1, 9), n)
    ]
    assert len(every) == 2**8
    best = min(_cost(shapes, passes, room) for passes in every)
    assert _cost(shapes, cut(shapes, room), room) <= best
    assert 1 < len(cut(shapes, room)) < 9


def test_where_a_pass_costs_much_there_is_one_and_where_it_costs_nothing_there_is_no_padding() -> None:
    shapes = [*_shapes(12), *_shapes(12)]
    room = Room(10_000, 10_000, joined=True, pass_cost=0)
    assert _cost(shapes, cut(shapes, room), room) == sum(map(sum, shapes))
    assert len(cut(shapes, room._replace(pass_cost=100_000))) == 1


def test_little_room_shows_in_the_first_pass_and_a_row_that_is_too_long_goes_alone() -> None:
    shapes = [Shape(10, 3), Shape(90, 9), Shape(10, 3)]
    passes = cut(shapes, Room(20, 6, joined=False, pass_cost=128))
    assert passes[0] == [1]
    assert sorted(passes[1]) == [0, 2]
