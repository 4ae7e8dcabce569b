"""The right side of the Training page: the list of runs, and below it what one watches of the chosen ones."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from dsbs_gui.core.store import runs
from dsbs_gui.kit.empty_state import EmptyState
from dsbs_gui.kit.focus import chain
from dsbs_gui.kit.layout import boxed, column
from dsbs_gui.kit.scroller import Scroller
from dsbs_gui.steps.training import deleting, overview, plan
from dsbs_gui.steps.training.defaults import of_run
from dsbs_gui.steps.training.spoken import command_line

from .describe_sheet import DescribeSheet
from .runs_list import RunsList
from .watch_view import WatchView

if TYPE_CHECKING:
    from dsbs_gui.core.project import Project
    from dsbs_gui.kit.bridge import Bridge
    from dsbs_gui.steps.training.overview import RunView, TeacherLine

LANE = "gpu"
"""Students and local teachers share it, and with it the queue."""


class RunsView(QWidget):
    """Signals:
    train_asked: the button of the empty state.
    clone_asked(run id, dict): a run like this one is wanted; its choices, as ``train_request`` takes them.
    told(str): something small was done that is worth a word.
    deleted(run id, int): a run was deleted; bytes that its files take until the project is closed.
    failed(DsbsError): what was wished cannot be.
    """

    train_asked = Signal()
    clone_asked = Signal(str, dict)
    told = Signal(str)
    deleted = Signal(str, object)
    failed = Signal(object)

    def __init__(self, project: Project, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._project, self._bridge = project, bridge
        self._views: dict[str, RunView] = {}
        self._shown: set[str] = set()
        self._looked_at: set[str] = set()
        self._chained: list[str] = []
        self._teacher: TeacherLine | None = None
        self.list = RunsList(not project.store.read_only)
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
        layout = column(self.list, self.watch, gap="m")
        layout.setStretch(1, 1)
        self._content = Scroller(boxed(layout))
        whole = column(self.empty, self._content, gap="none", parent=self)
        whole.setStretch(1, 1)
        self._content.hide()
        for signal, act in (
            (self.list.shown_changed, self._on_shown_changed),
            (self.list.stop_asked, self._stop),
            (self.list.resume_asked, self._resume),
            (self.list.move_asked, self._move),
            (self.list.hold_asked, self._hold),
            (self.list.describe_asked, self._describe),
            (self.list.delete_asked, self._delete),
            (self.list.clone_asked, self._clone),
            (self.list.command_asked, self._copy_command),
        ):
            signal.connect(act)
        if self.empty.button is not None:
            self.empty.button.clicked.connect(self.train_asked)
            self.empty.button.setEnabled(not self._project.store.read_only)

    # ------------------------------------------------------------ what others call

    def refresh(self) -> None:
        """Ask for runs, new points, samples and the teacher's accuracy in the background."""
        db = self._project.store
        self._bridge.run(lambda: overview.teacher_line(db.reader), self._on_teacher_known, owner=self)

    def refresh_runs(self) -> None:
        """The same without the teacher, which reads all its answers."""
        db, known = self._project.store, dict(self._views)
        self._bridge.run(
            lambda: (
                overview.run_views(db.reader, known),
                [run.id for run in runs.queue(db.reader, LANE)],
                runs.held(db.reader, LANE),
            ),
            lambda found: self._on_runs_known(*found),
            owner=self,
        )

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

    def _on_runs_known(self, views: list[RunView], queue: list[str], held: bool) -> None:
        self._views = {view.id: view for view in views}
        self.empty.setVisible(not views)
        self._content.setVisible(bool(views))
        if not views:
            return
        self._shown &= self._views.keys()
        if not self._shown:  # the one at work, else the newest that has begun
            self._shown = {min(views, key=lambda view: (view.run.state == "queued", not view.run.live)).id}
        self.list.show_runs(views, self._shown, queue, held)
        self.watch.show_runs(self._views, self._shown, self._teacher)
        if self.list.order != self._chained:
            self._chained = self.list.order
            chain(self)
        if self._shown != self._looked_at and len(self._shown) == 1:
            self.list.look_at(*self._shown)
        self._looked_at = set(self._shown)

    # ------------------------------------------------------------ wishes

    def _on_shown_changed(self, run_id: str, shown: bool) -> None:
        if shown:
            self._shown.add(run_id)
        elif len(self._shown) > 1:
            self._shown.discard(run_id)
        self.refresh_runs()

    def _wish(self, act: Callable[[], object]) -> None:
        """Do something to runs in the background and show what came of it."""
        self._bridge.run(act, lambda _: self.refresh_runs(), self.failed.emit, owner=self)

    def _stop(self, run_id: str) -> None:
        self._wish(partial(self._project.jobs.stop, run_id))

    def _move(self, run_id: str, step: int) -> None:
        store = self._project.store
        self._wish(lambda: store.write_now(partial(runs.shift, run_id=run_id, step=step)))

    def _hold(self, on: bool) -> None:
        self._wish(partial(self._project.jobs.hold, LANE, on))

    def _describe(self, run_id: str) -> None:
        sheet, store = DescribeSheet(self, self._views[run_id].run), self._project.store
        if sheet.ask():
            title, note = sheet.name.text(), sheet.note.toPlainText()
            self._wish(lambda: store.write_now(partial(runs.describe, run_id=run_id, title=title, note=note)))
        sheet.deleteLater()

    def _delete(self, run_id: str) -> None:
        def tell(size: int) -> None:
            self.refresh_runs()
            self.deleted.emit(run_id, size)

        self._bridge.run(partial(deleting.delete, self._project, run_id), tell, self.failed.emit, owner=self)

    def bring_back(self, run_id: str) -> None:
        """Take a deletion back."""
        store = self._project.store
        self._wish(lambda: store.write_now(partial(runs.restore, run_id=run_id)))

    def _clone(self, run_id: str) -> None:
        run = self._views[run_id].run
        self._bridge.run(lambda: of_run(run), lambda choices: self.clone_asked.emit(run_id, choices), owner=self)

    def _copy_command(self, run_id: str) -> None:
        run, folder = self._views[run_id].run, self._project.folder
        self._bridge.run(lambda: command_line(folder, of_run(run)), self._on_command, owner=self)

    def _on_command(self, line: str) -> None:
        QGuiApplication.clipboard().setText(line)
        self.told.emit("The command is on the clipboard")

    def _resume(self, run_id: str) -> None:
        project, method = self._project, str(self._views[run_id].run.spec.get("method", ""))
        self._bridge.run(
            lambda: project.jobs.submit(plan.train_request(project, method=method, resume=run_id)),
            lambda run: self.show_run(run.id),
            self.failed.emit,
            owner=self,
        )
