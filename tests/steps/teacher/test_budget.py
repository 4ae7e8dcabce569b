"""The budget as the job uses it, on requests and replies."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from dsbs_gui.steps.teacher.ledger import Usage
from dsbs_gui.steps.teacher.prices import Price
from dsbs_gui.steps.teacher.work.asking import Reply, Request
from dsbs_gui.steps.teacher.work.budget import Budget, Limits

REQUESTS = [Request(i, 0, "Q: What?\nA:") for i in range(10)]
MOST = Usage(60, 40)


def budget(limits: Limits) -> Budget:
    return Budget(limits, lambda _: MOST)


def through(held: Budget, requests: Iterator[Request]) -> list[Request]:
    return [request for request, _ in held.let_through(requests)]


def answered(request: Request, tokens_in: int = 20, tokens_out: int = 10) -> Reply:
    return Reply(request, raw="A.", finish_reason="stop", tokens_in=tokens_in, tokens_out=tokens_out)


def test_without_a_limit_everything_passes_and_nobody_counts_beforehand() -> None:
    def unwanted(_: Request) -> Usage:
        raise AssertionError

    free = Budget(Limits(), unwanted)
    assert through(free, iter(REQUESTS)) == REQUESTS
    assert not free.waiting
    assert not free.exhausted


def test_what_is_under_way_counts_with_its_dearest_outcome() -> None:
    held = budget(Limits(350))
    assert list(held.let_through(iter(REQUESTS))) == [(request, MOST) for request in REQUESTS[:3]]
    assert held.waiting
    assert not held.exhausted


def test_the_request_held_back_comes_first_once_answers_took_less_than_they_could() -> None:
    held, requests = budget(Limits(350)), iter(REQUESTS)
    for request in through(held, requests):
        held.settle(answered(request))
    assert held.spent == Usage(60, 30)
    assert through(held, requests) == REQUESTS[3:5]


def test_the_budget_is_exhausted_when_nothing_is_under_way_and_the_next_does_not_fit() -> None:
    held, requests, asked = budget(Limits(350)), iter(REQUESTS), []
    while True:
        passed = through(held, requests)
        for request in passed:
            held.settle(answered(request))
        asked += passed
        if not held.waiting:
            break
    assert held.exhausted
    assert held.spent.tokens == 30 * len(asked)
    assert held.spent.tokens <= 350 < held.spent.tokens + MOST.tokens


@pytest.mark.parametrize(("spent", "passing"), [(0, 3), (150, 2), (251, 0)])
def test_what_earlier_runs_took_is_gone(spent: int, passing: int) -> None:
    held = budget(Limits(350, spent_tokens=spent))
    assert len(through(held, iter(REQUESTS))) == passing
    assert held.exhausted == (not passing)


def test_money_counts_prompts_and_answers_at_their_own_prices() -> None:
    price = Price(10.0, 100.0)  # the dearest outcome: 60 × 10 + 40 × 100 = 4 600 millionths
    held = budget(Limits(money=0.0140, price=price))
    assert len(through(held, iter(REQUESTS))) == 3
    assert budget(Limits(money=0.0140, spent_money=0.0100, price=price)).waiting is False
    assert through(budget(Limits(money=0.0140, spent_money=0.0100, price=price)), iter(REQUESTS)) == []
    assert len(through(budget(Limits(money=0.0140, spent_money=0.0094, price=price)), iter(REQUESTS))) == 1


def test_the_narrower_of_two_limits_counts() -> None:
    assert len(through(budget(Limits(1000, 0.0140, price=Price(10.0, 100.0))), iter(REQUESTS))) == 3
    assert len(through(budget(Limits(200, 0.0140, price=Price(10.0, 100.0))), iter(REQUESTS))) == 2


def test_a_server_that_does_not_count_is_taken_to_have_used_all_it_could() -> None:
    held = budget(Limits(250))
    first, second = through(held, iter(REQUESTS))
    assert held.settle(answered(first, 0, 0)) == MOST
    assert held.settle(replace(answered(second), estimated=True)) == MOST
    third, *_ = REQUESTS[2:]
    assert held.settle(replace(answered(third, 0, 0), finish_reason="", failure="the server answered 500")) == Usage()
    assert held.spent == Usage(120, 80)
