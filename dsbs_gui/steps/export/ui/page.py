"""The Export page: the student at the left, the data beside it, below what was taken away so far."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QTimer, Signal

from dsbs_gui.core.protocol import Finished
from dsbs_gui.kit.empty_state import EmptyState
from dsbs_gui.kit.layout import boxed, column, px, row
from dsbs_gui.kit.page import Page
from dsbs_gui.kit.scroller import Scroller
from dsbs_gui.kit.toast import show_toast
from dsbs_gui.kit.words import plural, size
from dsbs_gui.steps.export import plan
from dsbs_gui.steps.export.overview import Overview, chosen_rows, overview

from .data_card import DataCard
from .export_list import ExportList
from .student_card import StudentCard

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from dsbs_gui.core.errors import DsbsError
    from dsbs_gui.core.project import Project
    from dsbs_gui.core.protocol import Event
    from dsbs_gui.core.store.changes import Changes
    from dsbs_gui.core.store.runs import Run
    from dsbs_gui.kit.bridge import Bridge

_SETTLE_MS = 300


class ExportPage(Page):
    """Signals:
    go_to(step): the user wants to go to another step.
    """

    go_to = Signal(str)

    def __init__(self, project: Project, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__("Export", margin=False, parent=parent)
        self._project, self._bridge = project, bridge
        self._generation = 0
        folder = project.folder / "exports"
        name = re.sub(r"[^\w.-]+", "-", project.name).strip("-.") or "data"
        self.student = StudentCard(folder)
        self.data = DataCard(folder, name)
        self.list = ExportList()
        self._settling = QTimer(self, singleShot=True, interval=_SETTLE_MS)
        self._build()
        self._connect()

    def _build(self) -> None:
        cards = row(gap="l")
        cards.addWidget(self.student, 1)
        cards.addWidget(self.data, 1)
        content = column(gap="l")
        content.addLayout(cards)
        content.addWidget(self.list)
        content.addStretch(1)
        scrolled = boxed(content)
        content.setContentsMargins(px("xl"), px("l"), px("xl"), px("l"))
        self.body.addWidget(Scroller(scrolled))
        allowed = not self._project.store.read_only
        self.student.set_allowed(allowed)
        self.data.set_allowed(allowed)

    def _connect(self) -> None:
        self._settling.timeout.connect(self.refresh)
        self._bridge.changed.connect(self._on_changed)
        self._bridge.job_event.connect(self._on_job_event)
        self.student.export_asked.connect(self.export_student)
        self.data.export_asked.connect(self.export_data)
        self.data.chosen.connect(self._count_rows)

    # ------------------------------------------------------------ what others call

    def refresh(self) -> None:
        """Bring everything up to date in the background; what the user has chosen stays."""
        store = self._project.store
        self._bridge.run(lambda: overview(store.reader), self._show, owner=self)

    def export_student(self) -> None:
        """Queue the export of the chosen student."""
        run_id, file_format, out = self.student.run_id(), self.student.format(), self.student.target.text()
        student_dir = self._project.run_folder(run_id)  # the job finds the best checkpoint in it

        def submit() -> Run:
            request = plan.student_request(self._project, run_id, student_dir=student_dir, format=file_format, out=out)
            return self._project.jobs.submit(request)

        self._submit(submit)

    def export_data(self) -> None:
        """Queue the export of the chosen rows."""
        choices: dict[str, Any] = {
            "format": self.data.format_choice.value(),
            "out": self.data.target.text(),
            "statuses": self.data.chosen_states(),
            "splits": self.data.chosen_splits(),
        }
        self._submit(lambda: self._project.jobs.submit(plan.data_request(self._project, **choices)))

    # ------------------------------------------------------------ showing

    def _show(self, found: Overview) -> None:
        if not found.rows and not found.students and not found.exports:
            self._show_nothing()
            return
        self.show_content()
        self.header.set_subtitle(
            f"{plural(len(found.students), 'student')} · {plural(found.rows, 'row')} · "
            f"{plural(len(found.exports), 'export')}"
        )
        self.student.show_students(found.students, found.exports)
        self.data.show_overview(found)
        self.list.show_exports(found.exports)
        self._count_rows()

    def _show_nothing(self) -> None:
        self.header.set_subtitle("")
        empty = EmptyState(
            "package",
            "Nothing to export yet",
            "Students and curated rows can be taken away once there are some. It begins with the data.",
            "Go to Data",
        )
        assert empty.button is not None
        empty.button.clicked.connect(lambda: self.go_to.emit("data"))
        self.show_empty(empty)

    def _count_rows(self) -> None:
        self._generation += 1
        generation, store = self._generation, self._project.store
        states, splits = self.data.chosen_states(), self.data.chosen_splits()

        def show(rows: int) -> None:
            if generation == self._generation:
                self.data.show_rows(rows)

        self._bridge.run(lambda: chosen_rows(store.reader, states, splits), show, owner=self)

    # ------------------------------------------------------------ handlers

    def _submit(self, submit: Any) -> None:
        self.messages.clear()
        self._bridge.run(submit, lambda run: show_toast(self, f"{run.title}: queued."), self._on_refused, self)

    def _on_refused(self, error: DsbsError) -> None:
        self.show_message("bad", error.message, error.hint, key="export")

    def _on_changed(self, changes: Changes) -> None:
        if changes.touches("examples", "runs", "exports") and not self._settling.isActive():
            self._settling.start()

    def _on_job_event(self, run_id: str, event: Event) -> None:
        if not run_id.startswith("export-"):
            return
        message = event.message
        if isinstance(message, Finished) and message.status == "done":
            summary = message.summary
            proof = f", verified on {plural(summary['probes'], 'input')}" if summary.get("verified") else ""
            rows = f"{plural(summary['rows'], 'row')}, " if "rows" in summary else ""
            self.show_message("good", f"Exported {rows}{size(summary['bytes'])}{proof}.", summary["path"], key=run_id)
