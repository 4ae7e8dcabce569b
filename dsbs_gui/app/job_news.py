"""How the runs of the open project end, told once and where the person looks; and one run in full on a sheet."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QApplication

from dsbs_gui.app.pages import Step, step_of_kind
from dsbs_gui.kit.toast import show_toast

if TYPE_CHECKING:
    from pathlib import Path

    from dsbs_gui.app.session import Session
    from dsbs_gui.app.window import Window
    from dsbs_gui.core.store.runs import Run, RunWarning
    from dsbs_gui.kit.message_bar import Kind, MessageArea


class JobNews(QObject):
    """One an open project. Window's thread only.

    A page may have ``tells_end(run)``: whether it says itself how a run ended, as it stands on the screen now. Such
    an end is not told a second time.
    """

    def __init__(self, window: Window, session: Session, steps: tuple[Step, ...]) -> None:
        super().__init__(session)
        self._window, self._session, self._steps = window, session, steps
        self._told: list[tuple[Run, MessageArea]] = []
        session.feed.ended.connect(self._on_run_ended)

    def show_run(self, run_id: str) -> None:
        """Show one run in full."""
        session, run = self._session, self._session.feed.find(run_id)
        if run is None:
            return
        from dsbs_gui.app.resuming import can_resume
        from dsbs_gui.core.jobs.folder import RunFolder
        from dsbs_gui.core.store import runs

        folder = session.project.run_folder(run_id)

        def read() -> tuple[str, list[RunWarning], bool]:
            db = session.project.store.reader
            resumable = can_resume(run) and run_id not in runs.continued(db)
            return RunFolder(folder).log_tail(), runs.warnings(db, run_id), resumable

        session.bridge.run(read, lambda found: self._show_sheet(run, folder, *found), owner=self)

    def page_left(self, page: object) -> None:
        """Another page is about to be shown: what this one has said itself need not stand elsewhere any more."""
        for run, area in [told for told in self._told if self._is_told_by(page, told[0])]:
            area.clear(run.id)
            self._told.remove((run, area))

    def _on_run_ended(self, run: Run) -> None:
        if run.state == "done":
            show_toast(self._window, f"{run.title}: done")
        elif run.state in ("failed", "interrupted"):
            QApplication.alert(self._window)
            if not self._is_told_by(self._window.stack.currentWidget(), run):
                self._tell_bad_end(run)

    def _is_told_by(self, page: object, run: Run) -> bool:
        """A page looks after one run of a kind; while another one goes on it may be that one."""
        tells = getattr(page, "tells_end", None)
        others = any(other.kind == run.kind for other in self._session.feed.live())
        return tells is not None and not others and bool(tells(run))

    def _tell_bad_end(self, run: Run) -> None:
        word = "failed" if run.state == "failed" else "was interrupted"
        kind: Kind = "bad" if run.state == "failed" else "attention"
        text = f"“{run.title}” {word}: {run.reason}"
        area = self._window.message_area()
        bar = area.show_message(kind, text, run.hint, "Details", key=run.id)
        bar.action_asked.connect(partial(self.show_run, run.id))
        self._told.append((run, area))

    def _show_sheet(self, run: Run, folder: Path, log_tail: str, warnings: list[RunWarning], resumable: bool) -> None:
        from dsbs_gui.app.job_sheet import JobSheet

        window, step = self._window, step_of_kind(run.kind, self._steps)
        shown_elsewhere = step is not None and step.key != window.nav.current_key()
        name = step.name if step and shown_elsewhere else ""
        sheet = JobSheet(window, run, folder, log_tail, warnings, resumable=resumable, step=name)
        sheet.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if step is not None:
            sheet.step_asked.connect(lambda: window.go_to(step.key))
        sheet.stop_asked.connect(partial(self._session.feed.stop, run.id))
        sheet.resume_asked.connect(partial(self._session.feed.go_on, run))
        sheet.open()
