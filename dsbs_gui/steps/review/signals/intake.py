"""What the owner keeps of a job *signals*. Store thread only."""

from __future__ import annotations

from dsbs_gui.core.protocol import Event, Finished, SignalsFound, Started
from dsbs_gui.core.store import project_info, signals
from dsbs_gui.core.store.database import Transaction
from dsbs_gui.core.store.runs import Run

from .overall import OVERALL, UNHELPFUL
from .plan import OVER_ALL_KEY


def take(tx: Transaction, run: Run, event: Event) -> None:
    """Rows are stored as they come, so that a job that is stopped has not worked in vain."""
    match event.message:
        case Started():
            signals.forget_empty(tx)
        case SignalsFound(rows=rows, over_all=False):
            signals.put(tx, rows, (*OVERALL, UNHELPFUL))
        case SignalsFound(rows=rows, over_all=True, first=first):
            signals.put_over_all(tx, rows, OVERALL if first else ())
        case Finished(status="done", summary=summary):
            project_info.put(tx, OVER_ALL_KEY, str(summary.get("over_all", "")))
