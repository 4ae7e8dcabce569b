"""What the owner keeps of a job *sketch*. Store thread only."""

from __future__ import annotations

from dsbs_gui.core.protocol import Event, SketchesMade
from dsbs_gui.core.store import sketches
from dsbs_gui.core.store.database import Transaction
from dsbs_gui.core.store.runs import Run


def take(tx: Transaction, run: Run, event: Event) -> None:
    """Sketches are kept as they come, so that a job that is stopped has not worked in vain."""
    if isinstance(event.message, SketchesMade):
        sketches.put(tx, event.message.field, event.message.rows)
