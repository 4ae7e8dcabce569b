"""The random sample at the Review page: drawing it, what it says so far, and accepting the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from dsbs_gui.core.store import audits
from dsbs_gui.kit.buttons import SecondaryButton
from dsbs_gui.kit.sheet import confirm
from dsbs_gui.kit.words import count, plural
from dsbs_gui.steps.review import audit, sentences

from .audit_sheet import AuditSheet
from .queue_strip import QueueStrip

if TYPE_CHECKING:
    from dsbs_gui.core.project import Project
    from dsbs_gui.core.store.changes import Changes
    from dsbs_gui.kit.bridge import Bridge
    from dsbs_gui.kit.page import Page
    from dsbs_gui.steps.review.audit import Findings

    from .acts import Acts
    from .work_area import WorkArea

_SETTLE_MS = 300


class Auditing(QObject):
    """Fills the strip of the queue *audit*.

    Signals:
        drawn: there is a new sample; the queue begins anew.
    """

    drawn = Signal()

    def __init__(self, page: Page, project: Project, bridge: Bridge, acts: Acts, area: WorkArea) -> None:
        super().__init__(page)
        self._page, self._project, self._bridge, self._acts, self._area = page, project, bridge, acts, area
        self.found: Findings | None = None
        self.draw = SecondaryButton("Draw a sample…", "dice-five")
        self.accept = SecondaryButton("Accept the rest", "checks")
        self.strip = QueueStrip("Random sample", self.draw, self.accept)
        self._settling = QTimer(self, singleShot=True, interval=_SETTLE_MS)
        self._settling.timeout.connect(self.refresh)
        self.draw.clicked.connect(self.ask)
        self.accept.clicked.connect(self.accept_rest)
        bridge.changed.connect(self._on_changed)
        self.draw.setVisible(not project.store.read_only)

    def show(self, shown: bool) -> None:
        """The queue was entered or left."""
        self.strip.setVisible(shown)
        if shown:
            self.refresh()

    def refresh(self) -> None:
        """Count anew, in the background."""
        store, task = self._project.store, self._project.task
        self._settling.stop()
        self._bridge.run(lambda: audit.findings(store.reader, task), self._on_found, owner=self)

    def ask(self) -> None:
        """Ask what to draw. The sample is drawn from what matched before the queue was entered."""
        chosen = self._area.filters.value()
        drawn_from = audits.source(chosen)
        sheet = AuditSheet(self._page, self._project, self._bridge, drawn_from, sentences.filter_words(drawn_from))
        sheet.drawn.connect(self.drawn)
        sheet.drawn.connect(self.refresh)
        sheet.open()

    def accept_rest(self) -> None:
        """Accept all rows that the sample speaks of, once the person has read what that means."""
        found = self.found
        share = audit.rate(found) if found is not None else None
        if found is None or share is None:
            return
        text = (
            f"{plural(found.rest, 'row')} that nobody has read will be accepted, {audit.rate_words(share)}"
            f" by the {count(found.judged.judged)} that you have judged. Rows of the sample are not among them."
            " One undo takes all of it back, also after a restart."
        )
        if confirm(self._page, "Accept the rest?", text, f"Accept {count(found.rest)}"):
            self._acts.accept_rest(found.audit)
            self._area.home()  # the button will be gone, and undo must not end up in a line of text

    def _on_found(self, found: Findings | None) -> None:
        self.found = found
        self.strip.say(audit.headline(found), audit.details(found))
        there = found is not None and found.rest > 0 and audit.rate(found) is not None
        self.accept.setVisible(there and not self._project.store.read_only)
        if found is not None:
            self.accept.setText(f"Accept the rest ({count(found.rest)})")
        self.draw.setText("Draw another…" if found is not None else "Draw a sample…")

    def _on_changed(self, changes: Changes) -> None:
        if self.strip.isVisible() and changes.touches("examples", "answers", "audits"):
            self._settling.start()
