"""What a run of some rows says about running all of them: how good the answers are, and what the rest will take."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from dsbs_gui.kit.card import Card
from dsbs_gui.kit.icon_label import IconLabel
from dsbs_gui.kit.layout import row
from dsbs_gui.kit.plain_label import PlainLabel
from dsbs_gui.kit.words import age, plural

from .run_words import brought, will_take

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from dsbs_gui.steps.teacher.overview import Evidence


class PilotCard(Card):
    """``20 rows: … → all 8 512 rows: …``; hidden while there is nothing to go by."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Pilot", note=" ", parent=parent)
        self.first = PlainLabel(type="emphasis")
        self.result = PlainLabel(wrap=True)
        self.all = PlainLabel(type="emphasis")
        self.rest = PlainLabel(wrap=True)
        line = row(self.first, self.result, IconLabel("arrow-right", 16, "muted"), self.all, self.rest, gap="m")
        line.setStretch(1, 3)
        line.setStretch(4, 2)
        self.add(line)
        self.hide()

    def show_evidence(self, found: Evidence | None, pending: int, currency: str) -> None:
        """Show what ``found`` says about ``pending`` answers that are missing."""
        self.setVisible(found is not None)
        if found is None:
            return
        self.set_title("Pilot" if found.pilot else "So far")
        which = "with these settings" if found.same else "by this teacher with other settings"
        self.set_note(f"{found.run_id}, {which} · {age(datetime.fromtimestamp(found.ended, UTC))}")
        self.first.setText(plural(found.n, "answer"))
        self.result.setText(brought(found, currency))
        self.all.setText(f"{plural(pending, 'answer')} more" if pending else "All are there")
        self.rest.setText(will_take(found, pending, currency) if pending else "")
