"""Spending tokens up to a limit and never over it. Worker only."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

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
        self.spent = 0
        self.exhausted = False

    def let_through(self, requests: Iterable[Request]) -> Iterator[Request]:
        """The requests, up to the first that could cross the limit."""
        for request in requests:
            if self._limit:
                cost = self._cost(request)
                if self.spent + sum(self._reserved.values()) + cost > self._limit:
                    self.exhausted = True
                    return
                self._reserved[_key(request)] = cost
            yield request

    def settle(self, reply: Reply) -> None:
        """Put what a request really took in the place of what it could have taken.

        A server that does not count is taken to have used all that it could.
        """
        reserved = self._reserved.pop(_key(reply.request), 0)
        counted = reply.tokens_in + reply.tokens_out
        self.spent += counted or (reserved if reply.finish_reason else 0)


def _key(request: Request) -> tuple[int, int, bool]:
    return request.example_id, request.sample, request.hinted
