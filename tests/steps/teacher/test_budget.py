"""Tokens are spent up to the limit and never over it."""

from __future__ import annotations

from dataclasses import replace

from dsbs_gui.steps.teacher.work.asking import Reply, Request
from dsbs_gui.steps.teacher.work.budget import Budget

REQUESTS = [Request(i, 0, "Q: What?\nA:") for i in range(10)]


def answered(request: Request, tokens_in: int = 20, tokens_out: int = 10) -> Reply:
    return Reply(request, raw="A.", finish_reason="stop", tokens_in=tokens_in, tokens_out=tokens_out)


def test_without_a_limit_everything_passes() -> None:
    budget = Budget(0, lambda _: 1000)
    assert list(budget.let_through(iter(REQUESTS))) == REQUESTS
    assert not budget.waiting
    assert not budget.exhausted


def test_what_is_under_way_counts_with_its_dearest_outcome() -> None:
    budget = Budget(350, lambda _: 100)
    assert list(budget.let_through(iter(REQUESTS))) == REQUESTS[:3]
    assert budget.waiting
    assert not budget.exhausted


def test_the_request_held_back_comes_first_once_answers_took_less_than_they_could() -> None:
    budget, requests = Budget(350, lambda _: 100), iter(REQUESTS)
    for request in list(budget.let_through(requests)):
        budget.settle(answered(request))
    assert budget.spent == 90
    assert list(budget.let_through(requests)) == REQUESTS[3:5]


def test_the_budget_is_exhausted_when_nothing_is_under_way_and_the_next_does_not_fit() -> None:
    budget, requests, asked = Budget(350, lambda _: 100), iter(REQUESTS), []
    while True:
        passed = list(budget.let_through(requests))
        for request in passed:
            budget.settle(answered(request))
        asked += passed
        if not budget.waiting:
            break
    assert budget.exhausted
    assert budget.spent == 30 * len(asked)
    assert budget.spent <= 350 < budget.spent + 100


def test_a_server_that_does_not_count_is_taken_to_have_used_all_it_could() -> None:
    budget = Budget(250, lambda _: 100)
    first, second = budget.let_through(iter(REQUESTS))
    budget.settle(answered(first, 0, 0))
    assert budget.spent == 100
    budget.settle(replace(answered(second, 0, 0), finish_reason="", failure="the server answered 500"))
    assert budget.spent == 100
