"""Spending tokens up to a limit and never over it. Worker only."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from .asking import Reply, Request


class Budget:
    """Lets requests through as long as the dearest outcome of all that are under way stays within the limit.

    Args:
        limit: tokens, in and out together; 0: no limit.
        cost: the most tokens that a request can take.
    """

    def __init__(self, limit: int, cost: Callable[[Request], int]) -> None:
        self._limit = limit
        self._cost = cost
        self._reserved: dict[tuple[int, int, bool], int] = {}
        self._held: Request | None = None
        self.spent = 0
        self.exhausted = False

    @property
    def waiting(self) -> bool:
        """Whether a request was held back that may yet pass, now that those before it have been settled."""
        return self._held is not None and not self.exhausted

    def let_through(self, requests: Iterator[Request]) -> Iterator[Request]:
        """The requests, up to the first that could cross the limit.

        That one is held back and comes first when asked again. Only if it does not fit while nothing is
        under way is the budget exhausted: answers mostly take less than they could.
        """
        while request := self._held or next(requests, None):
            self._held = None
            if self._limit:
                cost = self._cost(request)
                if self.spent + sum(self._reserved.values()) + cost > self._limit:
                    self._held, self.exhausted = request, not self._reserved
                    return
                self._reserved[_key(request)] = cost
            yield request

    def settle(self, reply: Reply) -> None:
        """Put what a request really took in the place of what it could have taken.

        A server that does not count is taken to have used all that it could.
        """
        reserved = self._reserved.pop(_key(reply.request), 0)
        counted = reply.tokens_in + reply.tokens_out
        most = max(counted, reserved if reply.finish_reason else 0)
        self.spent += most if reply.estimated or not counted else counted


def _key(request: Request) -> tuple[int, int, bool]:
    return request.example_id, request.sample, request.hinted
