"""The first look of the Review page: what is there at all, and the list that it opens on.

It is taken in the background while the page is built: a million rows are found in the time that the widgets take.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dsbs_gui.core.store import examples
from dsbs_gui.core.store.filters import Filter

if TYPE_CHECKING:
    from dsbs_gui.core.store.connection import Reader
    from dsbs_gui.core.store.examples import Glimpse


@dataclass(frozen=True, slots=True)
class FirstLook:
    """What was seen, and the ids under the filter ``chosen``: what waits for a decision, if anything does."""

    seen: Glimpse
    chosen: Filter
    ids: array[int]


def first_look(db: Reader) -> FirstLook:
    """Look. Counts nothing: that would keep the first list waiting. Never on the window's thread."""
    seen = examples.glimpse(db)
    chosen = first_filter(seen.left)
    return FirstLook(seen, chosen, examples.ids(db, chosen) if seen.reviewable or seen.failed else array("q"))


def first_filter(left: bool) -> Filter:
    """What the page opens on."""
    return Filter(states=("unreviewed",)) if left else Filter()
