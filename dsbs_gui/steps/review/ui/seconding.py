"""A second reviewer at the Review page: shares go out, reviews come in, agreement is measured, choices are made."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QTimer

from dsbs_gui.core.protocol import Failed, Finished
from dsbs_gui.core.store import reviews
from dsbs_gui.kit.buttons import SecondaryButton
from dsbs_gui.kit.plain_label import PlainLabel
from dsbs_gui.kit.sheet import Sheet
from dsbs_gui.kit.toast import show_toast
from dsbs_gui.kit.words import plural
from dsbs_gui.steps.review import agreement, seconding, sentences

from .queue_strip import QueueStrip
from .second_review_sheet import SecondReviewSheet
from .share_sheet import ShareSheet
from .sides_panel import SidesPanel

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from dsbs_gui.core.errors import DsbsError
    from dsbs_gui.core.project import Project
    from dsbs_gui.core.protocol import Event
    from dsbs_gui.core.store.changes import Changes
    from dsbs_gui.core.store.runs import Run
    from dsbs_gui.kit.bridge import Bridge
    from dsbs_gui.kit.page import Page
    from dsbs_gui.steps.review.second_review import Returned
    from dsbs_gui.steps.review.seconding import Standing
    from dsbs_gui.steps.review.sharing import Share

    from .acts import Acts
    from .deciding import Deciding
    from .work_area import WorkArea

_SETTLE_MS = 300


class Seconding(QObject):
    """Fills the strip of the queue *reviewers*, and shows the sides of the current row while it is chosen."""

    def __init__(
        self, page: Page, project: Project, bridge: Bridge, acts: Acts, area: WorkArea, deciding: Deciding
    ) -> None:
        super().__init__(page)
        self._page, self._project, self._bridge = page, project, bridge
        self._acts, self._area, self._deciding = acts, area, deciding
        self._measuring = ""
        read_only = project.store.read_only
        self.export = SecondaryButton("Export a share…", "export")
        self.take = SecondaryButton("Import a review…", "download-simple")
        self.measure = SecondaryButton("Agreement", "scales")
        self.strip = QueueStrip("Second reviewer", self.export, self.take, self.measure)
        self.sides = SidesPanel(read_only)
        area.add_beside(self.sides)
        self._settling = QTimer(self, singleShot=True, interval=_SETTLE_MS)
        self.take.setVisible(not read_only)
        self.measure.setEnabled(False)
        self._connect()

    def _connect(self) -> None:
        self._settling.timeout.connect(self.refresh)
        self.export.clicked.connect(self.ask_share)
        self.take.clicked.connect(self.ask_merge)
        self.measure.clicked.connect(self.start_measuring)
        self.sides.chosen.connect(self.choose)
        self._area.table.current_changed.connect(lambda id: self._show_sides())
        self._area.table.selected_changed.connect(lambda n: self._show_sides())
        self._bridge.changed.connect(self._on_changed)
        self._bridge.job_event.connect(self._on_job_event)

    def show(self, shown: bool) -> None:
        """The queue was entered or left."""
        self.strip.setVisible(shown)
        self._show_sides()
        if shown:
            self.refresh()

    def refresh(self) -> None:
        """Look up what is known, in the background."""
        store = self._project.store
        self._settling.stop()
        self._bridge.run(lambda: seconding.standing(store.reader), self._on_found, owner=self)

    def choose(self, reviewer: str) -> None:
        """Let one side's decision stand, and go on to the next row."""
        example_id = self._area.table.current_id()
        if example_id is not None and not self._project.store.read_only:
            self._deciding.leave()
            self._acts.settle(example_id, reviewer)
            self._area.table.move_current(1)
            self._area.home()

    def choose_number(self, number: int) -> bool:
        """Choose the side of that number, from 0; False while no sides are shown."""
        return self.sides.isVisible() and (self.sides.choose(number) or True)

    # ------------------------------------------------------------ sheets

    def ask_share(self) -> None:
        """Ask what to share: all that matches, but for the queue itself."""
        chosen = replace(self._area.filters.value(), queue="")
        sheet = ShareSheet(self._page, self._project, self._bridge, chosen, sentences.filter_words(chosen))
        sheet.written.connect(self._on_written)
        self._open(sheet)

    def ask_merge(self) -> None:
        """Ask for what came back."""
        sheet = SecondReviewSheet(self._page, self._project, self._bridge)
        sheet.merged.connect(self._on_merged)
        self._open(sheet)

    def start_measuring(self) -> None:
        """Queue the job that measures agreement; its result is shown when it is there."""
        self.measure.setEnabled(False)
        project = self._project
        self._bridge.run(
            lambda: project.jobs.submit(agreement.request(project)), self._on_submitted, self._on_refused, owner=self
        )

    def _open(self, sheet: Sheet) -> None:
        sheet.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        sheet.open()

    def _on_submitted(self, run: Run) -> None:
        self._measuring = run.id

    def _on_refused(self, error: DsbsError) -> None:
        self.measure.setEnabled(True)
        self._bridge.show_error(error)

    def _on_job_event(self, run_id: str, event: Event) -> None:
        if run_id != self._measuring or not isinstance(event.message, Finished | Failed):
            return
        self.refresh()
        if isinstance(event.message, Finished) and event.message.status == "done":
            self.show_agreement(event.message.summary)

    def show_agreement(self, found: Mapping[str, Any]) -> None:
        """The result of the job, in sentences."""
        sheet = Sheet(
            self._page,
            "Agreement of the reviewers",
            subtitle="Where a choice was made already, what was decided here before it is compared.",
            cancel="Close",
        )
        for line in agreement.sentences(found):
            sheet.add(PlainLabel(line, wrap=True, selectable=True))
        sheet.add(PlainLabel(agreement.HOW, tone="muted", type="caption", wrap=True))
        self._open(sheet)

    def _on_written(self, share: Share) -> None:
        left = f"; {plural(share.left_out, 'row')} without an answer of a teacher left out" if share.left_out else ""
        self._page.show_message(
            "good", f"{plural(share.rows, 'row')} written to {share.path}{left}.", agreement.FILL_IN, key="share"
        )

    def _on_merged(self, found: Returned) -> None:
        show_toast(self._page, f"{plural(len(found.reviews), 'decision')} by {found.reviewer} taken in")
        self.refresh()
        self._area.update_asked.emit()

    # ------------------------------------------------------------ showing

    def _on_found(self, found: Standing) -> None:
        self.strip.say(seconding.headline(found), seconding.details(found))
        self.measure.setEnabled(bool(found.reviewers) and not self._project.store.read_only)

    def _on_changed(self, changes: Changes) -> None:
        if self.strip.isVisible() and changes.touches("examples", "reviews"):
            self._settling.start()
            self._show_sides()

    def _show_sides(self) -> None:
        example_id = self._area.table.current_id()
        wanted = not self.strip.isHidden() and self._area.table.selected_count() <= 1 and example_id is not None
        db = self._project.store.reader
        sides = reviews.of_example(db, example_id) if wanted and example_id is not None else []
        self.sides.show_sides(sides, bool(sides) and reviews.settled(db, example_id or 0))
        # The example below scrolls, so it can do with less than it would like.
        self._area.side.setMinimumHeight(1 if sides else 0)
