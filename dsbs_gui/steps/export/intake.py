"""What the project keeps of an export: where it went, how large it is, whether it was verified."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dsbs_gui.core.protocol import Finished
from dsbs_gui.core.store import exports

if TYPE_CHECKING:
    from dsbs_gui.core.protocol import Event
    from dsbs_gui.core.store.database import Transaction
    from dsbs_gui.core.store.runs import Run


def take(tx: Transaction, run: Run, event: Event) -> None:
    """Remember an export that is done; one that was stopped left nothing."""
    message = event.message
    if not isinstance(message, Finished) or message.status != "done":
        return
    summary = message.summary
    exports.add(
        tx,
        run_id=run.id,
        student_run=run.context.get("student_run"),
        format=str(summary["format"]),
        path=str(summary["path"]),
        size=int(summary["bytes"]),
        verified=summary.get("verified"),
        summary=summary,
    )
