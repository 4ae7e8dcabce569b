"""What the page shows while there is nothing to ask about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dsbs_gui.kit.empty_state import EmptyState

if TYPE_CHECKING:
    from collections.abc import Callable


def no_examples(go_to_data: Callable[[], object]) -> EmptyState:
    """The project holds no examples."""
    state = EmptyState(
        "chalkboard-teacher",
        "There is nothing to explain yet",
        "The teacher writes a rationale and a label for each example. Import some examples first.",
        "Go to Data",
    )
    assert state.button is not None
    state.button.clicked.connect(lambda: go_to_data())
    return state
