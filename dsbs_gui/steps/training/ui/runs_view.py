"""The right side of the Training page: the list of runs, and below it what one watches of the chosen ones."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from dsbs_gui.kit.card import Card
from dsbs_gui.kit.empty_state import EmptyState
from dsbs_gui.kit.layout import boxed, column, hairline
from dsbs_gui.kit.scroller import Scroller
from dsbs_gui.kit.words import plural
from dsbs_gui.steps.training import overview, plan

from .run_row import RunRow
from .watch_view import WatchView

if TYPE_CHECKING:
    from dsbs_gui.core.project import Project
    from dsbs_gui.kit.bridge import Bridge
    from dsbs_gui.steps.training.overview import RunView, TeacherLine

_ROWS_IN_SIGHT = 4


class RunsView(QWidget):
    """Signals:
    train_asked: the button of the empty state.
    """

    train_asked = Signal()

    def __init__(self, project: Project, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._project, self._bridge = project, bridge
        self._views: dict[str, RunView] = {}
        self._rows: dict[str, RunRow] = {}
        self._shown: set[str] = set()
        self._teacher: TeacherLine | None = None
        self.watch = WatchView(project, bridge)
        self.empty = EmptyState(
            "chart-line-up",
            "No student has been trained yet",
            "Losses and accuracy appear here while a student learns. A baseline beside it shows what the "
            "rationales are worth.",
            "Train",
            button_icon="play",
        )
        self._build()

    def _build(self) -> None:
        self._list = column(gap="s")
        self._list.addStretch(1)
        self._scroller = Scroller(boxed(self._list))
        self._runs_card = Card("Runs", self._scroller, note=" ")
        layout = column(self._runs_card, self.watch, gap="m")
        layout.setStretch(1, 1)
        self._content = Scroller(boxed(layout))
        whole = column(self.empty, self._content, gap="none", parent=self)
        whole.setStretch(1, 1)
        self._content.hide()
        if self.empty.button is not None:
            self.empty.button.clicked.connect(self.train_asked)
            self.empty.button.setEnabled(not self._project.store.read_only)

    # ------------------------------------------------------------ what others call

    def has_runs(self) -> bool:
        """There has been a training run."""
        return bool(self._views)

    def refresh(self) -> None:
        """Ask for runs, new points, samples and the teacher's accuracy in the background."""
        db = self._project.store
        self._bridge.run(lambda: overview.teacher_line(db.reader), self._on_teacher_known, owner=self)

    def refresh_runs(self) -> None:
        """The same without the teacher, which reads all its answers."""
        db, known = self._project.store, dict(self._views)
        self._bridge.run(lambda: overview.run_views(db.reader, known), self._on_runs_known, owner=self)

    def show_run(self, run_id: str) -> None:
        """Draw this run alone from now on."""
        self._shown = {run_id}
        self.refresh_runs()

    def shown(self) -> set[str]:
        """Runs whose curves are drawn."""
        return set(self._shown)

    # ------------------------------------------------------------ answers

    def _on_teacher_known(self, teacher: TeacherLine | None) -> None:
        self._teacher = teacher
        self.refresh_runs()

    def _on_runs_known(self, views: list[RunView]) -> None:
        self._views = {view.id: view for view in views}
        self.empty.setVisible(not views)
        self._content.setVisible(bool(views))
        if not views:
            return
        self._shown &= set(self._views) or {views[0].id}
        if not self._shown:
            self._shown = {views[0].id}
        self._show_rows(views)
        self.watch.show_runs(self._views, self._shown, self._teacher)

    def _show_rows(self, views: list[RunView]) -> None:
        may_act = not self._project.store.read_only
        for view in reversed(views):  # the oldest first, each new one goes on top
            row = self._rows.get(view.id)
            if row is None:
                row = self._rows[view.id] = RunRow(view)
                row.shown_changed.connect(self._on_shown_changed)
                row.stop_asked.connect(self._stop)
                row.resume_asked.connect(self._resume)
                self._list.insertWidget(0, row)
                if len(self._rows) > 1:
                    self._list.insertWidget(1, hairline())
            row.show_view(view, may_act)
            row.set_shown(view.id in self._shown)
        a_row = self._rows[views[0].id].sizeHint().height() + 2 * self._list.spacing() + 1
        self._scroller.setFixedHeight(min(len(views), _ROWS_IN_SIGHT) * a_row - self._list.spacing())
        self._runs_card.set_note(plural(len(views), "run"))

    # ------------------------------------------------------------ wishes

    def _on_shown_changed(self, run_id: str, shown: bool) -> None:
        if shown:
            self._shown.add(run_id)
        elif len(self._shown) > 1:
            self._shown.discard(run_id)
        self.refresh_runs()

    def _stop(self, run_id: str) -> None:
        self._bridge.run(partial(self._project.jobs.stop, run_id), lambda _: self.refresh_runs(), owner=self)

    def _resume(self, run_id: str) -> None:
        project, method = self._project, str(self._views[run_id].run.spec.get("method", ""))
        self._bridge.run(
            lambda: project.jobs.submit(plan.train_request(project, method=method, resume=run_id)),
            lambda run: self.show_run(run.id),
            owner=self,
        )
