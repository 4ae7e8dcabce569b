"""What the owner keeps of a job *lift*. Store thread only."""

from __future__ import annotations

from dsbs_gui.core.protocol import Event, LiftsMeasured
from dsbs_gui.core.store import lifts
from dsbs_gui.core.store.database import Transaction
from dsbs_gui.core.store.runs import Run


def take(tx: Transaction, run: Run, event: Event) -> None:
    """Measurements are kept as they come, so that a job that is stopped has not worked in vain."""
    if isinstance(event.message, LiftsMeasured):
        lifts.put(tx, str(run.context["teacher"]), str(run.context["settings"]), event.message.rows)
