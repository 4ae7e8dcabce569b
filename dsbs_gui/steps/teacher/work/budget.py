"""Spending tokens and money up to a limit and never over it. Worker only."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from dsbs_gui.steps.teacher.ledger import Key, Usage
from dsbs_gui.steps.teacher.prices import FREE, Price
from dsbs_gui.steps.teacher.specs import GenerateSpec

from .asking import Reply, Request
from .questions import stored_under

_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Limits:
    """What may be spent, tokens in and out together and money, of which some is spent already; 0: no limit."""

    tokens: int = 0
    money: float = 0.0
    spent_tokens: int = 0
    spent_money: float = 0.0
    price: Price = FREE

    @classmethod
    def of(cls, spec: GenerateSpec) -> Limits:
        price = Price(spec.price_in, spec.price_out)
        return cls(spec.budget_tokens, spec.budget_money, spec.spent_tokens, spec.spent_money, price)

    @property
    def any(self) -> bool:
        return bool(self.tokens or self.money)

    def hold(self, usage: Usage) -> bool:
        """Whether so much more may be spent."""
        if self.tokens and self.spent_tokens + usage.tokens > self.tokens:
            return False
        return not self.money or self.spent_money + self.price.of(usage) <= self.money + _ROUNDING


class Budget:
    """Lets requests through as long as the dearest outcome of all that are under way stays within the limits.

    Args:
        cost: the most that a request can take.
    """

    def __init__(self, limits: Limits, cost: Callable[[Request], Usage]) -> None:
        self._limits = limits
        self._cost = cost
        self._reserved: dict[Key, Usage] = {}
        self._held: Request | None = None
        self.spent = Usage()
        self.exhausted = False

    @property
    def waiting(self) -> bool:
        """Whether a request was held back that may yet pass, now that those before it have been settled."""
        return self._held is not None and not self.exhausted

    def let_through(self, requests: Iterator[Request]) -> Iterator[tuple[Request, Usage]]:
        """The requests with the most that each may take, up to the first that could cross a limit.

        That one is held back and comes first when asked again. Only if it does not fit while nothing is
        under way is the budget exhausted: answers mostly take less than they could. Without a limit nobody
        counts beforehand.
        """
        while request := self._held or next(requests, None):
            self._held = None
            most = Usage()
            if self._limits.any:
                most = self._cost(request)
                if not self._limits.hold(self._under_way().plus(most)):
                    self._held, self.exhausted = request, not self._reserved
                    return
                self._reserved[stored_under(request)] = most
            yield request, most

    def settle(self, reply: Reply) -> Usage:
        """Put what a request really took in the place of what it could have taken; returns it.

        A server that does not count is taken to have used all that it could.
        """
        reserved = self._reserved.pop(stored_under(reply.request), Usage())
        took = Usage(reply.tokens_in, reply.tokens_out)
        if (reply.estimated or not took.tokens) and reply.finish_reason and reserved.tokens > took.tokens:
            took = reserved
        self.spent = self.spent.plus(took)
        return took

    def _under_way(self) -> Usage:
        total = self.spent
        for usage in self._reserved.values():
            total = total.plus(usage)
        return total
