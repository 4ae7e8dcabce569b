"""What the page shows while there is nothing to review."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dsbs_gui.kit.empty_state import EmptyState
from dsbs_gui.kit.words import plural

if TYPE_CHECKING:
    from collections.abc import Callable


def no_examples(go_to_data: Callable[[], object]) -> EmptyState:
    """The project holds no examples."""
    state = EmptyState(
        "database",
        "There is nothing to review yet",
        "Import a dataset first. The teacher then writes a rationale for each example, and you review them here.",
        "Go to Data",
    )
    assert state.button is not None
    state.button.clicked.connect(lambda: go_to_data())
    return state


def no_rationales(n: int, go_to_teacher: Callable[[], object], show: Callable[[], object]) -> EmptyState:
    """There are examples, but nobody has written a rationale."""
    state = EmptyState(
        "chalkboard-teacher",
        "No rationale has been written yet",
        f"{plural(n, 'example')} wait for the teacher. Let it write rationales, or write some yourself.",
        "Go to Teacher",
        "Show the examples",
    )
    assert state.button is not None
    assert state.link is not None
    state.button.clicked.connect(lambda: go_to_teacher())
    state.link.clicked.connect(lambda: show())
    return state


def nothing_matches(clear: Callable[[], object]) -> EmptyState:
    """The filter leaves nothing."""
    state = EmptyState(
        "funnel",
        "Nothing matches",
        "No example meets all the filters and the search text at once.",
        "Clear filters",
    )
    assert state.button is not None
    state.button.clicked.connect(lambda: clear())
    return state
