"""What a run of some rows says about running all of them: how good the answers are, and what the rest will take."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout

from dsbs_gui.kit.card import Card
from dsbs_gui.kit.elided_label import ElidedLabel
from dsbs_gui.kit.icon_label import IconLabel
from dsbs_gui.kit.layout import px
from dsbs_gui.kit.plain_label import PlainLabel
from dsbs_gui.kit.words import age, count, plural

from .run_words import brought, will_take

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from dsbs_gui.steps.teacher.overview import Evidence


class PilotCard(Card):
    """``20 answers: …`` and below it what the rest will take; hidden while there is nothing to go by."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.first, self.all = PlainLabel(type="emphasis"), PlainLabel(type="emphasis")
        self.result, self.rest = ElidedLabel(), ElidedLabel()
        self.which = ElidedLabel(tone="muted", type="caption")
        grid = QGridLayout()
        grid.setHorizontalSpacing(px("m"))
        grid.setVerticalSpacing(px("xs"))
        grid.setColumnStretch(2, 3)
        grid.setColumnStretch(3, 1)
        for line, (icon, title, text) in enumerate(
            (("flask", self.first, self.result), ("arrow-right", self.all, self.rest))
        ):
            grid.addWidget(IconLabel(icon, 16, "muted"), line, 0, Qt.AlignmentFlag.AlignVCenter)
            grid.addWidget(title, line, 1)
            grid.addWidget(text, line, 2)
        grid.addWidget(self.which, 0, 3)
        self.add(grid)
        self.hide()

    def show_evidence(self, found: Evidence | None, pending: int, currency: str) -> None:
        """Show what ``found`` says about ``pending`` answers that are missing."""
        self.setVisible(found is not None)
        if found is None:
            return
        name = f"Pilot of {plural(found.n, 'answer')}" if found.pilot else plural(found.n, "answer")
        self.setAccessibleName(name)
        self.first.setText(name)
        self.result.show_text(brought(found, currency))
        self.all.setText(f"All {count(pending)} that are missing" if pending else "Nothing is missing")
        self.rest.show_text(will_take(found, pending, currency) if pending else "")
        which = "with these settings" if found.same else "by this teacher with other settings"
        self.which.show_text(f"{found.run_id}, {which} · {age(datetime.fromtimestamp(found.ended, UTC))}", "muted")
