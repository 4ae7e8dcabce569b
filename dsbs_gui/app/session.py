"""An open project in the window: its bridge, its jobs in the strip, its pages, all closed together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QTimer, Signal

from dsbs_gui.app import nav_counts
from dsbs_gui.app.job_feed import JobFeed
from dsbs_gui.app.pages import Step
from dsbs_gui.core.store.changes import Changes
from dsbs_gui.core.store.runs import Run
from dsbs_gui.kit import words
from dsbs_gui.kit.bridge import Bridge
from dsbs_gui.kit.empty_state import EmptyState
from dsbs_gui.kit.job_strip import JobStrip
from dsbs_gui.kit.nav_list import NavList
from dsbs_gui.kit.theme.tokens import Tone

if TYPE_CHECKING:
    from PySide6.QtWidgets import QStackedWidget, QWidget

    from dsbs_gui.core.project import Project

_COUNT_MS = 500
_BACKUP_MS = 300_000
_COUNTED = ("examples", "answers", "runs", "predictions", "exports")
_BAD_ENDS: dict[str, Tone] = {"failed": "bad", "interrupted": "attention"}


class Session(QObject):
    """Owns the project: ``close`` lets go of everything. Window's thread only.

    Signals:
        go_to(str): a page wants another step.
        page_failed(Exception): a page could not be built or refreshed.
    """

    go_to = Signal(str)
    page_failed = Signal(object)

    def __init__(
        self, project: Project, steps: tuple[Step, ...], stack: QStackedWidget, nav: NavList, strip: JobStrip
    ) -> None:
        super().__init__(stack)
        self.project = project
        self.name = project.name
        self.counted = False
        self.bridge = Bridge(project, self)
        self._steps = {step.key: step for step in steps}
        self._stack, self._nav = stack, nav
        self._pages: dict[str, QWidget] = {}
        self._unseen: dict[str, Tone] = {}
        self._counts: dict[str, int | float] = {}
        self._recount = QTimer(self, singleShot=True, interval=_COUNT_MS)
        self._recount.timeout.connect(self._count)
        self.feed = JobFeed(project, self.bridge, strip, self)
        self.feed.updated.connect(self._show_trailing)
        self.feed.ended.connect(self._on_run_ended)
        self.bridge.changed.connect(self._on_changed)
        self._count()
        if not project.store.read_only:
            project.jobs.begin()
            self._backup = QTimer(self, interval=_BACKUP_MS)
            self._backup.timeout.connect(self._back_up)
            self._backup.start()

    def page(self, key: str) -> QWidget:
        """The page of a step, built when first asked for; in its place an explanation if that fails."""
        found = self._pages.get(key)
        if found is None:
            found = self._build(self._steps[key])
            self._pages[key] = found
            self._stack.addWidget(found)
        return found

    def show(self, key: str) -> QWidget:
        """Bring a step to the front and up to date."""
        page = self.page(key)
        self._stack.setCurrentWidget(page)
        self._unseen.pop(key, None)
        self._show_trailing()
        refresh = getattr(page, "refresh", None)
        if refresh is not None:
            try:
                refresh()
            except Exception as error:
                self.page_failed.emit(error)
        return page

    def _back_up(self) -> None:
        self.bridge.run(lambda: self.project.back_up_if_due("while open"))

    def close(self) -> None:
        """Take the pages away, stop announcing, close the project. Workers go on."""
        self._recount.stop()
        for page in self._pages.values():
            page.hide()  # a page stores its draft when it is hidden
        self.feed.close()
        if not self.project.store.read_only:
            self.project.jobs.close()  # background work that waits for a job would keep the window waiting too
        self.bridge.close()
        for page in self._pages.values():
            self._stack.removeWidget(page)
            page.deleteLater()
            # At once: no timer of a page may ask a project that is closed.
            QCoreApplication.sendPostedEvents(page, QEvent.Type.DeferredDelete.value)
        self.project.close()
        self.deleteLater()

    def _build(self, step: Step) -> QWidget:
        try:
            page: Any = step.build(self.project, self.bridge, self._stack)
            page.go_to.connect(self.go_to)
            if hasattr(page, "ask_teacher"):
                page.ask_teacher.connect(self._ask_teacher)
            if hasattr(page, "measure_asked"):
                page.measure_asked.connect(self._measure)
            return page
        except Exception as error:
            self.page_failed.emit(error)
            state = EmptyState(
                "warning-octagon",
                f"{step.name} could not be opened",
                "The program has a fault here; the report says which. Your project is not affected: the other steps "
                "and the command line work.",
                "Try again",
            )
            assert state.button is not None
            state.button.clicked.connect(lambda: self._try_again(step.key))
            return state

    def _ask_teacher(self, ids: Any, title: str, hint: str, aside: bool) -> None:
        """Another step hands rows to the teacher: go there with them chosen."""
        self.go_to.emit("teacher")
        ask_about = getattr(self.page("teacher"), "ask_about", None)
        if ask_about is not None:  # else the page could not be built, and says so
            ask_about(ids, title, hint, aside)

    def _measure(self) -> None:
        """Another step wants its rationales measured by a teacher: ask by which one, and begin."""
        from dsbs_gui.steps.teacher.lift import plan
        from dsbs_gui.steps.teacher.ui import lift_sheet

        teacher = lift_sheet.ask(self._stack)
        if teacher:
            self.bridge.run(lambda: self.project.jobs.submit(plan.request(self.project, teacher)), owner=self)

    def _try_again(self, key: str) -> None:
        failed = self._pages.pop(key)
        self.show(key)
        self._stack.removeWidget(failed)
        failed.deleteLater()

    # -- what the navigation says -------------------------------------------------------------

    def _on_changed(self, changes: Changes) -> None:
        if changes.touches(*_COUNTED) and not self._recount.isActive():
            self._recount.start()

    def _count(self) -> None:
        self.bridge.run(lambda: nav_counts.counts(self.project.store.reader), self._on_counted, owner=self)

    def _on_counted(self, counts: dict[str, int | float]) -> None:
        self.counted = True
        self._counts = counts
        self._show_trailing()

    def _on_run_ended(self, run: Run) -> None:
        tone = _BAD_ENDS.get(run.state)
        step = next((step for step in self._steps.values() if run.kind in step.kinds), None)
        if tone and step and self._pages.get(step.key) is not self._stack.currentWidget():
            self._unseen[step.key] = tone
            self._show_trailing()

    def _show_trailing(self) -> None:
        working = {run.kind for run in self.feed.runs if run.state in ("running", "paused", "stopping")}
        for key, step in self._steps.items():
            tone: Tone | None = "accent" if working & set(step.kinds) else self._unseen.get(key)
            self._nav.set_trailing(key, "" if tone else said(self._counts.get(key)), tone)


def said(number: int | float | None) -> str:
    """A count as it stands, a share in whole percent; nothing for nothing."""
    if not number:
        return ""
    return words.percent(number, 0) if isinstance(number, float) else words.count(number)
