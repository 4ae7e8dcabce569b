"""The last used pages of records, so that painting and scrolling ask the database seldom."""

from __future__ import annotations

from array import array
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

PAGE_ROWS = 128
KEPT_PAGES = 64

FetchPage = Callable[[Sequence[int]], Mapping[int, Any]]


class PageCache:
    """Records by row, fetched by pages of 128 ids; at most 64 pages are kept. Not thread-safe: GUI thread."""

    def __init__(self, fetch_page: FetchPage) -> None:
        self._fetch = fetch_page
        self._ids: array[int] = array("q")
        self._pages: OrderedDict[int, Mapping[int, Any]] = OrderedDict()

    @property
    def ids(self) -> array[int]:
        """The ids in the order shown; do not change."""
        return self._ids

    def set_ids(self, ids: array[int]) -> None:
        """Show other ids; forgets all pages."""
        self._ids = ids
        self._pages.clear()

    def record(self, row: int) -> Any | None:
        """The record of a row; None if it no longer exists. Fetches its page if need be."""
        number = row // PAGE_ROWS
        page = self._pages.get(number)
        if page is None:
            # A page that cannot be read stays empty until it is refreshed; painting must not ask again and again.
            self._pages[number] = {}
            page = self._fetch(self._page_ids(number))
            self._pages[number] = page
            if len(self._pages) > KEPT_PAGES:
                self._pages.popitem(last=False)
        else:
            self._pages.move_to_end(number)
        return page.get(self._ids[row])

    def forget(self, ids: Iterable[int]) -> list[int]:
        """Drop the kept pages with these ids; returns the rows of the ids in them, ascending.

        Rows outside the kept pages are not on the screen and need no repaint.
        """
        wanted, rows = set(ids), []
        for number in sorted(self._pages):
            start = number * PAGE_ROWS
            found = [start + i for i, some in enumerate(self._page_ids(number)) if some in wanted]
            if found:
                rows += found
                del self._pages[number]
        return rows

    def forget_all(self) -> None:
        """Drop all kept pages."""
        self._pages.clear()

    def _page_ids(self, number: int) -> array[int]:
        return self._ids[number * PAGE_ROWS : (number + 1) * PAGE_ROWS]
